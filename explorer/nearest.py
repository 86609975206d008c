"""Nearest neighbours of one item among all: exact, by cosine, in blocks of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 65_536  # rows compared at once


class Nearest:
    """Answers which items are most alike.

    Parameters
    ----------
    X
        (n, width) float32 embeddings; NaN rows are never an answer.
    """

    def __init__(self, X: NDArray[np.float32]) -> None:
        lengths = np.linalg.norm(X, axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            unit = X / lengths
        self.known = np.isfinite(unit).all(axis=1)
        unit[~self.known] = 0
        self._unit = unit.astype(np.float16)  # three decimals of cosine are enough to rank

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
