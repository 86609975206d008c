"""Which layer of a Keras classifier feeds its last dense layer or its logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from embeddings.backbones.description import Candidate
from embeddings.errors import ModelError, UsageError

# Layers that pass on what they get, as far as telling kinds apart goes.
_PASSING = frozenset(
    {
        "Activation", "Softmax", "Flatten", "Reshape", "Dropout", "SpatialDropout2D", "Identity",
        "ActivityRegularization", "Cast",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Penultimate:
    """``tensor`` is what to read; ``scores`` the classifier's output, or None without a head."""

    tensor: Any
    scores: Any | None
    name: str
    why: str


def flat_layers(model: Any) -> list[Any]:
    """Return the layers of a model and of the models inside it, in the order of the graph."""
    out = []
    for layer in model.layers:
        out += flat_layers(layer) if hasattr(layer, "layers") else [layer]
    return out


def candidates(model: Any, most: int = 8) -> tuple[Candidate, ...]:
    """Return the last layers that give one vector or map per image, nearest the output first."""
    found = []
    for layer in reversed(model.layers):
        shape = getattr(getattr(layer, "output", None), "shape", None)
        if shape is not None and len(shape) in (2, 4) and shape[-1] is not None:
            found.append(Candidate(layer.name, tuple(int(s) if s else 0 for s in shape[1:])))
        if len(found) == most:
            break
    return tuple(found)


def penultimate(model: Any, layer: str | None) -> Penultimate:
    """Find what to read.

    Raises
    ------
    UsageError
        ``layer`` is no layer of the model; the hint lists the likely ones.
    ModelError
        Nothing that could be an embedding was found.
    """
    scores, head = _head(model)
    if layer is not None:
        names = {one.name for one in model.layers}
        if layer not in names:
            likely = ", ".join(c.name for c in candidates(model))
            raise UsageError(f"The model has no layer {layer!r}.", hint=f"Likely ones: {likely}.")
        tensor = model.get_layer(layer).output
        return Penultimate(_pooled(tensor), scores, layer, "as asked")
    if head is None:
        tensor = model.outputs[0]
        name = tensor._keras_history.operation.name
        return Penultimate(_pooled(tensor), None, name, "the model has no head: its output")
    feeding = head.input
    source = feeding._keras_history.operation
    while type(source).__name__ in ("Dropout", "SpatialDropout2D", "Identity"):
        feeding = source.input
        source = feeding._keras_history.operation
    return Penultimate(
        _pooled(feeding), scores, source.name, f"it feeds the last dense layer, {head.name!r}"
    )


def _head(model: Any) -> tuple[Any | None, Any | None]:
    """Return the classifier's output and the layer that makes it, or Nones."""
    for output in model.outputs:
        operation = output._keras_history.operation
        while type(operation).__name__ in _PASSING and not isinstance(operation.input, list):
            operation = operation.input._keras_history.operation
        kind = type(operation).__name__
        dense = kind == "Dense" or (kind == "Conv2D" and tuple(operation.kernel_size) == (1, 1))
        if dense and len(output.shape) == 2:
            return output, operation
    return None, None


def _pooled(tensor: Any) -> Any:
    """Return (n, width): maps are averaged over their places."""
    import keras

    if len(tensor.shape) == 4:
        return keras.layers.GlobalAveragePooling2D(name="rosette_pool")(tensor)
    if len(tensor.shape) != 2:
        raise ModelError(
            f"A layer of shape {tuple(tensor.shape)} gives no vector per image.",
            hint="Choose another with --layer; `rosette models FILE` lists them.",
        )
    return tensor
