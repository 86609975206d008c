"""Measures of a thumbnail: light, contrast, sharpness, and hashes to find its copies by.

Light and contrast after cleanvision's measures (percentiles of the perceived brightness of the
pixels); sharpness by the steepest edges rather than by a mean, so that a drawing with few edges is
not called blurred; the perceptual hash is imagehash's ``phash`` (64 bits, from the cosine
transform).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

PATCH: Final = 24  # px, side of the small grey picture by which copies are verified
_SHARPEST: Final = 0.005  # share of the pixels that the steepest edges are looked for in
_FEWEST_STEEP: Final = 8  # pixels, in very small pictures
_LEAST_HEIGHT: Final = 5.0  # of 255: below this there is no edge


@dataclass(frozen=True, slots=True)
class Measures:
    """One picture in figures; brightness runs from 0 (black) to 1 (white).

    Parameters
    ----------
    dark, light
        The 1st and the 99th percentile of the brightness of the pixels.
    brightness
        The mean.
    spread
        Standard deviation of the pixels, that of the channel that varies most.
    sharpness
        How much of its height the steepest edges rise within one pixel of the thumbnail: near 1
        for a hard edge, 0.2 and less where even these are soft; NaN without any edge.
    phash
        64 bits as an unsigned number.
    patch
        ``PATCH`` × ``PATCH`` bytes, the picture in grey, squeezed to a square.
    """

    dark: float
    light: float
    brightness: float
    spread: float
    sharpness: float
    phash: int
    patch: bytes


def measure(jpeg: bytes) -> Measures:
    """Measure a thumbnail."""
    import imagehash

    with Image.open(io.BytesIO(jpeg)) as image:
        rgb = image.convert("RGB")
    flat = rgb.convert("L")
    grey = np.asarray(flat).astype(np.int16)
    levels = np.bincount(grey.ravel(), minlength=256)
    bits = imagehash.phash(flat).hash.ravel()
    return Measures(
        dark=_quantile(levels, 0.01) / 255,
        light=_quantile(levels, 0.99) / 255,
        brightness=float(grey.mean()) / 255,
        spread=max(ImageStat.Stat(rgb).stddev) / 255,
        sharpness=_sharpness(grey),
        phash=int.from_bytes(np.packbits(bits).tobytes(), "big"),
        patch=flat.resize((PATCH, PATCH), Image.Resampling.BOX).tobytes(),
    )


def _quantile(levels: NDArray[np.intp], share: float) -> float:
    """Return the brightness that a share of the pixels does not exceed."""
    return float(np.searchsorted(np.cumsum(levels), share * levels.sum()))


def _sharpness(grey: NDArray[np.int16]) -> float:
    """Return the rise within one pixel over that within five, at the steepest places."""
    one, five = np.zeros(256, dtype=np.int64), np.zeros(256, dtype=np.int64)
    for values in (grey, grey.T):
        if values.shape[1] > 5:
            within = np.abs(values[:, 3:-2] - values[:, 2:-3])
            one += np.bincount(within.ravel(), minlength=256)
            five += np.bincount(np.abs(values[:, 5:] - values[:, :-5]).ravel(), minlength=256)
    count = max(_FEWEST_STEEP, round(_SHARPEST * int(five.sum())))
    height = _mean_of_largest(five, count)
    if height < _LEAST_HEIGHT:
        return float("nan")
    return min(1.0, _mean_of_largest(one, count) / height)


def _mean_of_largest(levels: NDArray[np.int64], count: int) -> float:
    """Return the mean of the ``count`` largest values, from how often each value occurs."""
    down = levels[::-1]
    taken = np.minimum(down, np.maximum(0, count - (np.cumsum(down) - down)))
    return float((taken * np.arange(255, -1, -1)).sum() / max(int(taken.sum()), 1))
