"""What one look at a thumbnail says: light, contrast, sharpness, and marks to find its copies by.

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
from PIL import Image

PATCH: Final = 24  # px, side of the small grey picture by which copies are verified
_WEIGHTS: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
# Share of the pixels that the sharpest edges are looked for in, and the differences at which they
# are: steps across one and across four pixels.
_SHARPEST: Final = 0.005
_FEWEST_STEEP: Final = 8


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
    pixels = np.asarray(rgb, dtype=np.float32) / 255
    grey: NDArray[np.float32] = (pixels @ _WEIGHTS).astype(np.float32)
    dark, light = np.quantile(grey, [0.01, 0.99])
    flat = rgb.convert("L")
    bits = imagehash.phash(flat).hash.ravel()
    patch = flat.resize((PATCH, PATCH), Image.Resampling.BOX)
    return Measures(
        dark=float(dark),
        light=float(light),
        brightness=float(grey.mean()),
        spread=float(pixels.std(axis=(0, 1)).max()),
        sharpness=_sharpness(grey),
        phash=int.from_bytes(np.packbits(bits).tobytes(), "big"),
        patch=patch.tobytes(),
    )


def _sharpness(grey: NDArray[np.float32]) -> float:
    """Return the rise within one pixel over that within five, at the steepest places."""
    rises = []
    for values in (grey, grey.T):
        if values.shape[1] < 6:
            continue
        one = np.abs(np.diff(values, axis=1))[:, 2:-2]
        five = values[:, 5:] - values[:, :-5]
        rises.append((one.ravel(), np.abs(five).ravel()))
    if not rises:
        return float("nan")
    one, five = (np.concatenate(part) for part in zip(*rises, strict=True))
    count = min(len(five), max(_FEWEST_STEEP, round(_SHARPEST * len(five))))
    steepest = np.argpartition(-five, count - 1)[:count]
    height = float(five[steepest].mean())
    if height < 0.02:
        return float("nan")
    best = np.argpartition(-one, count - 1)[:count]
    return float(min(1.0, one[best].mean() / height))
