"""Keras files, ``.keras`` and ``.h5``: classifiers of your own."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import (
    ModelDescription,
    Options,
    class_names,
    file_digest,
    fingerprint,
)
from embeddings.backbones.formats.hdf5_check import refuse_endless
from embeddings.backbones.formats.keras2 import keras2_remedy
from embeddings.backbones.formats.keras_hub_preset import own_scaling, with_scaling
from embeddings.backbones.graphs.keras_graph import (
    KerasGraph,
    Penultimate,
    flattened,
    graph_of,
    penultimate,
)
from embeddings.backbones.graphs.penultimate import candidates
from embeddings.backbones.graphs.pixel_scaling import pixels_reached, scaling_read, wants_bytes
from embeddings.backbones.runtime.batching import in_steps
from embeddings.backbones.runtime.graph_extractor import DEFAULT_SIZE, are_scores
from embeddings.backbones.runtime.keras_extractor import KerasExtractor, channels_first
from embeddings.backbones.runtime.preprocess import (
    Scaling,
    assumed,
    scale,
    scaling,
    told,
    told_apart,
)
from embeddings.backbones.runtime.scores import NOTES, probe
from embeddings.errors import ModelError

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
    size: int
    size_notes: tuple[str, ...]
    scaling: Scaling
    scaling_notes: tuple[str, ...]

    @property
    def n_classes(self) -> int | None:
        """A single score is that of the second of two classes."""
        return None if self.found.scores is None else max(2, int(self.found.scores.shape[-1]))

    @property
    def why(self) -> str:
        """Which layer is read and how it was found; a map is averaged."""
        head, inner = self.found.head, self.graph.tensors[self.found.head.embedding]
        places = int(np.prod([s or 0 for s in inner.shape[1:-1]])) if len(inner.shape) > 2 else 0
        return head.why + (f". Its {places} places are averaged" if places else "")


def load(path: Path, options: Options) -> KerasExtractor:
    """Load a ``.keras`` or ``.h5`` classifier.

    Raises
    ------
    ModelError
        The file can't be loaded, or is no classifier of square RGB images.
    UsageError
        No such layer or scaling, or a list of classes that does not fit.
    """
    return extractor_of(path, open_keras(path, allow_code=options.allow_code), options)


def extractor_of(path: Path, model: Any, options: Options) -> KerasExtractor:
    """Return a Keras model at work; ``path`` is where it was loaded from."""
    import keras

    file = _read(path, model, options)
    head, scores = file.found.head, file.found.scores
    classes, class_notes = class_names(path, file.n_classes, options.classes_file)
    score_note = NOTES[head.kind] if head.kind and scores is not None else ""
    outputs = [file.found.tensor] if scores is None else [file.found.tensor, scores]
    return KerasExtractor(
        keras.Model(file.model.inputs[0], outputs),
        name=path.name,
        fingerprint=fingerprint(file_digest(path), head.label, file.scaling, file.size),
        input_size=file.size,
        scaling=file.scaling,
        scores=head.kind,
        classes=classes,
        notes=(
            f"Embeddings are read from layer {head.label!r}: {file.why}.",
            *file.size_notes,
            *file.scaling_notes,
            *((score_note,) if score_note else ()),
            *class_notes,
        ),
        precision=options.precision,
    )


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a ``.keras`` or ``.h5`` classifier."""
    with path.open("rb") as handle:
        hdf5 = handle.read(4) == b"\x89HDF"
    model = open_keras(path, allow_code=options.allow_code)
    return description_of(path, model, options, "HDF5" if hdf5 else "Keras")


def description_of(path: Path, model: Any, options: Options, form: str) -> ModelDescription:
    """Describe a Keras model; ``path`` is where it was loaded from."""
    file = _read(path, model, options)
    classes, class_notes = class_names(path, file.n_classes, options.classes_file)
    return ModelDescription(
        name=path.name,
        format=form,
        input_size=file.size,
        width=int(file.found.tensor.shape[-1]),
        candidates=candidates(file.graph.graph),
        chosen=file.found.head.label,
        why=file.why,
        n_classes=file.n_classes,
        classes=classes,
        notes=(*file.size_notes, *file.scaling_notes, *class_notes),
    )


def _read(path: Path, model: Any, options: Options) -> _File:
    _check_input(path, model)
    names = (model.name, *(layer.name for layer in model.layers if hasattr(layer, "layers")))
    own = own_scaling(model) if options.preprocess is None else None
    model = flattened(model) if own is None else with_scaling(model, own)
    graph = graph_of(model)
    size, size_notes = _input_size(model)
    how, notes = _scaling(model, graph, names, size, options.preprocess)
    if own is not None:
        how, notes = "raw", (own.note,)
    found = penultimate(graph, options.layer, what=str(path))
    if options.layer is None and found.scores is None:
        values = _run(model, found.tensor, scale(probe(size), how))
        if are_scores(values):
            found = penultimate(graph, None, what=str(path), certain=True)
    if not notes and options.preprocess is None:
        how, notes = _assumed_scaling(model, found.tensor, size, how)
    return _File(path, model, graph, found, size, size_notes, how, notes)


