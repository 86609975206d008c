"""Exact nearest neighbours in blocks, so that memory stays linear in the number of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A block of similarities is at most this many float32 numbers (64 MB).
BLOCK_CELLS = 16_000_000


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Nearest items of each query, best first.

    ``index`` is (n, k) intp into the references, ``similarity`` is (n, k) float32, descending.
    Places that could not be filled hold index -1 and similarity -inf.
    """

    index: NDArray[np.intp]
    similarity: NDArray[np.float32]


def unit_rows(X: NDArray[Any]) -> NDArray[np.float32]:
    """Return the rows of (n, d) ``X`` scaled to length 1, float32; rows of zeros stay zero."""
    wide = np.asarray(X, dtype=np.float32)
    # the largest entry first, so that the square of a very small or large row stays finite
    peak = np.abs(wide).max(axis=1, keepdims=True, initial=0.0)
    wide = np.divide(wide, peak, out=np.zeros_like(wide), where=peak > 0)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.divide(wide, length, out=wide, where=length > 0)
    return scaled


def nearest_elsewhere(rows: NDArray[np.float32], groups: NDArray[np.intp], k: int) -> Neighbours:
    """Find for each row the ``k`` most similar rows of *other* groups.

    Parameters
    ----------
    rows
        (n, d) float32; similarity is the dot product, so unit rows give the cosine.
    groups
        (n,) group of each row; neighbours of the same group are left out.
    k
        How many, at most n.

    Returns
    -------
    ``Neighbours`` with (n, k) arrays, index into ``rows``.
    """
    n = len(rows)
    k = max(1, min(k, n))
    index = np.full((n, k), -1, dtype=np.intp)
    similarity = np.full((n, k), -np.inf, dtype=np.float32)
    block = max(1, BLOCK_CELLS // max(1, n))
    for start in range(0, n, block):
        stop = min(n, start + block)
        cells = rows[start:stop] @ rows.T
        cells[groups[start:stop, None] == groups[None, :]] = -np.inf
        best = np.argpartition(-cells, k - 1, axis=1)[:, :k] if k < n else np.arange(n)[None, :]
        best = np.broadcast_to(best, (stop - start, k))
        found = np.take_along_axis(cells, best, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        similarity[start:stop] = np.take_along_axis(found, order, axis=1)
        index[start:stop] = np.take_along_axis(best, order, axis=1)
    index[~np.isfinite(similarity)] = -1
    return Neighbours(index, similarity)
