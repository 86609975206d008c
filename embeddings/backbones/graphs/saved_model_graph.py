"""A frozen TensorFlow graph as ``graph.Op``s, and what must not be in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from embeddings.backbones.graphs.ops import Graph, Kind, Op, kinds_table
from embeddings.errors import ModelError

_KINDS: Final = kinds_table(
    softmax="Softmax",
    log_softmax="LogSoftmax",
    sigmoid="Sigmoid",
    bend="Relu Relu6 Elu LeakyRelu Selu Tanh Softplus Softsign Exp Expm1 Log Log1p Sqrt Rsqrt "
    "Square Abs Erf Erfc Reciprocal Inv ClipByValue",
    affine="BiasAdd Neg",
    shape="Reshape Squeeze Cast Bitcast ExpandDims Transpose StridedSlice Slice ReverseV2 Pad "
    "PadV2 MirrorPad Gather GatherV2 Split SplitV Unpack Tile BroadcastTo SpaceToDepth "
    "DepthToSpace SpaceToBatchND BatchToSpaceND ResizeBilinear ResizeNearestNeighbor "
    "ResizeBicubic ResizeArea CropAndResize",
    quantise="FakeQuantWithMinMaxVars FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVarsPerChannel "
    "QuantizeAndDequantizeV4 QuantizeAndDequantizeV3",
    dropout="Identity IdentityN StopGradient PreventGradient Snapshot EnsureShape",
    norm="FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 L2Loss",
    mix="Add AddV2 AddN Sub Mul RealDiv Div Maximum Minimum Pow SquaredDifference ConcatV2 Pack "
    "Mean DivNoNan MulNoNan Select SelectV2 BitwiseAnd BitwiseOr BitwiseXor",
    pick="ArgMax ArgMin TopKV2 TopK Max Min Sum Prod All Any Greater GreaterEqual Less LessEqual "
    "Equal NotEqual LogicalNot LogicalAnd LogicalOr IsNan IsInf IsFinite Where OneHot Round Floor "
    "Ceil Sign LookupTableFindV2 AsString InTopKV2 Unique",
    dense="MatMul BatchMatMul BatchMatMulV2 BatchMatMulV3 Einsum _FusedMatMul",
    conv="Conv2D _FusedConv2D",
)
_REDUCTIONS: Final = frozenset({"Mean", "Max", "AvgPool", "MaxPool"})
_SIZES: Final = frozenset({"Shape", "ShapeN", "Size", "Rank"})
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


def graph_of(function: Any, names: Sequence[str] = ()) -> Graph:
    """Translate a concrete function of one input in which variables are constants already.

    ``names`` are those that its signature gives its outputs.
    """
    constants: set[str] = set()  # and sizes: they hold nothing of what an image shows
    ops: list[Op] = []
    for operation in function.graph.get_operations():  # in an order in which inputs come first
        flowing = tuple(t.name for t in operation.inputs if t.name not in constants)
        if operation.type in _SIZES or (not flowing and operation.type != "Placeholder"):
            constants.update(t.name for t in operation.outputs)
        elif flowing and operation.outputs:
            ops += _ops(operation, flowing)
    called = names or [t.name for t in function.outputs]
    outputs = tuple((t.name, n) for t, n in zip(function.outputs, called, strict=True))
    return Graph(tuple(ops), function.inputs[0].name, outputs)


def _ops(operation: Any, flowing: tuple[str, ...]) -> list[Op]:
    kind = _kind(operation, flowing)
    return [
        Op(kind, flowing, out.name, out.name, _shape(out), whole=not out.dtype.is_floating)
        for out in operation.outputs
    ]


def _kind(operation: Any, flowing: tuple[str, ...]) -> Kind:
    kind = _KINDS.get(operation.type, "other")
    weighed = len(flowing) == 1
    if kind == "dense":
        return "dense" if weighed else "other"
    if kind == "conv":
        if not weighed:
            return "other"
        return "conv" if tuple(operation.inputs[1].shape[:2]) == (1, 1) else "wide_conv"
    if operation.type in _REDUCTIONS and _pools(operation):
        return "pool"
    if operation.type in ("Gather", "GatherV2") and operation.inputs[0].name not in flowing:
        return "pick"  # names looked up by class numbers
    if kind == "mix" and weighed and len(operation.inputs) > 1 and operation.type != "Mean":
        return _with_constant(operation.type)
    return kind


def _with_constant(name: str) -> Kind:
    """Return what arithmetic is of which all operands but one are constants."""
    if name in ("Maximum", "Minimum", "Pow", "SquaredDifference"):
        return "bend"
    return "shape" if name == "ConcatV2" else "affine"


def _pools(operation: Any) -> bool:
    """Whether a reduction is over all places of a map."""
    before, after = _shape(operation.inputs[0]), _shape(operation.outputs[0])
    if before is None or after is None or len(before) != 3:
        return False
    return len(after) == 1 or after[:2] == (1, 1)


def _shape(tensor: Any) -> tuple[int, ...] | None:
    if tensor.shape.rank is None:
        return None
    return tuple(int(s or 0) for s in tensor.shape[1:])