def open_keras(path: Path, *, allow_code: bool) -> Any:
    """Load a file with Keras."""
    import keras

    refuse_endless(path)
    try:
        # A file is told by its content, whatever it is called; Keras goes by the name.
        with _named_for_keras(path) as file:
            model = keras.models.load_model(file, compile=False, safe_mode=not allow_code)
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error
    return model


def _check_input(path: Path, model: Any) -> None:
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise ModelError(
            f"{path} has no graph of layers to look into.",
            hint="Save a functional or sequential model that has been built, or give the folder "
            "that model.export(folder) writes.",
        )
    if len(model.inputs) != 1:
        raise ModelError(
            f"{path} takes {len(model.inputs)} inputs.", hint="Save a model of one image input."
        )
    shape = model.inputs[0].shape
    if len(shape) != 4 or (shape[-1] not in (3, None) and shape[1] != 3):
        raise ModelError(
            f"{path} takes {tuple(shape)}, not RGB images (n, height, width, 3).",
            hint="Save a classifier of RGB images.",
        )


@contextmanager
def _named_for_keras(path: Path) -> Iterator[Path]:
    """Give ``path`` under a name that ends as its content wants it, where its own does not."""
    with path.open("rb") as handle:
        suffix = ".h5" if handle.read(4) == b"\x89HDF" else ".keras"
    if path.suffix in (suffix, ".hdf5") and (suffix == ".h5" or path.suffix == ".keras"):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="rosette-") as folder:
        link = Path(folder) / f"model{suffix}"
        try:
            link.symlink_to(path.resolve())
        except OSError:  # where links need rights
            shutil.copyfile(path, link)
        yield link


def _unreadable(path: Path, error: BaseException) -> ModelError:
    older = keras2_remedy(path)
    if older is not None:
        return ModelError(
            f"{path} was written by Keras 2, and this Keras {_keras_version()} can't load it "
            f"({_brief(error)}).",
            hint=older,
        )
    return ModelError(
        f"{path} can't be loaded as a Keras model ({_brief(error)}).", hint=_remedy(path, error)
    )


def _keras_version() -> str:
    import keras

    return str(keras.__version__)


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _remedy(path: Path, error: BaseException) -> str:
    said = str(error).lower()
    if "keras_hub" in said:
        return "It is a model of KerasHub: pip install 'rosette-explorer[hub]'."
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
    shape = model.inputs[0].shape
    height, width = shape[2:4] if channels_first(model) else shape[1:3]
    if height is None or width is None:
        known = height or width or DEFAULT_SIZE
        return int(known), (f"The model takes any size; images are given at {known} px.",)
    if height != width:
        raise ModelError(
            f"The model takes {height} by {width} px.", hint="Only square input is supported."
        )
    return int(height), ()


def _scaling(
    model: Any, graph: KerasGraph, names: tuple[str, ...], size: int, asked: str | None
) -> tuple[Scaling, tuple[str, ...]]:
    if asked is not None:
        return scaling(asked), ()
    last = pixels_reached(graph.graph)
    if last is not None and last.output in graph.tensors:
        tensor = graph.tensors[last.output]
        found = scaling_read(lambda x: _run(model, tensor, x), size)
        if found is not None:
            return found, (told(found, last.label),)
    for name in names:
        for part, habit in _HABITS:
            if part in name.lower():
                return habit, (assumed(f"The model, by its name a {name},", habit),)
    return "0..1", ()


def _assumed_scaling(
    model: Any, embedding: Any, size: int, how: Scaling
) -> tuple[Scaling, tuple[str, ...]]:
    pictures = probe(size)
    raw = _run(model, embedding, pictures.astype(np.float32))
    if wants_bytes(_run(model, embedding, scale(pictures, how)), raw):
        return "raw", (told_apart(how),)
    return how, (assumed("The model", how),)


def _run(model: Any, tensor: Any, x: NDArray[Any]) -> NDArray[Any]:
    """Compute one tensor of a model for scaled pixels (n, size, size, 3)."""
    import keras

    part = keras.Model(model.inputs[0], tensor)
    turned = np.moveaxis(x, -1, 1) if channels_first(model) else x
    given = turned.astype(str(model.inputs[0].dtype), copy=False)
    step = model.inputs[0].shape[0]
    return in_steps(given, step, lambda v: [np.asarray(part(v, training=False))])[0]
