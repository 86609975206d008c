"""SavedModel folders: Keras models saved by ``export`` or by older versions, and others like them.

A SavedModel holds a compiled graph, not layers: what feeds the last matrix product is found in
that graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import ModelDescription, Options, damage_said, file_digest
from embeddings.backbones.graphs.frozen_graph import freeze
from embeddings.backbones.graphs.saved_model_graph import graph_of, refuse_unsafe
from embeddings.backbones.runtime.graph_extractor import (
    DEFAULT_SIZE,
    Compute,
    GraphExtractor,
    Opened,
    described,
)
from embeddings.backbones.runtime.precision import Precision, refuse_unsupported
from embeddings.backbones.runtime.threads import pace
from embeddings.errors import ModelError

_SIGNATURES: Final = ("serving_default", "serve")


def _read(path: Path, *, allow_code: bool) -> tuple[Any, Any, tuple[str, ...]]:
    """Return the model, which owns its tables, its graph as one flat function, and its outputs."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    if not allow_code:
        refuse_unsafe(path)
    try:
        loaded = tf.saved_model.load(str(path))
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise ModelError(
            f"{path} can't be loaded as a SavedModel.",
            hint="See that the folder is whole; save it again with model.export(folder).",
        ) from error
    name = next((n for n in (*_SIGNATURES, *loaded.signatures) if n in loaded.signatures), None)
    if name is None:
        raise ModelError(
            f"{path} has no serving signature.", hint="Save it again with model.export(folder)."
        )
    # What feeds the head often lies inside a called function: laid open, it can be seen.
    flat = convert_variables_to_constants_v2(loaded.signatures[name])
    if len(flat.inputs) != 1 or not _is_image(flat.inputs[0]):
        given = ", ".join(f"{t.dtype.name} {t.shape}" for t in flat.inputs)
        raise ModelError(
            f"{path} takes {given or 'nothing'}, not one RGB image (n, height, width, 3).",
            hint="Give a classifier of RGB images.",
        )
    names = loaded.signatures[name].structured_outputs
    named = tuple(sorted(names)) if isinstance(names, dict) else ()
    return loaded, flat, named if len(named) == len(flat.outputs) else ()


def _is_image(tensor: Any) -> bool:
    if tensor.shape.rank != 4 or not (tensor.dtype.is_floating or tensor.dtype.name == "uint8"):
        return False
    return 3 in (tensor.shape[3], tensor.shape[1])


def _tensors(
    loaded: Any, flat: Any, names: tuple[str, ...], precision: Precision, first: bool
) -> Compute:
    """Return a function for the tensors of those names, pruned to what they need.

    ``loaded`` owns the tables that the graph looks into, and must live as long.
    """
    import tensorflow as tf

    pruned = flat.prune(flat.inputs, [flat.graph.get_tensor_by_name(name) for name in names])
    function = freeze(pruned, precision)
    dtype = flat.inputs[0].dtype.as_numpy_dtype
    owner = loaded

    def compute(x: NDArray[Any]) -> Sequence[NDArray[Any]]:
        x = x.astype(dtype, copy=False)
        if first:
            x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
        assert owner is not None
        made = function(tf.constant(x))
        return [np.asarray(out) for out in (made if isinstance(made, list | tuple) else [made])]

    return compute


def _input_size(path: Path, shape: Any, first: bool) -> tuple[int, tuple[str, ...]]:
    height, width = shape[2:4] if first else shape[1:3]
    if not height or not width:
        known = int(height or width or DEFAULT_SIZE)
        return known, (f"The model takes any size; images are given at {known} px.",)
    if height != width:
        raise ModelError(f"{path} takes {height} by {width} px.", hint="Only square is supported.")
    return int(height), ()


def _by_name(graph: Any, layer: str) -> str | None:
    try:
        found: str = graph.get_tensor_by_name(layer if ":" in layer else f"{layer}:0").name
    except (KeyError, ValueError):
        return None
    return found


def _open(path: Path, options: Options) -> Opened:
    refuse_unsupported(options.precision)
    loaded, flat, names = _read(path, allow_code=options.allow_code)
    given = flat.inputs[0]
    first = given.shape[3] != 3
    size, size_notes = _input_size(path, given.shape, first)
    return Opened(
        path=path,
        format="SavedModel",
        digest=file_digest(path),
        graph=graph_of(flat, names),
        tensors=lambda wanted: _tensors(loaded, flat, wanted, options.precision, first),
        input_size=size,
        size_notes=size_notes,
        usual="0..1",
        step=None if given.shape[0] is None else int(given.shape[0]),
        eight_bit=given.dtype.name == "uint8",
        pace=pace(),
        named=lambda layer: _by_name(flat.graph, layer),
    )


def load(path: Path, options: Options) -> GraphExtractor:
    """Load a SavedModel folder."""
    with damage_said(path, "a SavedModel"):
        return GraphExtractor(_open(path, options), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a SavedModel folder."""
    return described(load(path, options))
