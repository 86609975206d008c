"""Settling of a cut: items that lie clearly beyond the middle change sides."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.splits.cutting.cuts import SMALLEST_PART

HESITATION: Final = 0.2  # how far beyond the middle an item changes sides; 1 is the far centre
ROUNDS: Final = 10


def settled(rows: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Let items that lie clearly beyond the middle change sides; (n,) bool.

    A branch of a tree is often a kind without its odd ones out. An item is compared with the
    mean similarity to either side, itself left out.
    """
    start = inside
    own = (rows.astype(np.float64) ** 2).sum(axis=1)
    for _ in range(ROUNDS):
        size = int(inside.sum())
        rest = len(rows) - size
        to_part = rows @ rows[inside].sum(axis=0, dtype=np.float64)
        to_rest = rows @ rows[~inside].sum(axis=0, dtype=np.float64)
        lean = np.where(inside, (to_part - own) / (size - 1), to_part / size) - np.where(
            inside, to_rest / rest, (to_rest - own) / (rest - 1)
        )
        here, there = lean[inside].mean(), lean[~inside].mean()
        if here <= there:
            return start
        place = (2 * lean - here - there) / (here - there)
        moved = place > np.where(inside, -HESITATION, HESITATION)
        if min(moved.sum(), len(moved) - moved.sum()) < SMALLEST_PART:
            return start
        if (moved == inside).all():
            break
        inside = moved
    return inside
