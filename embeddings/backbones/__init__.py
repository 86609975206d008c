"""Models: a table of known ones, a loader for each format of your own, and any function.

``load`` and ``from_function`` give an ``Extractor``; nothing heavy is imported before.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from embeddings.backbones.description import (
    Candidate,
    ModelDescription,
    Options,
    file_digest,
    fingerprint,
)
from embeddings.backbones.formats.detect import KNOWN, LOADERS, Format, format_of, is_here
from embeddings.backbones.function import FunctionExtractor, from_function
from embeddings.backbones.runtime.keras_settings import keras_defaults, keras_on_tensorflow
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
from embeddings.backbones.text_image.pair import TextEncoder, TextImagePair, text_image_pair
from embeddings.backbones.torch_models.named import describe_named, load_named, parsed
from embeddings.errors import UsageError
from embeddings.records import Extractor, ModelSpec, Progress, no_progress

__all__ = [
    "PRECISIONS",
    "SCALINGS",
    "Backbone",
    "Candidate",
    "Extractor",
    "FunctionExtractor",
    "ModelDescription",
    "Precision",
    "TextEncoder",
    "TextImagePair",
    "describe",
    "find",
    "from_function",
    "identity",
    "is_in_table",
    "load",
    "load_spec",
    "one_core_a_batch",
    "processor_flags",
    "quiet_native_logs",
    "refuse_unsupported",
    "table",
    "text_image_pair",
    "uses_tensorflow",
]

_OWN_PRECISION: Final = frozenset(LOADERS) - {"keras", "keras_hub", "saved_model"}


def load_spec(spec: ModelSpec, *, progress: Progress = no_progress) -> Extractor:
    """Load the model that is asked for; see :func:`load`."""
    return load(
        spec.model,
        layer=spec.layer,
        preprocess=spec.preprocess,
        allow_code=spec.trust,
        precision=spec.precision,
        progress=progress,
    )


def identity(spec: ModelSpec) -> str:
    """Return what tells a model of the table from all others, without loading it.

    Its name, the digest of its weights and the precision, hashed; "" for a model's file, which has
    to be read.
    """
    row = find(spec.model)
    if row is None or spec.layer or spec.preprocess:
        return ""
    digest = row.digest or file_digest(Path(__file__).parent / "embedded" / "weights.npz")
    return fingerprint("of the table", row.name, digest, spec.precision)


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
        return _load_file(model, options)
    if layer or preprocess or classes_file:
        raise UsageError(
            f"{model} has its layer, scaling and classes already.",
            hint="--layer, --preprocess and a list of classes are for model files.",
        )
    with keras_defaults():
        if not row.factory:
            from embeddings.backbones.runtime.keras_extractor import load_embedded

            return load_embedded(asked)
        from embeddings.backbones.formats import keras_applications

        return keras_applications.load(row, precision=asked, progress=progress)


def _load_file(model: str, options: Options) -> Extractor:
    named = parsed(model)
    if options.precision != "fp32" and (named or format_of(_existing(model)) in _OWN_PRECISION):
        raise UsageError(
            f"{model} computes as it is in the file; --precision {options.precision} is for "
            "TensorFlow.",
            hint="Leave out --precision, or convert the model before.",
        )
    if named is not None:
        return load_named(named, options)
    path = _existing(model)
    with _settings(path):
        return cast(Extractor, _loader(path).load(path, options))


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
    options = Options(layer, preprocess, classes_file, allow_code)
    if (named := parsed(model)) is not None:
        return describe_named(named, options)
    path = _existing(model)
    with _settings(path):
        return cast(ModelDescription, _loader(path).describe(path, options))


def _settings(path: Path) -> AbstractContextManager[None]:
    """Return what must hold around the loader: importing Keras takes seconds that few need."""
    found = _read_as(path)
    if found in ("keras", "keras_hub"):
        return keras_defaults()
    return keras_on_tensorflow() if found in ("saved_model", "tflite") else nullcontext()


def _loader(path: Path) -> Any:
    return import_module(f"embeddings.backbones.{LOADERS[_read_as(path)]}")


def _read_as(path: Path) -> Format:
    """Return the format; folders that two libraries can read go to the one that is here."""
    found = format_of(path)
    if found in ("transformers", "timm") and not is_here("torch") and is_here("keras_hub"):
        return "keras_hub"
    return found


def is_in_table(model: str) -> bool:
    """Whether this is the name of a model of the table rather than a file or named weights."""
    return find(model) is not None


def uses_tensorflow(model: str) -> bool:
    """Whether a model computes with TensorFlow: importing it beside PyTorch can end the process."""
    if find(model) is not None:
        return True
    if parsed(model) is not None:
        return False
    return _read_as(_existing(model)) in ("keras", "keras_hub", "saved_model", "tflite")


def _existing(model: str) -> Path:
    path = Path(model)
    if not path.exists():
        names = ", ".join(row.name for row in table())
        raise UsageError(
            f"{model} is neither a model of the table nor a file.",
            hint=f"Choose one of {names}; or give {KNOWN}.",
        )
    return path
