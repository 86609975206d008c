"""A frozen TensorFlow graph as ``graph.Op``s, and what must not be in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from embeddings.backbones.graphs.penultimate import Kind, Op
from embeddings.errors import ModelError

_KINDS: Final[dict[str, Kind]] = {
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid",
    "Relu": "bend", "Relu6": "bend", "Elu": "bend", "LeakyRelu": "bend",
    "Reshape": "shape", "Squeeze": "shape", "Cast": "shape", "ExpandDims": "shape",
    "Transpose": "shape", "StridedSlice": "shape", "ReverseV2": "shape", "Pad": "shape",
    "Identity": "dropout", "StopGradient": "dropout", "PreventGradient": "dropout",
    "Add": "add", "AddV2": "add", "BiasAdd": "add", "Sub": "sub", "Mul": "mul",
    "RealDiv": "div", "Div": "div",
}  # fmt: skip
# Operations that run code, or touch files or the network.
_UNSAFE: Final = frozenset(
    {
        "PyFunc", "PyFuncStateless", "EagerPyFunc", "ReadFile", "WriteFile", "MatchingFiles",
        "PrintV2", "LoadLibrary", "DebugIdentity", "DebugIdentityV2", "WriteSummary",
        "WriteGraphSummary", "CreateSummaryFileWriter", "SaveSlices", "FixedLengthRecordReaderV2",
        "TextLineReaderV2", "WholeFileReaderV2", "TFRecordReaderV2", "RpcCall", "RpcClient",
        "DataServiceDatasetV4", "TextLineDataset", "TFRecordDataset", "FixedLengthRecordDatasetV2",
        "FileSystemSetConfiguration", "DeleteFile",
    }
)  # fmt: skip


def refuse_unsafe(folder: Path) -> None:
    """Read the graph without loading it, and refuse what could run code or touch files.

    Raises
    ------
    ModelError
        The folder holds no readable graph, or such an operation.
    """
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    pack = SavedModel()
    try:
        pack.ParseFromString((folder / "saved_model.pb").read_bytes())
    except (DecodeError, OSError) as error:
        raise ModelError(
            f"{folder} can't be loaded as a SavedModel: its graph can't be read.",
            hint="See that the folder is whole; save it again with model.export(folder).",
        ) from error
    graphs = [meta.graph_def for meta in pack.meta_graphs]
    nodes = [n for g in graphs for n in g.node]
    nodes += [n for g in graphs for function in g.library.function for n in function.node_def]
    found = sorted({n.op for n in nodes} & _UNSAFE)
    if found:
        raise ModelError(
            f"{folder} would run code or touch files ({', '.join(found)}), which is not done.",
            hint="Export it without them; if you trust the file, add --trust-model-code.",
        )


def ops_of(graph: Any) -> tuple[Op, ...]:
    """Translate a ``tf.Graph`` in which variables are constants already."""
    constants: set[str] = set()
    ops: list[Op] = []
    for operation in graph.get_operations():  # in an order in which inputs come first
        flowing = tuple(t.name for t in operation.inputs if t.name not in constants)
        if not flowing and operation.type != "Placeholder":
            constants.update(t.name for t in operation.outputs)
        elif flowing and operation.outputs:
            ops.append(_op(operation, flowing, constants))
    return tuple(ops)


def _op(operation: Any, flowing: tuple[str, ...], constants: set[str]) -> Op:
    output = operation.outputs[0]
    shape = _shape(output)
    kind: Kind = _KINDS.get(operation.type, "other")
    constant = None
    weighed = len(flowing) == 1
    if operation.type == "MatMul" and weighed:
        kind = "dense"
    elif operation.type == "Conv2D" and weighed and _is_one_by_one(operation):
        kind = "conv"
    elif operation.type == "Mean" and len(_shape(operation.inputs[0]) or ()) == 3:
        one_place = shape is not None and (len(shape) == 1 or shape[:2] == (1, 1))
        kind = "pool" if one_place else "other"
    elif kind in ("add", "sub", "mul", "div"):
        constant = _mean(operation, constants)
        if not weighed or (constant is None and kind != "add"):
            kind = "other"
    return Op(kind, flowing, output.name, output.name, shape, constant)


def _shape(tensor: Any) -> tuple[int, ...] | None:
    if tensor.shape.rank is None:
        return None
    return tuple(int(s or 0) for s in tensor.shape[1:])


def _is_one_by_one(operation: Any) -> bool:
    return tuple(operation.inputs[1].shape[:2]) == (1, 1)


def _mean(operation: Any, constants: set[str]) -> float | None:
    import tensorflow as tf

    for tensor in operation.inputs:
        if tensor.name in constants:
            value = tf.get_static_value(tensor)
            return None if value is None else float(np.mean(value))
    return None
