"""A Keras model as ``ops.Op``s: which layer feeds its last dense layer, how it takes pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from embeddings.backbones.graphs.ops import WEIGHED, Graph, Kind, Op, kinds_table
from embeddings.backbones.graphs.penultimate import (
    Head,
    find_head,
    head_asked_for,
    no_such_layer,
)
from embeddings.errors import ModelError

# Layers and operations, by the name of their class.
_KINDS: Final = kinds_table(
    softmax="Softmax",
    log_softmax="LogSoftmax",
    sigmoid="Sigmoid",
    bend="ReLU LeakyReLU PReLU ELU Relu Relu6 LeakyRelu Elu Selu Gelu Silu Swish Tanh HardSigmoid "
    "HardSilu HardSwish Softplus Softsign Mish Exp Expm1 Log Log1p Sqrt Rsqrt Square Absolute Erf "
    "Reciprocal Clip Celu Glu HardTanh Threshold",
    affine="Rescaling Negative",
    shape="Flatten Reshape Permute Cast Squeeze Transpose ExpandDims Resizing CenterCrop "
    "RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness "
    "RandomCrop ZeroPadding2D Cropping2D GetItem Flip Resize Pad Split Take Unstack Slice Tile "
    "BroadcastTo RepeatVector UpSampling2D AutoContrast RandAugment AugMix MixUp CutMix "
    "RandomGrayscale RandomHue RandomSaturation RandomColorJitter RandomSharpness "
    "RandomGaussianBlur RandomErasing RandomPosterization RandomColorDegeneration RandomInvert "
    "RandomShear RandomPerspective RandomElasticTransform Solarization Equalization Pipeline",
    dropout="Dropout SpatialDropout1D SpatialDropout2D GaussianNoise GaussianDropout AlphaDropout "
    "Identity ActivityRegularization StopGradient Copy Masking",
    pool="GlobalAveragePooling2D GlobalMaxPooling2D",
    norm="Normalization BatchNormalization LayerNormalization UnitNormalization RMSNormalization "
    "Normalize LayerNorm RMSNorm",
    mix="Add Subtract Multiply TrueDivide Divide Average Concatenate Maximum Minimum Stack Mean "
    "Power Mod DivideNoNan Where",
    pick="Argmax Argmin TopK Max Min Amax Amin Sum Prod Logsumexp Norm Greater GreaterEqual Less "
    "LessEqual Equal NotEqual LogicalNot LogicalAnd LogicalOr Isnan Isinf Isfinite OneHot Round "
    "Floor Ceil Sign InTopK CategoryEncoding Discretization All Any Argsort Sort",
    dense="Dense EinsumDense Matmul",
    conv="Conv2D",
)
_ACTIVATIONS: Final[dict[str, Kind]] = {
    "linear": "linear", "softmax": "softmax", "log_softmax": "log_softmax", "sigmoid": "sigmoid",
}  # fmt: skip
_WRAPPERS: Final = frozenset({"SpectralNormalization", "TimeDistributed"})
_POOLING: Final = frozenset({"AveragePooling2D", "MaxPooling2D", "Mean", "Max", "Amax"})


@dataclass(frozen=True, slots=True)
class KerasGraph:
    """A model's graph, and the Keras tensor of each step's output."""

    graph: Graph
    tensors: dict[str, Any]


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


def run_flattened(model: Any, x: Any) -> Any:
    """Return what a model gives for the Keras tensor ``x``, the models inside it laid open."""
    _make_names_unique(model)
    return _run(model, x)


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
            ops += _steps(operation, inputs, arguments, key, tensor)
    names = getattr(model, "output_names", None) or [""] * len(model.outputs)
    outputs = tuple(
        (_key(t), f"{n} {_made(t)[0].name}") for t, n in zip(model.outputs, names, strict=True)
    )
    return KerasGraph(Graph(tuple(ops), _key(model.inputs[0]), outputs), tensors)


def _key(tensor: Any) -> str:
    operation, node, place = tensor._keras_history
    return f"{operation.name}:{node}:{place}"


def _made(tensor: Any) -> tuple[Any, list[Any], Any]:
    """Return what made a tensor, from which tensors, and all arguments of that call."""
    operation, place, _ = tensor._keras_history
    node = operation._inbound_nodes[place]
    return operation, list(node.input_tensors), node.arguments


def _steps(operation: Any, given: list[Any], arguments: Any, output: str, tensor: Any) -> list[Op]:
    """One layer is one step, or two where its activation is built in."""
    layer = operation
    while type(layer).__name__ in _WRAPPERS:
        layer = layer.layer
    inputs = tuple(map(_key, given))
    shape = _channels_last(layer, tuple(int(s) if s else 0 for s in tensor.shape[1:]))
    label = operation.name
    whole = not str(tensor.dtype).startswith(("float", "bfloat"))
    kind = _kind(layer, given, arguments, shape)
    biased = kind in WEIGHED and getattr(layer, "bias", None) is not None
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if kind in WEIGHED and activation != "linear":
        inner = f"{output} before its activation"
        ending = _ACTIVATIONS.get(activation, "bend")
        return [
            Op(kind, inputs, inner, label, shape, biased),
            Op(ending, (inner,), output, label, shape),
        ]
    return [Op(kind, inputs, output, label, shape, biased, whole)]


def _channels_last(layer: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) == 3 and getattr(layer, "data_format", None) == "channels_first":
        return (*shape[1:], shape[0])
    return shape


def _kind(layer: Any, given: list[Any], arguments: Any, shape: tuple[int, ...]) -> Kind:
    name = type(layer).__name__
    kind = _KINDS.get(name, "other")
    if kind in WEIGHED and len(given) != 1:
        return "other"
    if kind == "conv":
        plain = tuple(layer.kernel_size) == (1, 1) and layer.groups == 1
        return "conv" if plain else "wide_conv"
    if name == "Activation":
        return _ACTIVATIONS.get(layer.activation.__name__, "bend")
    if name in _POOLING and _pools(given[0], shape):
        return "pool"
    if kind == "mix" and len(given) == 1 and name not in ("Mean", "Concatenate", "Stack"):
        operands = (*arguments.args[1:], *arguments.kwargs.values())
        if name in ("Power", "Maximum", "Minimum"):
            return "bend"
        return "affine" if operands else "dropout"
    if name == "Take" and not hasattr(arguments.args[0], "_keras_history"):
        return "pick"  # names looked up by class numbers
    return kind


def _pools(before: Any, after: tuple[int, ...]) -> bool:
    """Whether a reduction is over all places of a map."""
    return len(before.shape) == 4 and (len(after) == 1 or after[:2] == (1, 1))


def penultimate(
    found: KerasGraph, layer: str | None, *, what: str = "The model", certain: bool = False
) -> Penultimate:
    """Find what to read.

    ``certain`` says that the model's outputs are scores.

    Raises
    ------
    UsageError
        ``layer`` is no layer of the model; the hint lists the likely ones.
    ModelError
        Nothing that could be an embedding was found.
    """
    graph = found.graph
    if layer is None:
        head = find_head(graph, what=what, certain=certain)
    else:
        named = [op for op in graph.ops if op.label == layer and op.output in found.tensors]
        if not named:
            raise no_such_layer(graph, layer, what)
        head = head_asked_for(graph, named[0].output, layer, what=what)
    scores = None if head.scores is None else found.tensors[head.scores]
    return Penultimate(_pooled(found.tensors[head.embedding]), scores, head)


def _pooled(tensor: Any) -> Any:
    """Return (n, width): maps are averaged over their places, whatever Keras is set to."""
    import keras

    if len(tensor.shape) in (3, 4):
        layout = getattr(tensor._keras_history.operation, "data_format", None) or "channels_last"
        pool = f"GlobalAveragePooling{len(tensor.shape) - 2}D"
        return getattr(keras.layers, pool)(data_format=layout, name="rosette_pool")(tensor)
    if len(tensor.shape) != 2 or tensor.shape[-1] is None:
        raise ModelError(
            f"A layer of shape {tuple(tensor.shape)} gives no vector per image.",
            hint="Choose another with --layer; `rosette models FILE` lists them.",
        )
    return tensor
