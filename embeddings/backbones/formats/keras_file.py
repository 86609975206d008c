"""Keras files, ``.keras`` and ``.h5``: classifiers of your own."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from embeddings.backbones.description import (
    ModelDescription,
    Options,
    class_names,
    file_digest,
    fingerprint,
)
from embeddings.backbones.graphs.keras_graph import (
    KerasGraph,
    Penultimate,
    flattened,
    graph_of,
    penultimate,
)
from embeddings.backbones.graphs.penultimate import candidates, scaling_inside
from embeddings.backbones.runtime.hdf5_check import refuse_endless
from embeddings.backbones.runtime.keras_extractor import KerasExtractor
from embeddings.backbones.runtime.preprocess import Scaling, assumed, scaling, told
from embeddings.backbones.runtime.scores import NOTES
from embeddings.errors import ModelError

DEFAULT_SIZE: Final = 224  # px, where the model takes any
_UNREADABLE: Final = (
    ValueError, TypeError, OSError, LookupError, AttributeError, ImportError, RuntimeError,
    AssertionError, ArithmeticError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
# What networks of these names were trained on, for files that say no more than the name.
_HABITS: Final[tuple[tuple[str, Scaling], ...]] = (
    ("mobilenetv2", "-1..1"), ("mobilenet_1", "-1..1"), ("mobilenet_0", "-1..1"),
    ("resnet50v2", "-1..1"), ("resnet101v2", "-1..1"), ("resnet152v2", "-1..1"),
    ("inception", "-1..1"), ("xception", "-1..1"), ("nasnet", "-1..1"),
    ("resnet", "caffe"), ("vgg", "caffe"), ("densenet", "imagenet"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """A model file read: ``model`` has no models inside it."""

    path: Path
    model: Any
    graph: KerasGraph
    found: Penultimate
    names: tuple[str, ...]  # of the model and the models inside it, as they were
    size: int
    size_notes: tuple[str, ...]

    @property
    def n_classes(self) -> int | None:
        """A single score is that of the second of two classes."""
        return None if self.found.scores is None else max(2, int(self.found.scores.shape[-1]))


def load(path: Path, options: Options) -> KerasExtractor:
    """Load a ``.keras`` or ``.h5`` classifier.

    Raises
    ------
    ModelError
        The file can't be loaded, or is no classifier of square RGB images.
    UsageError
        No such layer or scaling, or a list of classes that does not fit.
    """
    import keras

    file = _read(path, options)
    head, scores = file.found.head, file.found.scores
    how, scaling_notes = _scaling(file, options.preprocess)
    classes, class_notes = class_names(path, file.n_classes, options.classes_file)
    score_note = NOTES[head.kind] if head.kind and scores is not None else ""
    outputs = [file.found.tensor] if scores is None else [file.found.tensor, scores]
    return KerasExtractor(
        keras.Model(file.model.inputs[0], outputs),
        name=path.name,
        fingerprint=fingerprint(file_digest(path), head.label, how, file.size),
        input_size=file.size,
        scaling=how,
        scores=head.kind,
        classes=classes,
        notes=(
            f"Embeddings are read from layer {head.label!r}: {head.why}.",
            *file.size_notes,
            *scaling_notes,
            *((score_note,) if score_note else ()),
            *class_notes,
        ),
        precision=options.precision,
    )


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a ``.keras`` or ``.h5`` classifier."""
    file = _read(path, options)
    classes, class_notes = class_names(path, file.n_classes, options.classes_file)
    return ModelDescription(
        name=path.name,
        format="HDF5" if path.read_bytes()[:4] == b"\x89HDF" else "Keras",
        input_size=file.size,
        width=int(file.found.tensor.shape[-1]),
        candidates=candidates(file.graph.ops, file.graph.outputs),
        chosen=file.found.head.label,
        why=file.found.head.why,
        n_classes=file.n_classes,
        classes=classes,
        notes=(*file.size_notes, *_scaling(file, options.preprocess)[1], *class_notes),
    )


def _read(path: Path, options: Options) -> _File:
    model = _open(path, allow_code=options.allow_code)
    names = (model.name, *(layer.name for layer in model.layers if hasattr(layer, "layers")))
    model = flattened(model)
    graph = graph_of(model)
    size, size_notes = _input_size(model)
    return _File(path, model, graph, penultimate(graph, options.layer), names, size, size_notes)


def _open(path: Path, *, allow_code: bool) -> Any:
    import keras

    refuse_endless(path)
    try:
        model = keras.models.load_model(path, compile=False, safe_mode=not allow_code)
    except _UNREADABLE as error:
        raise ModelError(
            f"{path} can't be loaded as a Keras model ({_brief(error)}).", hint=_remedy(error)
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


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _remedy(error: BaseException) -> str:
    said = str(error).lower()
    if "lambda" in said or "unsafe" in said or "safe_mode" in said:
        return (
            "It carries Python code, which is not run. Export it without Lambda layers, or as "
            "SavedModel or ONNX; if you trust the file, add --trust-model-code."
        )
    if "no model config" in said or "no model found" in said:
        return "It holds weights only: save the whole model with model.save(file)."
    if "could not locate" in said or "unknown layer" in said or "custom" in said:
        return "It uses layers of its own: export it as SavedModel or ONNX."
    return "See that it was saved by model.save(file) and copied whole."


def _input_size(model: Any) -> tuple[int, tuple[str, ...]]:
    height, width = model.inputs[0].shape[1:3]
    if height is None or width is None:
        known = height or width or DEFAULT_SIZE
        return int(known), (f"The model takes any size; images are given at {known} px.",)
    if height != width:
        raise ModelError(
            f"The model takes {height} by {width} px.", hint="Only square input is supported."
        )
    return int(height), ()


def _scaling(file: _File, asked: str | None) -> tuple[Scaling, tuple[str, ...]]:
    if asked is not None:
        return scaling(asked), ()
    inside = scaling_inside(file.graph.ops, file.graph.input)
    if inside is not None:
        return inside[0], (told(*inside),)
    for name in file.names:
        for part, habit in _HABITS:
            if part in name.lower():
                return habit, (assumed(f"The model, by its name a {name},", habit),)
    return "0..1", (assumed("The model", "0..1"),)
