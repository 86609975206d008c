"""Exact nearest neighbours in blocks, so that memory stays linear in the number of items."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.rows import Rows, blocks, wide

# A block of similarities is at most this many float32 numbers (64 MB).
BLOCK_CELLS = 16_000_000
_TINY, _HUGE = 1e-30, 1e30  # squared lengths between these can be divided by in float32


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
    rows = wide(np.asarray(X))
    squares = np.einsum("ij,ij->i", rows, rows)
    odd = ~((squares > _TINY) & (squares < _HUGE))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled: NDArray[np.float32] = rows * (1 / np.sqrt(squares))[:, None]
    if odd.any():
        scaled[odd] = _unit_extremes(rows[odd])
    return scaled


def _unit_extremes(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale rows whose squares do not fit: by the largest entry first."""
    peak = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    less = np.divide(rows, peak, out=np.zeros_like(rows), where=peak > 0)
    length = np.linalg.norm(less, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.divide(less, length, out=less, where=length > 0)
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


def largest(cells: NDArray[np.float32], k: int) -> Neighbours:
    """Return the k largest finite numbers of each row of (n, m) cells, and where they are."""
    from embeddings import kernels

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
    from embeddings import kernels

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


def condensed_distances(products: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the Euclidean distances of all pairs as scipy's trees want them, (n (n - 1) / 2,).

    From the (n, n) products of the rows with one another, which is ten times as quick as pair by
    pair. The difference of large squares loses digits for rows that are nearly equal, and none
    that a tree would see.
    """
    from embeddings import kernels

    n = len(products)
    out = np.empty(n * (n - 1) // 2)
    kernels.distances(products, out)
    return out


def contents(X: Rows) -> NDArray[np.uint64]:
    """Return a number for the content of each row: equal rows have equal numbers.

    (n,) uint64, the BLAKE2b digest of the row in float32, cut to 8 bytes: two of a million
    rows that differ meet with probability 3e-8.
    """
    out = np.empty(len(X), dtype=np.uint64)
    for at, block in blocks(X):
        plain = np.ascontiguousarray(block + np.float32(0))  # -0 is 0
        digests = b"".join(hashlib.blake2b(row, digest_size=8).digest() for row in plain)
        out[at] = np.frombuffer(digests, dtype=np.uint64)
    return out


def different(rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return places of the different rows, in an order of their own, and which each row is."""
    _, first, place = np.unique(contents(rows), return_index=True, return_inverse=True)
    return first, place.reshape(-1)
