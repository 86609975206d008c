"""Settling of a cut: items that lie clearly beyond the middle change sides."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.splits.cutting.cuts import SMALLEST_PART

HESITATION: Final = 0.2  # how far beyond the middle an item changes sides; 1 is the far centre
ROUNDS: Final = 10


def settled(products: NDArray[np.float32], cuts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Let items that lie clearly beyond the middle change sides.

    A branch of a tree is often a kind without its odd ones out. An item is compared with the
    mean similarity to either side, itself left out.

    Parameters
    ----------
    products
        (n, n) float32 similarities of n items.
    cuts
        (c, n) bool, each of two items at least on either side.

    Returns
    -------
    (c, n) bool. A cut that would lose a side, or that does not come apart, stays as it was.
    """
    inside = cuts.copy()
    own = np.diagonal(products).astype(np.float64)
    total = products.sum(axis=1, dtype=np.float64)
    at_work = np.arange(len(cuts))
    for _ in range(ROUNDS):
        now = inside[at_work]
        size = now.sum(axis=1, keepdims=True)
        rest = now.shape[1] - size
        to_part = (now.astype(np.float32) @ products).astype(np.float64)
        to_rest = total - to_part
        lean = np.where(now, (to_part - own) / (size - 1), to_part / size) - np.where(
            now, to_rest / rest, (to_rest - own) / (rest - 1)
        )
        here = np.where(now, lean, 0).sum(axis=1, keepdims=True) / size
        there = np.where(now, 0, lean).sum(axis=1, keepdims=True) / rest
        apart = (here > there)[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            place = (2 * lean - here - there) / (here - there)
        moved = place > np.where(now, -HESITATION, HESITATION)
        count = moved.sum(axis=1)
        apart &= np.minimum(count, now.shape[1] - count) >= SMALLEST_PART
        inside[at_work[~apart]] = cuts[at_work[~apart]]
        going = apart & (moved != now).any(axis=1)
        inside[at_work[going]] = moved[going]
        at_work = at_work[going]
        if not len(at_work):
            break
    return inside
