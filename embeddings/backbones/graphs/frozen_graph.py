"""A model's function with its weights as constants, which TensorFlow's optimiser can work on.

Batch normalisation is then folded into the convolution before it, and oneDNN keeps the weights in
the order it wants them instead of sorting them anew each call. In the same pass a lower precision
can be laid over the operations that stand it: matrix products and convolutions, and what lies
between them. Nothing of this is a setting of the process.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, Final

from embeddings.backbones.runtime.precision import Precision
from embeddings.errors import ModelError

MOST_PARAMETERS: Final = 40_000_000
"""Above this a model computes from its variables: constants are copied some fifteen times on
their way through TensorFlow's compilation, 60 bytes of memory a parameter."""

_REWRITES: Final[dict[Precision, str]] = {
    "bf16": "auto_mixed_precision_onednn_bfloat16",
    "fp16": "auto_mixed_precision",
}
_TYPES: Final[dict[Precision, str]] = {"bf16": "bfloat16", "fp16": "float16"}


def freeze(function: Any, precision: Precision = "fp32") -> Callable[[Any], Any]:
    """Return a concrete function of one input with constants for variables.

    Parameters
    ----------
    function
        A ``ConcreteFunction``; ones that hold no variables are left as they are.
    precision
        What to compute in where that is safe; inputs and outputs keep their types.

    Raises
    ------
    ModelError
        Nothing in the model can be computed in that precision here.
    """
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    flat: Callable[[Any], Any] = function
    if function.variables:
        flat = convert_variables_to_constants_v2(function)
        gc.collect()  # cycles hold copies of the weights, and the first call needs as much again
    return flat if precision == "fp32" else _lowered(flat, precision)


def _lowered(flat: Any, precision: Precision) -> Any:
    """Return ``flat``, a function without variables, computing in ``precision``."""
    import tensorflow as tf
    from tensorflow.core.protobuf import config_pb2, rewriter_config_pb2
    from tensorflow.python.eager.wrap_function import function_from_graph_def
    from tensorflow.python.grappler import cluster, tf_optimizer
    from tensorflow.python.training.saver import export_meta_graph

    names = [t.name for t in flat.inputs], [t.name for t in flat.outputs]
    meta = export_meta_graph(graph_def=flat.graph.as_graph_def(), graph=flat.graph)
    meta.collection_def["train_op"].node_list.value.extend(n for part in names for n in part)
    config = config_pb2.ConfigProto()
    rewriting = config.graph_options.rewrite_options
    rewriting.min_graph_nodes = -1  # small graphs too
    rewriting.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
    setattr(rewriting, _REWRITES[precision], rewriter_config_pb2.RewriterConfig.ON)
    # the devices of this process, without which nothing is lowered for a GPU
    graph = tf_optimizer.OptimizeGraph(config, meta, cluster=cluster.Cluster())
    lower = tf.as_dtype(_TYPES[precision]).as_datatype_enum
    if not any(n.op == "Cast" and n.attr["DstT"].type == lower for n in graph.node):
        raise ModelError(
            f"TensorFlow computes nothing of this model in {precision} on this machine.",
            hint="Leave out --precision.",
        )
    return function_from_graph_def(graph, *names)
