"""An ONNX graph as ``ops.Op``s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from embeddings.backbones.graphs.ops import Graph, Kind, Op, kinds_table

Shapes = dict[str, tuple[int, ...]]

_KINDS: Final = kinds_table(
    softmax="Softmax QLinearSoftmax",
    log_softmax="LogSoftmax",
    sigmoid="Sigmoid QLinearSigmoid",
    bend="Relu LeakyRelu PRelu Clip HardSwish HardSigmoid Elu Selu Celu Tanh Softplus Softsign "
    "ThresholdedRelu Gelu Mish Swish Erf Exp Log Sqrt Abs Reciprocal FastGelu BiasGelu QuickGelu "
    "QLinearLeakyRelu",
    affine="Neg",
    shape="Reshape Flatten Squeeze Unsqueeze Transpose Pad Resize Upsample Cast CastLike Slice "
    "Gather Expand Tile Split SpaceToDepth DepthToSpace CenterCropPad",
    quantise="QuantizeLinear DequantizeLinear DynamicQuantizeLinear",
    dropout="Dropout Identity",
    pool="GlobalAveragePool GlobalMaxPool QLinearGlobalAveragePool",
    norm="BatchNormalization LayerNormalization LpNormalization RMSNormalization "
    "SimplifiedLayerNormalization Normalizer",
    mix="Add Sub Mul Div Sum Mean Max Min Pow Concat QLinearAdd QLinearMul QLinearConcat "
    "ReduceMean Where",
    pick="ArgMax ArgMin TopK Hardmax ReduceMax ReduceMin ReduceSum ReduceProd ReduceL1 ReduceL2 "
    "ReduceSumSquare ReduceLogSum ReduceLogSumExp Greater GreaterOrEqual Less LessOrEqual Equal "
    "Not And Or IsNaN IsInf NonZero OneHot Round Floor Ceil Sign ZipMap ArrayFeatureExtractor "
    "LabelEncoder Compress Unique",
    dense="Gemm MatMul FusedMatMul MatMulInteger QLinearMatMul QGemm DynamicQuantizeMatMul "
    "MatMulIntegerToFloat MatMulNBits Einsum",
    conv="Conv QLinearConv ConvInteger",
)
_QUANTISED: Final = frozenset({"QLinearMatMul", "QGemm", "QLinearConv"})
_MEANS: Final = frozenset({"ReduceMean Where", "ReduceMax"})
# Whose maps have channels first, whatever stands around them.
_CHANNELS_FIRST: Final = frozenset(
    {
        "Conv", "QLinearConv", "ConvInteger", "ConvTranspose", "MaxPool", "AveragePool",
        "QLinearAveragePool", "GlobalAveragePool", "GlobalMaxPool", "QLinearGlobalAveragePool",
        "BatchNormalization", "InstanceNormalization", "GroupNormalization", "Resize", "Upsample",
        "DepthToSpace", "SpaceToDepth", "LRN",
    }
)  # fmt: skip
_WHOLE: Final = frozenset({5, 6, 7, 8, 9, 12, 13})  # of TensorProto: integers, text, truth


def graph_of(model: Any) -> Graph:
    """Translate an ONNX model."""
    graph = model.graph
    shapes = shapes_of(model)
    constants = constants_of(graph)
    sides = sides_of(graph, constants)
    ops = [op for node in graph.node for op in _ops(node, constants, sides, shapes)]
    first = layouts_of(model)
    types = _types(model)
    ops = [_finished(op, first.get(op.output, False), types.get(op.output, 1)) for op in ops]
    weighed = {w.name for w in graph.initializer}
    given = next(i.name for i in graph.input if i.name not in weighed)
    return Graph(tuple(ops), given, tuple((o.name, o.name) for o in graph.output))


def _is_side(name: str, constants: dict[str, Any], sides: set[str]) -> bool:
    return not name or name in constants or name in sides


def _finished(op: Op, first: bool, element: int) -> Op:
    shape = op.shape
    if first and shape is not None and len(shape) == 3:
        shape = (*shape[1:], shape[0])
    return Op(op.kind, op.inputs, op.output, op.label, shape, op.biased, element in _WHOLE)


def constants_of(graph: Any) -> dict[str, Any]:
    """Return each constant tensor: initialisers, constant nodes, and what is made of those alone.

    A value is the ``TensorProto``, or None where it would have to be computed.
    """
    known: dict[str, Any] = {w.name: w for w in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            values = [a.t for a in node.attribute if a.name == "value"]
            known[node.output[0]] = values[0] if values else None
        elif node.input and all(name in known for name in node.input if name):
            first = known.get(node.input[0]) if node.op_type == "Identity" else None
            known.update(dict.fromkeys(node.output, first))
    return known


def sides_of(graph: Any, constants: dict[str, Any]) -> set[str]:
    """Return tensors that stand beside the values: their sizes, and the steps they are rounded to.

    They depend on the image, or on how many there are, but hold nothing of what it shows.
    """
    sides: set[str] = set()
    for node in graph.node:
        if node.op_type == "DynamicQuantizeLinear":
            sides.update(node.output[1:])
        elif node.op_type in ("Shape", "Size") or (
            node.input
            and any(name in sides for name in node.input)
            and all(_is_side(name, constants, sides) for name in node.input)
        ):
            sides.update(node.output)
    return sides


def _ops(node: Any, constants: dict[str, Any], sides: set[str], shapes: Shapes) -> list[Op]:
    """One node is one step for each of its outputs, or two where an activation is built in."""
    flowing = tuple(n for n in node.input if not _is_side(n, constants, sides))
    kind = _kind(node, flowing, constants, shapes)
    biased = kind in ("dense", "conv", "wide_conv") and _is_biased(node)
    outputs = [name for name in node.output if not _is_side(name, constants, sides)]
    activation = [a.s for a in node.attribute if a.name == "activation"]
    if node.op_type in ("FusedGemm", "FusedConv") and activation:
        inner = f"{outputs[0]} before its activation"
        shape = shapes.get(outputs[0])
        return [
            Op(kind, flowing, inner, outputs[0], shape, biased),
            Op("bend", (inner,), outputs[0], outputs[0], shape),
        ]
    return [Op(kind, flowing, name, name, shapes.get(name), biased) for name in outputs]


def _kind(node: Any, flowing: Sequence[str], constants: dict[str, Any], shapes: Shapes) -> Kind:
    name = node.op_type.removeprefix("Fused") if node.op_type != "FusedMatMul" else node.op_type
    kind = _KINDS.get(name, "other")
    if kind == "dense":
        return "dense" if len(flowing) == 1 else "other"
    if kind == "conv":
        if len(flowing) != 1:
            return "other"
        return "conv" if _is_one_by_one(node, constants) else "wide_conv"
    if _pools(node, shapes):
        return "pool"
    if name == "Gather" and node.input[0] in constants:
        return "pick"  # names looked up by class numbers
    if kind == "mix" and len(flowing) == 1 and name != "ReduceMean":
        return _with_constant(name, len(node.input))
    return kind


def _with_constant(name: str, n_inputs: int) -> Kind:
    """Return what arithmetic is of which all operands but one are constants."""
    if name in ("Pow", "Max", "Min"):
        return "bend"
    if n_inputs == 1:
        return "dropout"
    return "shape" if name.endswith("Concat") else "affine"


def _is_biased(node: Any) -> bool:
    at = {"Gemm": 2, "Conv": 2, "FusedGemm": 2, "FusedConv": 2, "QLinearConv": 8, "QGemm": 6}
    place = at.get(node.op_type)
    return place is not None and len(node.input) > place and bool(node.input[place])


def _is_one_by_one(node: Any, known: dict[str, Any]) -> bool:
    for attribute in node.attribute:
        if attribute.name == "group" and attribute.i != 1:
            return False
        if attribute.name == "kernel_shape":
            return list(attribute.ints) == [1, 1]
    weights = known.get(node.input[3 if node.op_type == "QLinearConv" else 1])
    return weights is not None and list(weights.dims)[2:] == [1, 1]


def _pools(node: Any, shapes: Shapes) -> bool:
    """Whether a node takes the mean or the largest value over all places."""
    before, after = shapes.get(node.input[0]) if node.input else None, shapes.get(node.output[0])
    if before is None or after is None or len(before) != 3:
        return False
    if node.op_type in _MEANS:
        return len(after) == 1 or after[1:] == (1, 1) or after[:2] == (1, 1)
    return node.op_type in ("AveragePool", "MaxPool", "QLinearAveragePool") and after[1:] == (1, 1)


def layouts_of(model: Any) -> dict[str, bool]:
    """Say of each tensor that is a map whether its channels come first.

    A convolution's do; what follows keeps its order, and a transposition turns it.
    """
    graph = model.graph
    weighed = {w.name for w in graph.initializer}
    first: dict[str, bool] = {}
    for given in graph.input:
        dims = [int(d.dim_value) for d in given.type.tensor_type.shape.dim]
        if given.name not in weighed and len(dims) == 4:
            first[given.name] = dims[1] == 3 or dims[3] != 3
    for node in graph.node:
        order = [list(a.ints) for a in node.attribute if a.name == "perm"]
        if node.op_type in _CHANNELS_FIRST:
            layout = True
        elif node.op_type == "Transpose" and order in ([[0, 3, 1, 2]], [[0, 2, 3, 1]]):
            layout = order == [[0, 3, 1, 2]]
        else:
            known = [first[name] for name in node.input if name in first]
            if not known:
                continue
            layout = known[0]
        first.update(dict.fromkeys(node.output, layout))
    return first


def scale_of_quantised(graph: Any, tensor: str) -> tuple[str, str] | None:
    """Return the names of scale and zero point of an 8-bit tensor, from the step that reads it."""
    for node in graph.node:
        if node.op_type in _QUANTISED and node.input[0] == tensor:
            return node.input[1], node.input[2]
    return None


def ancestors_of(graph: Any, tensors: Iterable[str]) -> list[Any]:
    """Return the nodes that ``tensors`` are made by, in the order of the graph."""
    wanted = set(tensors)
    kept = []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(_read(node))
    return kept[::-1]


def _read(node: Any) -> Iterable[str]:
    """Return what a node reads, branches inside it included."""
    yield from node.input
    for attribute in node.attribute:
        for inner in (attribute.g, *attribute.graphs):
            for step in inner.node:
                yield from _read(step)


def _types(model: Any) -> dict[str, int]:
    graph = model.graph
    infos = (*graph.value_info, *graph.output, *graph.input)
    return {i.name: i.type.tensor_type.elem_type for i in infos if i.type.HasField("tensor_type")}


def shapes_of(model: Any) -> Shapes:
    """Return the shape of each tensor, without its first dimension; 0 where it may vary."""
    infos = (*model.graph.value_info, *model.graph.output, *model.graph.input)
    return {
        info.name: tuple(int(d.dim_value) for d in info.type.tensor_type.shape.dim)[1:]
        for info in infos
        if info.type.tensor_type.HasField("shape")
    }


def inferred(model: Any) -> Any:
    """Return the model with the types and shapes of its tensors filled in.

    Raises
    ------
    ValueError
        They contradict each other.
    """
    import onnx

    try:
        return onnx.shape_inference.infer_shapes(model)
    except onnx.shape_inference.InferenceError as error:
        raise ValueError(str(error)) from error
