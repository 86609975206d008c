"""Nearest neighbours of one item among a few thousand: exact, by cosine, in blocks of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embeddings.neighbors.ivf_index import Near

BLOCK = 65_536  # rows compared at once


class Nearest:
    """Finds the most similar items by comparing one with all others.

    Parameters
    ----------
    X
        (n, width) float32 embeddings; NaN rows are never returned.
    lies
        (n, 2) where on the disk they are: the file and the row in it.
    """

    def __init__(self, X: NDArray[np.float32], lies: NDArray[np.int32]) -> None:
        self._lies = lies
        lengths = np.linalg.norm(X, axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            unit = X / lengths
        self.known = np.isfinite(unit).all(axis=1)
        unit[~self.known] = 0
        self._unit = unit.astype(np.float16)  # three decimals of the cosine are enough to rank

    def lies(self, row: int) -> tuple[int, int]:
        """Return the file and the row in it that hold an item's embedding; -1 for none."""
        return int(self._lies[row, 0]), int(self._lies[row, 1])

    def near(self, row: int, own: NDArray[np.intp], most: int) -> Near:
        """Return the ``most`` nearest items of all, of the rows ``own``, and of the others."""
        if not self.known[row]:
            return Near([], [], [])
        alike = self.to(row)
        inside = np.zeros(len(alike), dtype=bool)
        inside[own] = True
        return Near(best(alike, None, most), best(alike, inside, most), best(alike, ~inside, most))

    def to(self, row: int) -> NDArray[np.float32]:
        """Return (n,) float32 cosine of every item to ``row``; -inf for itself and unknown ones."""
        own = self._unit[row].astype(np.float32)
        out = np.empty(len(self._unit), dtype=np.float32)
        for start in range(0, len(out), BLOCK):
            block = self._unit[start : start + BLOCK].astype(np.float32)
            np.matmul(block, own, out=out[start : start + BLOCK])
        out[~self.known] = -np.inf
        out[row] = -np.inf
        return out


def best(alike: NDArray[np.float32], allowed: NDArray[np.bool_] | None, most: int) -> list[int]:
    """Return the rows of the ``most`` highest finite values, highest first."""
    scores = alike if allowed is None else np.where(allowed, alike, -np.inf)
    most = min(most, len(scores))
    if not most:
        return []
    top = np.argpartition(-scores, most - 1)[:most]
    top = top[np.argsort(-scores[top], kind="stable")]
    return [int(row) for row in top if np.isfinite(scores[row])]
