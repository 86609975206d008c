"""Scalings of pixels: what a model expects where it does not scale inside."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import UsageError

Scaling = Literal["raw", "0..1", "-1..1", "imagenet", "caffe"]
SCALINGS: Final[tuple[Scaling, ...]] = get_args(Scaling)
ALIASES: Final[dict[str, Scaling]] = {"tf": "-1..1", "torch": "imagenet", "0-255": "raw"}
DESCRIPTIONS: Final[dict[Scaling, str]] = {
    "raw": "0 to 255, as they are",
    "0..1": "divided by 255",
    "-1..1": "divided by 127.5, less 1",
    "imagenet": "divided by 255, less ImageNet's mean, by its deviation (PyTorch's habit)",
    "caffe": "BGR, less ImageNet's mean, 0 to 255",
}
_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION: Final = np.array([0.229, 0.224, 0.225], np.float32)
_CAFFE_MEAN: Final = np.array([103.939, 116.779, 123.68], np.float32)
# What white and black become, which tells the scaling of a quantised input.
_RANGES: Final[dict[Scaling, tuple[float, float]]] = {
    "raw": (0, 255), "0..1": (0, 1), "-1..1": (-1, 1), "imagenet": (-2.12, 2.64),
}  # fmt: skip


def scaling(name: str) -> Scaling:
    """Return the scaling of that name; "tf", "torch" and "0-255" are names too.

    Raises
    ------
    UsageError
        It is none; the hint lists them.
    """
    for known in SCALINGS:
        if name == known:
            return known
    if name in ALIASES:
        return ALIASES[name]
    raise UsageError(f"There is no scaling {name!r}.", hint=f"Choose one of {', '.join(SCALINGS)}.")


def assumed(what: str, how: Scaling) -> str:
    """Say that a scaling was assumed, for want of a word in the model."""
    return (
        f"{what} does not say how it wants its pixels; {DESCRIPTIONS[how]} was assumed. "
        "If that is wrong, say --preprocess."
    )


def told_apart(spurned: Scaling) -> str:
    """Say that pixels go in as they are, since another scaling made all pictures look the same."""
    return (
        f"The model does not say how it wants its pixels. {_capital(DESCRIPTIONS[spurned])}, it "
        f"hardly tells one picture from another; {DESCRIPTIONS['raw']} was taken. If that is "
        "wrong, say --preprocess."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def told(how: Scaling, step: str) -> str:
    """Say that a scaling was read from the model."""
    return f"Pixels are given {DESCRIPTIONS[how]}: the model's step {step!r} asks for that."


def scale(images: NDArray[np.uint8], how: Scaling) -> NDArray[np.float32]:
    """Scale pixels (n, size, size, 3) uint8 RGB to float32 of the same shape."""
    return np.asarray(scaled(images.astype(np.float32), how))


def scaled(x: Any, how: Scaling) -> Any:
    """Scale pixels, a float32 array or tensor (n, size, size, 3) from 0 to 255 in RGB."""
    if how == "raw":
        return x
    if how == "caffe":
        return x[..., ::-1] - _CAFFE_MEAN
    if how == "-1..1":
        return x / np.float32(127.5) - np.float32(1)
    x = x / np.float32(255)
    return x if how == "0..1" else (x - _MEAN) / _DEVIATION


def scaling_of_range(low: float, high: float) -> Scaling | None:
    """Return the scaling whose black and white are about ``low`` and ``high``, or None."""
    for how, (black, white) in _RANGES.items():
        slack = 0.1 * (white - black)
        if abs(low - black) <= slack and abs(high - white) <= slack:
            return how
    return None
