"""A Keras model as ``graph.Op``s: which layer feeds its last dense layer, how it takes pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from embeddings.backbones.graphs.penultimate import Head, Kind, Op, candidates, find_head
from embeddings.errors import ModelError, UsageError

_KINDS: Final[dict[str, Kind]] = {
    "Dropout": "dropout", "SpatialDropout1D": "dropout", "SpatialDropout2D": "dropout",
    "GaussianNoise": "dropout", "GaussianDropout": "dropout", "AlphaDropout": "dropout",
    "Identity": "dropout", "ActivityRegularization": "dropout",
    "Flatten": "shape", "Reshape": "shape", "Permute": "shape", "Cast": "shape",
    "Squeeze": "shape", "Resizing": "shape", "CenterCrop": "shape", "RandomFlip": "shape",
    "RandomRotation": "shape", "RandomZoom": "shape", "RandomTranslation": "shape",
    "RandomContrast": "shape", "RandomBrightness": "shape", "RandomCrop": "shape",
    "ZeroPadding2D": "shape", "GetItem": "shape",
    "GlobalAveragePooling2D": "pool",
    "ReLU": "bend", "LeakyReLU": "bend", "PReLU": "bend", "ELU": "bend",
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid",
    "Add": "add", "Subtract": "sub", "Multiply": "mul", "TrueDivide": "div", "Divide": "div",
}  # fmt: skip
_ACTIVATIONS: Final[dict[str, Kind]] = {
    "linear": "linear", "softmax": "softmax", "log_softmax": "log_softmax", "sigmoid": "sigmoid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KerasGraph:
    """The steps of a model, and the Keras tensor of each step's output."""

    ops: tuple[Op, ...]
    tensors: dict[str, Any]
    input: str
    outputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Penultimate:
    """``tensor`` is what to read; ``head`` how it was found; ``scores`` None without a head."""

    tensor: Any
    scores: Any | None
    head: Head


def flattened(model: Any) -> Any:
    """Return the model with the models inside it laid open; layers are shared, not copied.

    A head often lies in a model inside a model (transfer learning); in the outer graph it can't
    be seen.
    """
    import keras

    if not any(_is_model(layer) for layer in model.layers):
        return model
    _make_names_unique(model)
    given = model.inputs[0]
    x = keras.Input(batch_shape=given.shape, dtype=given.dtype, name="rosette_pixels")
    return keras.Model(x, _run(model, x))


def _is_model(layer: Any) -> bool:
    return hasattr(layer, "layers") and hasattr(layer, "inputs")


def _run(model: Any, x: Any) -> Any:
    # A Sequential keeps its graph in a functional model of its own.
    graph = getattr(model, "_functional", None) or model

    def opened(operation: Any) -> Any:
        if not _is_model(operation):
            return operation
        return lambda *args, **_: _run(operation, args[0])

    return graph._run_through_graph(x, operation_fn=opened)


def _make_names_unique(model: Any) -> None:
    taken: set[str] = set()

    def visit(inner: Any, path: str) -> None:
        for layer in inner.layers:
            if _is_model(layer):
                visit(layer, f"{path}{layer.name}.")
            else:
                if layer.name in taken:
                    layer.name = f"{path}{layer.name}"
                taken.add(layer.name)

    visit(model, "")


def graph_of(model: Any) -> KerasGraph:
    """Translate a model without models inside."""
    ops: list[Op] = []
    tensors: dict[str, Any] = {}
    waiting = list(model.outputs)
    while waiting:
        tensor = waiting.pop()
        key = _key(tensor)
        if key in tensors:
            continue
        tensors[key] = tensor
        operation, inputs, arguments = _made(tensor)
        waiting += inputs
        if inputs:
            ops += _steps(operation, tuple(map(_key, inputs)), arguments, key, tensor)
    names = getattr(model, "output_names", None) or [""] * len(model.outputs)
    outputs = tuple(
        (_key(t), f"{n} {_made(t)[0].name}") for t, n in zip(model.outputs, names, strict=True)
    )
    return KerasGraph(tuple(ops), tensors, _key(model.inputs[0]), outputs)


