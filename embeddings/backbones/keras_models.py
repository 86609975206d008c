"""Keras models: the embedded one, Keras Applications, and files of your own."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import (
    ModelDescription,
    class_names_beside,
    file_digest,
    fingerprint,
)
from embeddings.backbones.penultimate import Penultimate, candidates, flat_layers, penultimate
from embeddings.backbones.preprocess import DESCRIPTIONS, Scaling, as_probabilities, scale, scaling
from embeddings.backbones.table import Backbone
from embeddings.errors import ModelError
from embeddings.records import Batch

EMBEDDED_NOTE: Final = (
    "The embedded model was used. It needs no download; where ImageNet weights can be had they "
    "tell finer kinds apart: --model mobilenetv3large."
)
_UNREADABLE: Final = (
    ValueError, TypeError, OSError, KeyError, AttributeError, ImportError, zipfile.BadZipFile,
)  # fmt: skip
DEFAULT_SIZE: Final = 224  # px, where the model takes any


class KerasExtractor:
    """A Keras model that gives embedding and probabilities from one forward pass."""

    def __init__(
        self,
        model: Any,
        *,
        name: str,
        fingerprint: str,
        input_size: int,
        scaling: Scaling,
        classes: tuple[str, ...] | None,
        notes: tuple[str, ...],
    ) -> None:
        import tensorflow as tf

        self.name = name
        self.fingerprint = fingerprint
        self.input_size = input_size
        self.width = int(model.outputs[0].shape[-1])
        self.classes = classes
        self.notes = notes
        self._scaling: Scaling = scaling
        self._call = tf.function(lambda x: model(x, training=False), reduce_retracing=True)

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        import tensorflow as tf

        outputs = self._call(tf.constant(scale(images, self._scaling)))
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        embeddings = np.asarray(outputs[0], dtype=np.float32)
        scores = as_probabilities(np.asarray(outputs[1])) if len(outputs) > 1 else None
        return Batch(embeddings, scores)


def load_embedded() -> KerasExtractor:
    """Load the model that ships with the project."""
    from embeddings.backbones import embedded

    if not embedded.WEIGHTS.is_file():
        raise ModelError(
            f"The embedded model's weights are missing: {embedded.WEIGHTS}.",
            hint="Install rosette-explorer again.",
        )
    return KerasExtractor(
        embedded.build(),
        name="embedded",
        fingerprint=fingerprint("embedded", file_digest(embedded.WEIGHTS)),
        input_size=embedded.INPUT_SIZE,
        scaling="raw",
        classes=embedded.class_names(),
        notes=(EMBEDDED_NOTE,),
    )


def load_application(row: Backbone, *, weights: str | None = "imagenet") -> KerasExtractor:
    """Load a model of Keras Applications; its weights are downloaded once.

    Parameters
    ----------
    weights
        None gives random weights, for tests.

    Raises
    ------
    ModelError
        The weights are not here and can't be downloaded; the hint says which file goes where.
    """
    import keras

    from embeddings.backbones.embedded import class_names

    factory = getattr(keras.applications, row.factory)
    try:
        model = factory(weights=weights, classifier_activation="softmax")
    except _DOWNLOAD_FAILED as error:
        raise ModelError(
            f"The weights of {row.name} are not here and can't be downloaded ({_brief(error)}).",
            hint=f"Put {row.source}{row.weights_file} at {row.weights_path}, or use "
            "--model embedded, which needs no download.",
        ) from error
    found = penultimate(model, None)
    digest = file_digest(row.weights_path) if weights else "random"
    return KerasExtractor(
        keras.Model(model.inputs[0], [found.tensor, found.scores]),
        name=row.name,
        fingerprint=fingerprint(row.name, digest, found.name, row.scaling),
        input_size=row.input_size,
        scaling=row.scaling,
        classes=class_names(),
        notes=(),
    )


# Keras raises a bare Exception when a download fails.
_DOWNLOAD_FAILED: Final = (Exception,)


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _open(path: Path, *, allow_code: bool) -> Any:
    import keras

    try:
        model = keras.models.load_model(path, compile=False, safe_mode=not allow_code)
    except _UNREADABLE as error:
        raise ModelError(
            f"{path} can't be loaded as a Keras model ({_brief(error)}).",
            hint="If it is whole and uses layers of your own, save it as ONNX or SavedModel.",
        ) from error
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise ModelError(
            f"{path} has no graph of layers to look into.",
            hint="Save a functional or sequential model that has been built.",
        )
    if len(model.inputs) != 1:
        raise ModelError(
            f"{path} takes {len(model.inputs)} inputs.", hint="Save a model of one image input."
        )
    shape = model.inputs[0].shape
    if len(shape) != 4 or shape[-1] not in (3, None):
        raise ModelError(
            f"{path} takes {tuple(shape)}, not RGB images (n, height, width, 3).",
            hint="Save a classifier of RGB images, channels last.",
        )
    return model


def _input_size(model: Any) -> tuple[int, tuple[str, ...]]:
    height, width = model.inputs[0].shape[1:3]
    if height is None or width is None:
        return DEFAULT_SIZE, (f"The model takes any size; images are given at {DEFAULT_SIZE} px.",)
    if height != width:
        raise ModelError(
            f"The model takes {height} by {width} px.", hint="Only square input is supported."
        )
    return int(height), ()


def _scaling(model: Any, asked: str | None) -> tuple[Scaling, tuple[str, ...]]:
    if asked is not None:
        return scaling(asked), ()
    inside = [
        layer.name
        for layer in flat_layers(model)
        if type(layer).__name__ in ("Rescaling", "Normalization")
    ]
    if inside:
        return "raw", (f"Pixels are given as 0 to 255: the model scales them ({inside[0]}).",)
    return "0..1", (
        f"The model does not say how it wants its pixels; {DESCRIPTIONS['0..1']} was assumed. "
        "If that is wrong, say --preprocess.",
    )


def load_file(
    path: Path, *, layer: str | None, preprocess: str | None, allow_code: bool
) -> KerasExtractor:
    """Load a ``.keras`` or ``.h5`` classifier."""
    import keras

    model = _open(path, allow_code=allow_code)
    size, size_notes = _input_size(model)
    how, scaling_notes = _scaling(model, preprocess)
    found = penultimate(model, layer)
    notes = (_said(found), *size_notes, *scaling_notes)
    outputs = [found.tensor] if found.scores is None else [found.tensor, found.scores]
    return KerasExtractor(
        keras.Model(model.inputs[0], outputs),
        name=path.name,
        fingerprint=fingerprint(file_digest(path), found.name, how, size),
        input_size=size,
        scaling=how,
        classes=_classes(path, found),
        notes=notes,
    )


def _said(found: Penultimate) -> str:
    return f"Embeddings are read from layer {found.name!r}: {found.why}."


def _classes(path: Path, found: Penultimate) -> tuple[str, ...] | None:
    names = class_names_beside(path)
    if names is None or found.scores is None or len(names) != found.scores.shape[-1]:
        return None
    return names


def describe_file(path: Path, *, allow_code: bool) -> ModelDescription:
    """Describe a ``.keras`` or ``.h5`` classifier."""
    model = _open(path, allow_code=allow_code)
    found = penultimate(model, None)
    n_classes = int(found.scores.shape[-1]) if found.scores is not None else None
    return ModelDescription(
        name=path.name,
        format="HDF5" if path.suffix.lower() in (".h5", ".hdf5") else "Keras",
        input_size=_input_size(model)[0],
        candidates=candidates(model),
        chosen=found.name,
        why=found.why,
        n_classes=n_classes,
    )
