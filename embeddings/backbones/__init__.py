"""Pretrained classifiers: a table of known ones, and a loader for each format of your own.

``load`` gives an ``Extractor`` (``embeddings.records``); nothing heavy is imported before.
"""

from __future__ import annotations

from pathlib import Path

from embeddings.backbones.description import Candidate, ModelDescription
from embeddings.backbones.quiet import quiet_native_logs
from embeddings.backbones.table import Backbone, find, table
from embeddings.errors import ModelError, UsageError
from embeddings.records import Extractor

__all__ = ["Backbone", "Candidate", "ModelDescription", "describe", "load", "table"]

FORMATS = ".keras, .h5, a SavedModel folder, .tflite or .onnx"


def load(
    model: str,
    *,
    layer: str | None = None,
    preprocess: str | None = None,
    allow_code: bool = False,
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
    allow_code
        Permit layers that carry Python code. Only for files that you trust.

    Raises
    ------
    UsageError
        No such name or file.
    ModelError
        The file can't be loaded, its layer not be found, or its weights not be had.
    """
    with quiet_native_logs():
        return _load(model, layer, preprocess, allow_code)


def _load(model: str, layer: str | None, preprocess: str | None, allow_code: bool) -> Extractor:
    row = find(model)
    if row is not None:
        if layer or preprocess:
            raise UsageError(
                f"{model} has its layer and scaling already.",
                hint="--layer and --preprocess are for model files.",
            )
        if row.name == "embedded":
            from embeddings.backbones.keras_models import load_embedded

            return load_embedded()
        from embeddings.backbones.keras_models import load_application

        return load_application(row)
    path = _existing(model)
    match _format(path):
        case "tflite":
            from embeddings.backbones import tflite

            return tflite.load(path, layer=layer, preprocess=preprocess)
        case "onnx":
            from embeddings.backbones import onnx

            return onnx.load(path, layer=layer, preprocess=preprocess)
        case "saved_model":
            from embeddings.backbones import saved_model

            return saved_model.load(path, layer=layer, preprocess=preprocess)
        case _:
            from embeddings.backbones import keras_models

            return keras_models.load_file(
                path, layer=layer, preprocess=preprocess, allow_code=allow_code
            )


def describe(model: str, *, allow_code: bool = False) -> ModelDescription:
    """Say which layers of a classifier's file could be the embedding, and which is chosen.

    Raises
    ------
    UsageError, ModelError
        As :func:`load`.
    """
    with quiet_native_logs():
        return _describe(_existing(model), allow_code)


def _describe(path: Path, allow_code: bool) -> ModelDescription:
    match _format(path):
        case "tflite":
            from embeddings.backbones import tflite

            return tflite.describe(path)
        case "onnx":
            from embeddings.backbones import onnx

            return onnx.describe(path)
        case "saved_model":
            from embeddings.backbones import saved_model

            return saved_model.describe(path)
        case _:
            from embeddings.backbones import keras_models

            return keras_models.describe_file(path, allow_code=allow_code)


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
    with path.open("rb") as handle:
        head = handle.read(8)
    if head[4:8] == b"TFL3":
        return "tflite"
    if head[:4] == b"PK\x03\x04" or head == b"\x89HDF\r\n\x1a\n":
        return "keras"
    suffix = path.suffix.lower().lstrip(".")
    if suffix in ("onnx", "tflite", "keras", "h5", "hdf5"):
        return {"h5": "keras", "hdf5": "keras"}.get(suffix, suffix)
    raise ModelError(f"{path} is not a model file that is known.", hint=f"Give {FORMATS}.")
