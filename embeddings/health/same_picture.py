"""Compare small grey pictures: is one the same as the other, whole or as a cut of it.

The correlation of the pixels (brightness and contrast do not matter to it) is taken between either
picture and cuts of the other: first a few sizes and places, then, from the best of these, smaller
and smaller steps. Two photos of similar things agree in their coarse shape, but hardly in their
detail. So the lower of two correlations counts: that of the pixels, and that of the differences
between neighbouring pixels.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SIZES: Final = (1.0, 0.92, 0.84, 0.76)  # sides of the first cuts, as shares
_PLACES: Final = 3  # along either side, for each size
_STEPS: Final = (0.05, 0.025, 0.0125, 0.006)  # of size and place, as shares
_SMALLEST: Final = 0.6
_WORTH_IT: Final = 0.5  # correlation of the pictures below which no finer cut is tried
_ENOUGH: Final = 0.95  # likeness of the whole pictures from which no cut is looked for
_PAIRS: Final = 1024  # compared at once
_FLATTEST: Final = 1e-6

Cuts = NDArray[np.float64]  # (p or 1, 4): height, width, top, left, as shares of the side
Pictures = NDArray[np.float32]
Patches = NDArray[np.uint8]


def likeness(one: Patches, other: Patches) -> NDArray[np.float32]:
    """Return how much the pictures of each pair are the same, (p,) float32 in [-1, 1].

    Parameters
    ----------
    one, other
        (p, s, s) uint8 grey pictures. Pictures without contrast are like nothing.
    """
    best = [np.empty(0, dtype=np.float32)]
    for start in range(0, len(one), _PAIRS):
        at = slice(start, start + _PAIRS)
        whole, part = _smoothed(one[at]), _smoothed(other[at])
        found = _as_cut(whole, part)
        rest = found < _ENOUGH
        found[rest] = np.maximum(found[rest], _as_cut(part[rest], whole[rest]))
        best.append(found)
    return np.concatenate(best)


def _smoothed(pictures: Patches) -> Pictures:
    """Take away the finest detail, which no resampling keeps."""
    wide: Pictures = np.pad(pictures.astype(np.float32), ((0, 0), (1, 1), (1, 1)), "edge")
    down = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    smooth = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) / 4
    return smooth.astype(np.float32)


def _as_cut(whole: Pictures, part: Pictures) -> Pictures:
    """Look for each part in its whole."""
    n = len(whole)
    found = _alike(whole, part, np.array([[1.0, 1.0, 0.0, 0.0]]), detail=True)
    if (found >= _ENOUGH).all():
        return found
    cuts, best = np.tile([1.0, 1.0, 0.0, 0.0], (n, 1)), np.full(n, -1.0, dtype=np.float32)
    for cut in _first_cuts():
        _keep_better(whole, part, np.array([cut]), cuts, best, detail=False)
    near = np.flatnonzero((best >= _WORTH_IT) & (found < _ENOUGH))
    if len(near):
        found[near] = np.maximum(found[near], _refined(whole[near], part[near], cuts[near]))
    return found


def _refined(whole: Pictures, part: Pictures, cuts: Cuts) -> Pictures:
    best = _alike(whole, part, cuts, detail=True)
    for step in _STEPS:
        for _ in range(2):
            for axis in range(4):
                for sign in (-1, 1):
                    moved = cuts.copy()
                    moved[:, axis] += sign * step
                    if axis < 2:  # the middle stays
                        moved[:, axis + 2] -= sign * step / 2
                    _keep_better(whole, part, _legal(moved), cuts, best, detail=True)
    return best


def _first_cuts() -> list[tuple[float, float, float, float]]:
    return [
        (size, size, float(top), float(left))
        for size in SIZES
        for top in np.linspace(0, 1 - size, _PLACES if size < 1 else 1)
        for left in np.linspace(0, 1 - size, _PLACES if size < 1 else 1)
    ]


def _legal(cuts: Cuts) -> Cuts:
    sides = np.clip(cuts[:, :2], _SMALLEST, 1.0)
    return np.concatenate((sides, np.clip(cuts[:, 2:], 0.0, 1.0 - sides)), axis=1)


def _keep_better(
    whole: Pictures, part: Pictures, tried: Cuts, cuts: Cuts, best: Pictures, *, detail: bool
) -> None:
    value = _alike(whole, part, tried, detail=detail)
    better = value > best
    best[better] = value[better]
    cuts[better] = np.broadcast_to(tried, cuts.shape)[better]


def _alike(whole: Pictures, part: Pictures, cuts: Cuts, *, detail: bool) -> Pictures:
    side = whole.shape[1]
    found = _lines(side, cuts[:, 0], cuts[:, 2]) @ whole
    found = found @ _lines(side, cuts[:, 1], cuts[:, 3]).transpose(0, 2, 1)
    alike = _correlation(found, part)
    if detail:
        for axis in (1, 2):
            steps = _correlation(np.diff(found, axis=axis), np.diff(part, axis=axis))
            alike = np.minimum(alike, steps)
    return alike


def _lines(side: int, size: NDArray[np.float64], start: NDArray[np.float64]) -> Pictures:
    """Return (p, side, side) matrices that resample a piece of a line to the whole of it."""
    at = (start[:, None] + size[:, None] * (np.arange(side) + 0.5) / side) * side - 0.5
    away = np.abs(np.clip(at, 0, side - 1)[:, :, None] - np.arange(side))
    lines: Pictures = np.maximum(0, 1 - away).astype(np.float32)
    return lines


def _correlation(one: Any, other: Any) -> Pictures:
    a, b = _normed(_flat(one)), _normed(_flat(other))
    correlation: Pictures = np.einsum("ij,ij->i", a, b)
    return correlation


def _flat(pictures: Any) -> Pictures:
    flat: Pictures = pictures.reshape(len(pictures), pictures.shape[1] * pictures.shape[2])
    return flat


def _normed(rows: Pictures) -> Pictures:
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    normed: Pictures = np.divide(
        centred, length, out=np.zeros_like(centred), where=length > _FLATTEST
    )
    return normed
