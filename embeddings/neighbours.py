"""Exact nearest neighbours in blocks, so that memory stays linear in the number of items."""

from __future__ import annotations

from collections.abc import Callable
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
    return _nearest(rows, rows, k, lambda cells, at: _hide_group(cells, groups, at))


def nearest_within(
    queries: NDArray[np.float32],
    references: NDArray[np.float32],
    k: int,
    *,
    leave_self: bool = False,
) -> Neighbours:
    """Find for each (n, d) query the ``k`` most similar of the (m, d) references.

    With ``leave_self`` both are the same rows, and no row is its own neighbour.
    """
    return _nearest(queries, references, k, _hide_self if leave_self else _hide_none)


def _hide_group(cells: NDArray[np.float32], groups: NDArray[np.intp], at: slice) -> None:
    cells[groups[at, None] == groups[None, :]] = -np.inf


def _hide_self(cells: NDArray[np.float32], at: slice) -> None:
    rows = np.arange(len(cells))
    cells[rows, rows + at.start] = -np.inf


def _hide_none(cells: NDArray[np.float32], at: slice) -> None:
    pass


def _nearest(
    queries: NDArray[np.float32],
    references: NDArray[np.float32],
    k: int,
    hide: Callable[[NDArray[np.float32], slice], None],
) -> Neighbours:
    n, m = len(queries), len(references)
    k = max(1, min(k, m))
    index = np.full((n, k), -1, dtype=np.intp)
    similarity = np.full((n, k), -np.inf, dtype=np.float32)
    block = max(1, BLOCK_CELLS // max(1, m))
    for start in range(0, n, block):
        at = slice(start, min(n, start + block))
        cells = queries[at] @ references.T
        hide(cells, at)
        best = np.argpartition(-cells, k - 1, axis=1)[:, :k]
        found = np.take_along_axis(cells, best, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        similarity[at] = np.take_along_axis(found, order, axis=1)
        index[at] = np.take_along_axis(best, order, axis=1)
    index[~np.isfinite(similarity)] = -1
    return Neighbours(index, similarity)