def _key(tensor: Any) -> str:
    operation, node, place = tensor._keras_history
    return f"{operation.name}:{node}:{place}"


def _made(tensor: Any) -> tuple[Any, list[Any], Any]:
    """Return what made a tensor, from which tensors, and all arguments of that call."""
    operation, place, _ = tensor._keras_history
    node = operation._inbound_nodes[place]
    return operation, list(node.input_tensors), node.arguments


def _steps(
    operation: Any, inputs: tuple[str, ...], arguments: Any, output: str, tensor: Any
) -> list[Op]:
    """One layer is one step, or two where its activation is built in."""
    shape = tuple(int(s) if s else 0 for s in tensor.shape[1:])
    label = operation.name
    kind, constant = _kind(operation, arguments, len(inputs))
    activation = getattr(getattr(operation, "activation", None), "__name__", "linear")
    if kind in ("dense", "conv") and activation != "linear":
        inner = f"{output} before its activation"
        ending = _ACTIVATIONS.get(activation, "bend")
        return [
            Op(kind, inputs, inner, label, shape),
            Op(ending, (inner,), output, label, shape),
        ]
    return [Op(kind, inputs, output, label, shape, constant)]


def _kind(operation: Any, arguments: Any, n_inputs: int) -> tuple[Kind, float | None]:
    name = type(operation).__name__
    if name == "Dense":
        return "dense", None
    if name == "Conv2D" and tuple(operation.kernel_size) == (1, 1):
        return "conv", None
    if name == "Activation":
        return _ACTIVATIONS.get(operation.activation.__name__, "bend"), None
    if name == "Rescaling":
        return "mul", _mean(operation.scale)
    if name == "Normalization":
        return "sub", _mean(operation.mean)
    kind = _KINDS.get(name, "other")
    if kind not in ("add", "sub", "mul", "div"):
        return kind, None
    others = [a for a in arguments.args if not hasattr(a, "_keras_history")]
    if n_inputs != 1 or not others:
        return "other", None
    return kind, _mean(others[0])


def _mean(value: Any) -> float:
    import keras

    return float(np.mean(keras.ops.convert_to_numpy(value)))


def penultimate(graph: KerasGraph, layer: str | None) -> Penultimate:
    """Find what to read.

    Raises
    ------
    UsageError
        ``layer`` is no layer of the model; the hint lists the likely ones.
    ModelError
        Nothing that could be an embedding was found.
    """
    head = find_head(graph.ops, graph.outputs)
    if layer is not None:
        named = [op for op in graph.ops if op.label == layer and op.output in graph.tensors]
        if not named:
            likely = ", ".join(c.name for c in candidates(graph.ops, graph.outputs))
            raise UsageError(f"The model has no layer {layer!r}.", hint=f"Likely ones: {likely}.")
        head = Head(named[0].output, head.scores, head.kind, layer, "as asked")
    scores = None if head.scores is None else graph.tensors[head.scores]
    return Penultimate(_pooled(graph.tensors[head.embedding]), scores, head)


def _pooled(tensor: Any) -> Any:
    """Return (n, width): maps are averaged over their places."""
    import keras

    if len(tensor.shape) == 4:
        return keras.layers.GlobalAveragePooling2D(name="rosette_pool")(tensor)
    if len(tensor.shape) == 3:
        return keras.layers.GlobalAveragePooling1D(name="rosette_pool")(tensor)
    if len(tensor.shape) != 2 or tensor.shape[-1] is None:
        raise ModelError(
            f"A layer of shape {tuple(tensor.shape)} gives no vector per image.",
            hint="Choose another with --layer; `rosette models FILE` lists them.",
        )
    return tensor
