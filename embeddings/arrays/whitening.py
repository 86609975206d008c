"""Whitening: the space in which similarity is measured, learned in part from the labels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays.matrix import Rows, blocks
from embeddings.arrays.pca import widest, widest_of_scatter
from embeddings.arrays.unit_rows import unit_rows

AXES = 256  # principal axes kept
# How much of the spread within labels is left as it is: directions in which every label varies
# (light, background, pose) are drawn in a little, not flattened, since labels may be wrong.
SHRINKAGE = 0.9
WIDEST_EXACT = 2048  # above this width the principal axes are found by a randomised method,
LARGEST_WIDE = 20_000  # from so many items at most


def shared_space(
    rows: Rows, group: NDArray[np.intp], counted: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Bring embeddings to where two unrelated kinds have similarity 0.

    Rows are scaled to length 1 and centred on the mean of the labels' means, so that no label
    counts more for being large; the principal axes are kept; directions are weighted by the
    inverse root of the spread within labels, shrunk towards no weighting (within-class covariance
    normalisation, Hatch, Kajarekar & Stolcke 2006; shrinkage as in Ledoit & Wolf 2004).

    Parameters
    ----------
    rows
        (n, d) embeddings at any scale; read in blocks, three times.
    group
        (n,) label of each row as 0..g-1.
    counted
        (n,) False for copies, which are transformed but not learned from.

    Returns
    -------
    (n, min(d, 256)) float32 rows of length 1 (or 0), centred again.
    """
    order, width = int(group.max()) + 1, rows.shape[1]
    count = np.bincount(group[counted], minlength=order).astype(np.float64)
    exact = AXES < width <= WIDEST_EXACT
    units = ((at, unit_rows(block)) for at, block in blocks(rows))
    sums, scatter = _moments(units, group, counted, (order, width), squares=exact)
    centre = (sums / count[:, None]).mean(axis=0).astype(np.float32)
    axes = _axes(rows, counted, sums.sum(axis=0), scatter)
    placed = np.empty((len(rows), axes.shape[1]), dtype=np.float32)
    for at, block in blocks(rows):
        placed[at] = (unit_rows(block) - centre) @ axes
    sums, scatter = _moments(blocks(placed), group, counted, (order, axes.shape[1]))
    weights = _weights(sums, scatter, count)
    # the mean of the transformed rows is the transformed mean of the rows
    shift = ((sums / count[:, None]).mean(axis=0) @ weights).astype(np.float32)
    for at, block in blocks(placed):
        placed[at] = unit_rows(block @ weights - shift)
    return placed


def principal(rows: Rows) -> NDArray[np.float32]:
    """Bring embeddings to fewer axes and change their similarities as little as possible.

    Parameters
    ----------
    rows
        (n, d) embeddings at any scale; read in blocks, twice.

    Returns
    -------
    (n, min(d, 256)) float32 rows of length 1 (or 0), centred, on their principal axes.
    """
    n, width = rows.shape
    counted = np.ones(n, dtype=bool)
    units = ((at, unit_rows(block)) for at, block in blocks(rows))
    sums, scatter = _moments(
        units, np.zeros(n, np.intp), counted, (1, width), squares=AXES < width <= WIDEST_EXACT
    )
    axes = _axes(rows, counted, sums[0], scatter)
    placed = np.empty((n, axes.shape[1]), dtype=np.float32)
    for at, block in blocks(rows):
        placed[at] = unit_rows((unit_rows(block) - (sums[0] / n).astype(np.float32)) @ axes)
    return placed


def _axes(
    rows: Rows, counted: NDArray[np.bool_], total: NDArray[np.float64], scatter: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the (d, axes) directions of largest spread of the counted rows."""
    width, n = rows.shape[1], int(counted.sum())
    if width <= AXES:
        return np.eye(width, dtype=np.float32)
    if width > WIDEST_EXACT:
        return _wide_axes(rows, np.flatnonzero(counted))
    return widest_of_scatter(scatter - np.outer(total, total) / n, AXES)


def _moments(
    parts: Iterable[tuple[slice, NDArray[np.float32]]],
    group: NDArray[np.intp],
    counted: NDArray[np.bool_],
    shape: tuple[int, int],
    *,
    squares: bool = True,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sums by label (g, d), and the sum of outer products (d, d) where it is asked for."""
    from scipy.sparse import csr_matrix

    order, width = shape
    sums = np.zeros(shape)
    scatter = np.zeros((width, width) if squares else (0, 0))
    for at, every in parts:
        rows, own = every[counted[at]], group[at][counted[at]]
        ones = np.ones(len(rows), dtype=np.float64)
        sums += csr_matrix((ones, (own, np.arange(len(rows)))), shape=(order, len(rows))) @ rows
        if squares:
            scatter += rows.T @ rows
    return sums, scatter


def _wide_axes(rows: Rows, counted: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return (d, axes) directions of largest spread of a sample of very wide rows."""
    even = np.linspace(0, len(counted) - 1, min(len(counted), LARGEST_WIDE)).astype(np.intp)
    sample = unit_rows(rows[counted[even]])
    sample -= sample.mean(axis=0)
    return widest(sample, AXES)


def _weights(
    sums: NDArray[np.float64], scatter: NDArray[np.float64], count: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the (d, d) weighting of directions."""
    width = len(scatter)
    root = sums / np.sqrt(count)[:, None]
    freedom = int(count.sum()) - len(count)
    spread = (scatter - root.T @ root) / max(freedom, 1)
    values, vectors = np.linalg.eigh(spread)
    values = np.maximum(values, 0)
    mean = float(values.mean())
    if mean <= 0 or freedom < 1 or len(count) == 1:
        # one label alone: its spread may be that between its kinds
        return np.eye(width, dtype=np.float32)
    shrunk = (1 - SHRINKAGE) * values + SHRINKAGE * mean
    weighted: NDArray[np.float64] = vectors / np.sqrt(shrunk)
    return weighted.astype(np.float32)
