"""A local folder of transformers: ``config.json``, weights, ``preprocessor_config.json``.

Nothing is fetched, and no code of the folder is run (``trust_remote_code`` stays off).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from embeddings.backbones.description import ModelDescription, Options, file_digest, fingerprint
from embeddings.backbones.runtime.graph_extractor import (
    DEFAULT_SIZE,
    GraphExtractor,
    Opened,
    described,
)
from embeddings.backbones.torch_models.modules import opened_module
from embeddings.backbones.torch_models.packages import package, torch
from embeddings.errors import ModelError

_CLASSIFIER: Final = "ForImageClassification"
_IMAGENET: Final = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def load(path: Path, options: Options) -> GraphExtractor:
    """Load a folder of transformers: a classifier, an encoder, or the pictures' half of CLIP.

    Raises
    ------
    ModelError
        Its weights or its description can't be read, or it is no model of pictures.
    """
    return GraphExtractor(_open(path, options), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a folder of transformers."""
    return described(load(path, options))


def _open(path: Path, options: Options) -> Opened:
    transformers = package("transformers", "transformers")
    config, model, read = loaded(transformers, path)
    size, mean, deviation, notes = _preprocessing(transformers, path, config)
    names = getattr(config, "id2label", None) or {}
    classes = tuple(str(names[i]) for i in sorted(names)) if read == "logits" else ()
    return opened_module(
        _reading(model, read),
        path=path,
        format_=f"transformers, {type(model).__name__}",
        digest=fingerprint("transformers", file_digest(path)),
        size=size,
        mean=mean,
        deviation=deviation,
        asked=options.preprocess,
        classes=classes,
        outputs=(read,),
        notes=notes,
    )


def loaded(transformers: Any, path: Path) -> tuple[Any, Any, str]:
    """Return configuration, model, and which of its outputs is read.

    Raises
    ------
    ModelError
        It can't be loaded.
    """
    try:
        config = transformers.AutoConfig.from_pretrained(path, local_files_only=True)
        kind = next(iter(config.architectures or ["AutoModel"]))
        loader, read = _loader(transformers, kind, config)
        model = loader.from_pretrained(
            path, local_files_only=True, use_safetensors=_has_safetensors(path)
        )
    except Exception as error:  # the library raises whatever a folder makes of it
        said = " ".join(str(error).split())[:160]
        raise ModelError(
            f"{path} can't be loaded as a model of transformers ({said}).",
            hint="Give the whole folder that save_pretrained writes: config.json and the weights.",
        ) from error
    return config, model.float().eval(), read


def _loader(transformers: Any, kind: str, config: Any) -> tuple[Any, str]:
    if kind.endswith(_CLASSIFIER) or kind.endswith("ForImageClassificationWithTeacher"):
        return getattr(transformers, kind), "logits"
    if hasattr(config, "vision_config"):
        return getattr(transformers, kind, transformers.AutoModel), "image_embeds"
    if kind.endswith("WithProjection"):
        return getattr(transformers, kind), "image_embeds"
    return transformers.AutoModel, "pooler_output"


def _has_safetensors(path: Path) -> bool:
    return any(path.glob("*.safetensors"))


def _reading(model: Any, read: str) -> Any:
    """Return a module of pixels that gives the one tensor that is read."""
    lib = torch()

    class Reading(lib.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, images: Any) -> Any:
            if read == "image_embeds" and hasattr(self.model, "get_image_features"):
                return _tensor(self.model.get_image_features(pixel_values=images), read)
            return _tensor(self.model(pixel_values=images), read)

    return Reading()


def _tensor(made: Any, read: str) -> Any:
    """Return the output of that name; else the pooled one; else the mean of what stands last."""
    if not hasattr(made, "keys"):
        return made
    for name in (read, "image_embeds", "pooler_output"):
        if getattr(made, name, None) is not None:
            found = getattr(made, name)
            return found.flatten(1) if found.ndim > 2 else found
    last = made.last_hidden_state
    return last.mean(dim=(2, 3)) if last.ndim == 4 else last.mean(dim=1)


def _preprocessing(
    transformers: Any, path: Path, config: Any
) -> tuple[int, tuple[float, ...], tuple[float, ...], tuple[str, ...]]:
    """Return the size in px, mean and deviation of each channel, and what was assumed."""
    vision = getattr(config, "vision_config", config)
    own = getattr(vision, "image_size", None)
    size = own[0] if isinstance(own, list | tuple) else own
    if not any((path / n).is_file() for n in ("preprocessor_config.json", "processor_config.json")):
        note = (
            f"{path.name} holds no preprocessor_config.json; ImageNet's mean and deviation were "
            "assumed. If that is wrong, say --preprocess."
        )
        return int(size or DEFAULT_SIZE), *_IMAGENET, (note,)
    processor = transformers.AutoImageProcessor.from_pretrained(path, local_files_only=True)
    asked = getattr(processor, "crop_size", None) or getattr(processor, "size", None) or {}
    side = asked.get("height") or asked.get("shortest_edge") or size or DEFAULT_SIZE
    if size and not _takes_any(config):
        side = size
    if not getattr(processor, "do_normalize", True):
        return int(side), (0.0,) * 3, (1.0,) * 3, ()
    mean = tuple(float(v) for v in processor.image_mean or _IMAGENET[0])
    deviation = tuple(float(v) for v in processor.image_std or _IMAGENET[1])
    return int(side), mean, deviation, ()


def _takes_any(config: Any) -> bool:
    """Whether the network takes another size than its configuration's, as DINOv2 does."""
    return "dinov" in str(getattr(config, "model_type", ""))
