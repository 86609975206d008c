"""How a pair wants its pixels and its texts, from the JSON files beside the encoders."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from embeddings.backbones.text_image.files import PairFiles, read_settings
from embeddings.errors import ModelError

# OpenAI's CLIP and most that came after it; SigLIP's is one half, and stands in its settings.
_CLIP_MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
_CLIP_DEVIATION: Final = (0.26862954, 0.26130258, 0.27577711)
_OF_PIXELS: Final = (
    "preprocessor_config.json",  # transformers before version 5, and transformers.js
    "processor_config.json",
    "preprocess_cfg.json",  # open_clip
    "open_clip_config.json",
)
_LARGEST_SIZE: Final = 2048  # px
_LONGEST: Final = 4096  # tokens
_CLIP_LENGTH: Final = 77  # tokens
_Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PixelSettings:
    """Pixels p from 0 to 255 are given as (p · ``factor`` - ``mean``) / ``deviation``.

    ``size`` is in px, None where the settings do not say.
    """

    size: int | None
    mean: _Triple
    deviation: _Triple
    factor: float = 1 / 255
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """Texts are cut and padded to ``length`` tokens, the rest filled with the token ``pad``.

    ``pad`` is None where the settings do not say.
    """

    length: int
    pad: str | None
    lower: bool = False


def pixel_settings(files: PairFiles) -> PixelSettings:
    """Read how pixels are scaled, from the file of transformers or that of open_clip.

    Raises
    ------
    ModelError
        What stands there makes no sense.
    """
    found = read_settings(files, *_OF_PIXELS)
    if found is None:
        note = (
            f"{files.folder.name} says nothing of its pixels (preprocessor_config.json); CLIP's "
            "mean and deviation were assumed."
        )
        return PixelSettings(None, _CLIP_MEAN, _CLIP_DEVIATION, notes=(note,))
    file, said = found
    said = said.get("preprocess_cfg", said.get("image_processor", said))
    if not isinstance(said, dict):
        raise _nonsense(file, "the settings of pixels")
    size = _size(file, said)
    factor = 1.0
    if said.get("do_rescale", True):
        factor = _number(file, "rescale_factor", said.get("rescale_factor", 1 / 255))
    if not said.get("do_normalize", True):
        return PixelSettings(size, (0.0,) * 3, (1.0,) * 3, factor)
    mean = _triple(file, said, "image_mean", "mean", default=_CLIP_MEAN)
    deviation = _triple(file, said, "image_std", "std", default=_CLIP_DEVIATION)
    if min(deviation) <= 0:
        raise _nonsense(file, "the deviation")
    return PixelSettings(size, mean, deviation, factor)


def token_settings(files: PairFiles) -> TokenSettings:
    """Read ``tokenizer_config.json``, and from ``config.json`` how long a text may be.

    Raises
    ------
    ModelError
        What stands there makes no sense.
    """
    _, of_tokens = read_settings(files, "tokenizer_config.json") or (files.folder, {})
    file, of_model = read_settings(files, "config.json") or (files.folder, {})
    of_text = of_model.get("text_config") or of_model.get("text_cfg") or {}
    length: Any = _CLIP_LENGTH
    if isinstance(of_text, dict):
        length = of_text.get("max_position_embeddings") or of_text.get("context_length") or length
    own = of_tokens.get("model_max_length")
    if isinstance(own, int) and 0 < own <= _LONGEST:  # where it is unknown it is some 1e30
        length = own
    if not isinstance(length, int) or not 0 < length <= _LONGEST:
        raise _nonsense(file, "the length of a text")
    pad = of_tokens.get("pad_token")
    pad = pad.get("content") if isinstance(pad, dict) else pad
    return TokenSettings(
        length, pad if isinstance(pad, str) else None, of_tokens.get("do_lower_case") is True
    )


def _size(file: Path, said: dict[str, Any]) -> int | None:
    asked = said.get("crop_size") if said.get("do_center_crop", True) else None
    asked = asked or said.get("size")
    if isinstance(asked, dict):
        asked = asked.get("height") or asked.get("shortest_edge")
    if isinstance(asked, list) and asked:
        asked = asked[0]
    if asked is None:
        return None
    if not isinstance(asked, int) or not 0 < asked <= _LARGEST_SIZE:
        raise _nonsense(file, "the size")
    return asked


def _triple(file: Path, said: dict[str, Any], *names: str, default: _Triple) -> _Triple:
    found = next((said[name] for name in names if said.get(name) is not None), default)
    if not isinstance(found, list | tuple) or len(found) != 3:
        raise _nonsense(file, names[0])
    red, green, blue = (_number(file, names[0], value) for value in found)
    return red, green, blue


def _number(file: Path, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _nonsense(file, name)
    return float(value)


def _nonsense(file: Path, what: str) -> ModelError:
    return ModelError(
        f"{file} makes no sense: {what}.", hint="Copy the file again from where the pair is from."
    )
