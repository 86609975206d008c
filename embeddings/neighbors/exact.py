"""Exact nearest neighbours in blocks, so that memory stays linear in the number of items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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


def largest(cells: NDArray[np.float32], k: int) -> Neighbours:
    """Return the k largest finite numbers of each row of (n, m) cells, and where they are."""
    from embeddings.neighbors import kernels

    found = Neighbours(
        np.full((len(cells), k), -1, dtype=np.intp),
        np.full((len(cells), k), -np.inf, dtype=np.float32),
    )
    kernels.largest(cells, found.index, found.similarity)
    return found


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
    from embeddings.neighbors import kernels

    n, m = len(queries), len(references)
    k = max(1, min(k, m))
    index = np.full((n, k), -1, dtype=np.intp)
    similarity = np.full((n, k), -np.inf, dtype=np.float32)
    block = max(1, BLOCK_CELLS // max(1, m))
    for start in range(0, n, block):
        at = slice(start, min(n, start + block))
        cells = queries[at] @ references.T
        hide(cells, at)
        kernels.largest(cells, index[at], similarity[at])
    return Neighbours(index, similarity)


def nearest_points(
    rows: NDArray[np.float32], k: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Find for each of (n, d) rows the ``k`` others at the least Euclidean distance.

    Returns
    -------
    (n, k) index and (n, k) float32 distance, nearest first; ``k`` is at most n - 1.
    """
    squares = np.einsum("ij,ij->i", rows, rows)

    def hide(cells: NDArray[np.float32], at: slice) -> None:
        cells *= 2
        cells -= squares
        _hide_self(cells, at)

    near = _nearest(rows, rows, k, hide)
    # |x - y|^2 = |x|^2 - (2 xy - |y|^2)
    return near.index, np.sqrt(np.maximum(squares[:, None] - near.similarity, 0))


def nearest_by_products(
    products: NDArray[np.float32], k: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Find what :func:`nearest_points` finds, from the (n, n) products of the rows."""
    squares = products.diagonal()
    cells = 2 * products - squares
    np.fill_diagonal(cells, -np.inf)
    near = largest(cells, max(1, min(k, len(products))))
    return near.index, np.sqrt(np.maximum(squares[:, None] - near.similarity, 0))
