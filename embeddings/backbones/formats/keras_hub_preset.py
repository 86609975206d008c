"""Models of KerasHub (extra ``hub``): a preset's folder, and what their files say of pixels.

KerasHub also reads folders of transformers and of timm, for the architectures that it converts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.backbones.description import ModelDescription, Options
from embeddings.backbones.graphs.keras_graph import run_flattened
from embeddings.backbones.runtime.keras_extractor import KerasExtractor
from embeddings.errors import MissingExtraError, ModelError


@dataclass(frozen=True, slots=True)
class OwnScaling:
    """What a model's own preprocessor does to pixels: ``x * scale + offset``, by channel."""

    scale: Any
    offset: Any

    @property
    def note(self) -> str:
        """What there is to say about it."""
        return (
            f"Pixels are scaled by the model's own preprocessor: times {_listed(self.scale)}, plus "
            f"{_listed(self.offset)}."
        )


def _listed(values: Any) -> str:
    if isinstance(values, list | tuple):
        return "(" + ", ".join(f"{v:.4g}" for v in values) + ")"
    return f"{values:.4g}"


def own_scaling(model: Any) -> OwnScaling | None:
    """Return the scaling of a KerasHub model that brings its preprocessor, else None."""
    converter = getattr(getattr(model, "preprocessor", None), "image_converter", None)
    scale, offset = getattr(converter, "scale", None), getattr(converter, "offset", None)
    if scale is None and offset is None:
        return None
    return OwnScaling(_plain(1.0 if scale is None else scale), _plain(offset or 0.0))


def _plain(values: Any) -> Any:
    return [float(v) for v in values] if isinstance(values, list | tuple) else float(values)


def with_scaling(model: Any, scaling: OwnScaling) -> Any:
    """Return the model, laid open, with the scaling of its preprocessor before it."""
    import keras

    given = model.inputs[0]
    pixels = keras.Input(batch_shape=given.shape, dtype=given.dtype, name="rosette_pixels")
    scaled = keras.layers.Rescaling(scaling.scale, scaling.offset, name="rosette_scaled")(pixels)
    return keras.Model(pixels, run_flattened(model, scaled))


def load(path: Path, options: Options) -> KerasExtractor:
    """Load a preset's folder: a classifier where it holds one, else the backbone.

    Raises
    ------
    MissingExtraError
        KerasHub is not installed.
    ModelError
        The folder can't be loaded, or holds no model of images.
    """
    from embeddings.backbones.formats.keras_file import extractor_of

    return extractor_of(path, _preset(path), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a preset's folder."""
    from embeddings.backbones.formats.keras_file import description_of

    return description_of(path, _preset(path), options, "KerasHub")


def _preset(path: Path) -> Any:
    try:
        import keras_hub
    except ImportError as error:
        raise MissingExtraError("KerasHub, which this model needs,", "hub") from error
    models = keras_hub.models
    try:
        if _is_classifier(path):
            return models.ImageClassifier.from_preset(str(path))
        backbone = models.Backbone.from_preset(str(path))
    except Exception as error:  # the library raises whatever a folder makes of it
        said = " ".join(str(error).split())[:160]
        raise ModelError(
            f"{path} can't be loaded by KerasHub ({said}).",
            hint="Give the whole folder that model.save_to_preset writes.",
        ) from error
    encoder = getattr(backbone, "vision_encoder", backbone)  # the pictures' half of CLIP
    encoder.preprocessor = _preprocessor(keras_hub, path)
    return encoder


def _is_classifier(path: Path) -> bool:
    from embeddings.backbones.formats.detect import folder_config

    if (path / "task.json").is_file():
        return "ImageClassifier" in (path / "task.json").read_text(encoding="utf-8")[:2000]
    config = folder_config(path) or {}
    kinds = " ".join(config.get("architectures") or ())
    return "ForImageClassification" in kinds or "architecture" in config


def _preprocessor(keras_hub: Any, path: Path) -> Any:
    """Return something with an ``image_converter``, or None where the folder holds none."""

    @dataclass(frozen=True)
    class Preprocessor:
        image_converter: Any

    try:
        return Preprocessor(keras_hub.layers.ImageConverter.from_preset(str(path)))
    except (ValueError, OSError):  # a folder without one; the scaling is found as for other files
        return None
