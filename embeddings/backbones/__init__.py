"""Pretrained classifiers: a table of known ones, and a loader for each format of your own.

``load`` gives an ``Extractor`` (``embeddings.records``); nothing heavy is imported before.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from embeddings.backbones.description import Candidate, ModelDescription, Options
from embeddings.backbones.from_function import FunctionExtractor, from_function
from embeddings.backbones.runtime.native_logs import quiet_native_logs
from embeddings.backbones.runtime.precision import (
    PRECISIONS,
    Precision,
    processor_flags,
    refuse_unsupported,
)
from embeddings.backbones.runtime.precision import precision as named_precision
from embeddings.backbones.runtime.preprocess import SCALINGS
from embeddings.backbones.runtime.threads import one_core_a_batch
from embeddings.backbones.table import Backbone, find, table
from embeddings.errors import ModelError, UsageError
from embeddings.records import Extractor, Progress, no_progress

__all__ = [
    "PRECISIONS",
    "SCALINGS",
    "Backbone",
    "Candidate",
    "FunctionExtractor",
    "ModelDescription",
    "Precision",
    "describe",
    "from_function",
    "load",
    "one_core_a_batch",
    "processor_flags",
    "quiet_native_logs",
    "refuse_unsupported",
    "table",
]

FORMATS: Final = ".keras, .h5, a SavedModel folder, .tflite or .onnx"
_LOADERS: Final = {
    "keras": "keras_file", "h5": "keras_file", "hdf5": "keras_file",
    "saved_model": "saved_model", "tflite": "tflite", "onnx": "onnx",
}  # fmt: skip
_OWN_PRECISION: Final = ("tflite", "onnx")


def load(
    model: str,
    *,
    layer: str | None = None,
    preprocess: str | None = None,
    classes_file: Path | None = None,
    allow_code: bool = False,
    precision: str = "fp32",
    progress: Progress = no_progress,
) -> Extractor:
    """Load a model of the table, or a classifier's file.

    Parameters
    ----------
    model
        A name of the table, or a path.
    layer
        The layer or tensor to read; by default what feeds the last dense layer or the logits.
    preprocess
        The scaling of the pixels (``preprocess.SCALINGS``); by default found from the model.
    classes_file
        The names of the classes, one a line; by default looked for beside the model.
    allow_code
        Permit layers that carry Python code. Only for files that you trust.
    precision
        fp32; bf16 where the processor has it; fp16 on a GPU. Each has a fingerprint of its own.
    progress
        Told the bytes of a download.

    Raises
    ------
    UsageError
        No such name or file, layer, scaling or precision, or no precision but one in this format.
    ModelError
        The file can't be loaded, its layer not be found, or its weights not be had; or this
        machine does not compute in that precision.
    """
    row = find(model)
    asked = named_precision(precision)
    if row is None:
        options = Options(layer, preprocess, classes_file, allow_code, asked)
        path = _existing(model)
        if asked != "fp32" and (found := _format(path)) in _OWN_PRECISION:
            raise UsageError(
                f"{path} computes as it is in the file; --precision {asked} is for TensorFlow.",
                hint=f"Leave out --precision, or convert the model before: .{found} may hold it.",
            )
        return cast(Extractor, _loader(path).load(path, options))
    if layer or preprocess or classes_file:
        raise UsageError(
            f"{model} has its layer, scaling and classes already.",
            hint="--layer, --preprocess and a list of classes are for model files.",
        )
    if not row.factory:
        from embeddings.backbones.runtime.keras_extractor import load_embedded

        return load_embedded(asked)
    from embeddings.backbones.formats import keras_applications

    return keras_applications.load(row, precision=asked, progress=progress)


def describe(
    model: str,
    *,
    layer: str | None = None,
    preprocess: str | None = None,
    classes_file: Path | None = None,
    allow_code: bool = False,
) -> ModelDescription:
    """Say which layers of a classifier's file could be the embedding, and which is chosen.

    Raises
    ------
    UsageError, ModelError
        As :func:`load`.
    """
    path = _existing(model)
    options = Options(layer, preprocess, classes_file, allow_code)
    return cast(ModelDescription, _loader(path).describe(path, options))


def _loader(path: Path) -> Any:
    return import_module(f"embeddings.backbones.formats.{_LOADERS[_format(path)]}")


def _existing(model: str) -> Path:
    path = Path(model)
    if not path.exists():
        names = ", ".join(row.name for row in table())
        raise UsageError(
            f"{model} is neither a model of the table nor a file.",
            hint=f"Choose one of {names}; or give {FORMATS}.",
        )
    return path


def _format(path: Path) -> str:
    """Tell the format by content where it can be told, else by suffix."""
    if path.is_dir():
        if (path / "saved_model.pb").is_file():
            return "saved_model"
        raise ModelError(f"{path} is a folder without saved_model.pb.", hint=f"Give {FORMATS}.")
    try:
        with path.open("rb") as handle:
            head = handle.read(8)
    except OSError as error:
        raise ModelError(f"{path} can't be read ({error.strerror}).", hint="Mend that.") from error
    if head[4:8] == b"TFL3":
        return "tflite"
    if head[:4] == b"PK\x03\x04" or head == b"\x89HDF\r\n\x1a\n":
        return "keras"
    suffix = path.suffix.lower().lstrip(".")
    if suffix in _LOADERS:
        return suffix
    raise ModelError(f"{path} is not a model file that is known.", hint=f"Give {FORMATS}.")
