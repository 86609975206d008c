"""An ONNX graph as ``graph.Op``s."""

from __future__ import annotations

from typing import Any, Final

from embeddings.backbones.graphs.penultimate import Kind, Op

_KINDS: Final[dict[str, Kind]] = {
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid",
    "Relu": "bend", "LeakyRelu": "bend", "Clip": "bend", "HardSwish": "bend", "Elu": "bend",
    "Reshape": "shape", "Flatten": "shape", "Squeeze": "shape", "Cast": "shape",
    "Transpose": "shape", "Unsqueeze": "shape", "QuantizeLinear": "shape",
    "DequantizeLinear": "shape", "Pad": "shape", "Resize": "shape",
    "Dropout": "dropout", "Identity": "dropout",
    "GlobalAveragePool": "pool",
    "Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div",
}  # fmt: skip


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


def ops_of(graph: Any, shapes: dict[str, tuple[int, ...]]) -> tuple[Op, ...]:
    """Translate ``graph``; ``shapes`` are those of one image, as far as they are inferred."""
    known = constants_of(graph)
    return tuple(_op(node, known, shapes) for node in graph.node if node.output[0] not in known)


def _op(node: Any, known: dict[str, Any], shapes: dict[str, tuple[int, ...]]) -> Op:
    output = node.output[0]
    flowing = tuple(name for name in node.input if name and name not in known)
    kind: Kind = _KINDS.get(node.op_type, "other")
    constant = None
    shape = shapes.get(output)
    weighed = len(flowing) == 1
    if node.op_type in ("Gemm", "MatMul") and weighed:
        kind = "dense"
    elif node.op_type == "Conv" and weighed and _is_one_by_one(node, known):
        kind = "conv"
    elif _pools(node, shapes):
        kind = "pool"
    elif kind in ("add", "sub", "mul", "div"):
        values = [known[name] for name in node.input if name in known]
        constant = _mean(values[0]) if len(values) == 1 else None
        # a bias after a matrix product need not be known, only be constant
        if not weighed or (constant is None and kind != "add"):
            kind = "other"
    return Op(kind, flowing, output, output, shape, constant)


def _is_one_by_one(node: Any, known: dict[str, Any]) -> bool:
    for attribute in node.attribute:
        if attribute.name == "kernel_shape":
            return list(attribute.ints) == [1, 1]
    weights = known.get(node.input[1])
    return weights is not None and list(weights.dims)[2:] == [1, 1]


def _pools(node: Any, shapes: dict[str, tuple[int, ...]]) -> bool:
    """Whether a node averages over all places."""
    before, after = shapes.get(node.input[0]) if node.input else None, shapes.get(node.output[0])
    if before is None or after is None or len(before) != 3:
        return False
    if node.op_type == "ReduceMean":
        return len(after) == 1 or after[1:] == (1, 1) or after[:2] == (1, 1)
    return node.op_type == "AveragePool" and after[1:] == (1, 1)


def _mean(value: Any) -> float | None:
    from onnx import numpy_helper

    return None if value is None else float(numpy_helper.to_array(value).mean())


def shapes_of(model: Any) -> dict[str, tuple[int, ...]]:
    """Infer the shape of each tensor, without its first dimension; 0 where it may vary."""
    import onnx

    try:
        inferred = onnx.shape_inference.infer_shapes(model)
    except onnx.shape_inference.InferenceError as error:
        raise ValueError(str(error)) from error
    infos = (*inferred.graph.value_info, *inferred.graph.output, *inferred.graph.input)
    return {
        info.name: tuple(int(d.dim_value) for d in info.type.tensor_type.shape.dim)[1:]
        for info in infos
        if info.type.tensor_type.HasField("shape")
    }
