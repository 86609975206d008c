"""The space in which likeness is measured: learned a little from the labels themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embeddings.neighbours import unit_rows

AXES = 256  # principal axes kept
# How much of the spread within labels is left as it is: directions in which every label varies
# (light, background, pose) are drawn in a little, not flattened, since labels may be wrong.
SHRINKAGE = 0.9
WIDEST_EXACT = 2048  # above this width the principal axes are found by a randomised method


def shared_space(
    rows: NDArray[np.float32], group: NDArray[np.intp], counted: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Bring embeddings to where two unrelated kinds have similarity 0.

    Rows are scaled to length 1 and centred on the mean of the labels' means, so that no label
    counts more for being large; the principal axes are kept; directions are weighted by the
    inverse root of the spread within labels, shrunk towards no weighting (within-class covariance
    normalisation, Hatch, Kajarekar & Stolcke 2006; shrinkage as in Ledoit & Wolf 2004).

    Parameters
    ----------
    rows
        (n, d) float32 embeddings at any scale.
    group
        (n,) label of each row as 0..g-1.
    counted
        (n,) False for copies, which are placed but teach nothing.

    Returns
    -------
    (n, min(d, 256)) float32 rows of length 1 (or 0), centred again.
    """
    units = unit_rows(rows)
    units -= _centre(units, group, counted)
    axes = _principal_axes(units[counted])
    placed: NDArray[np.float32] = units @ axes
    placed = placed @ _weights(placed[counted], group[counted])
    placed -= _centre(placed, group, counted)
    return unit_rows(placed)


def _means(rows: NDArray[np.float32], group: NDArray[np.intp]) -> NDArray[np.float64]:
    sums = np.zeros((int(group.max()) + 1, rows.shape[1]))
    np.add.at(sums, group, rows)
    means: NDArray[np.float64] = sums / np.bincount(group)[:, None]
    return means


def _centre(
    rows: NDArray[np.float32], group: NDArray[np.intp], counted: NDArray[np.bool_]
) -> NDArray[np.float32]:
    centre: NDArray[np.float64] = _means(rows[counted], group[counted]).mean(axis=0)
    return centre.astype(np.float32)


def _principal_axes(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (d, axes) directions of largest spread."""
    n, width = rows.shape
    if width <= AXES:
        return np.eye(width, dtype=np.float32)
    if width > WIDEST_EXACT:
        from sklearn.utils.extmath import randomized_svd

        centred = rows - rows.mean(axis=0)
        axes = randomized_svd(centred, min(AXES, n, width), n_iter=4, random_state=0)[2].T
        return np.asarray(axes, dtype=np.float32)
    wide = rows.astype(np.float64)
    wide -= wide.mean(axis=0)
    _, vectors = np.linalg.eigh(wide.T @ wide)
    return vectors[:, ::-1][:, :AXES].astype(np.float32)


def _weights(rows: NDArray[np.float32], group: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the (d, d) weighting of directions."""
    width = rows.shape[1]
    apart = rows - _means(rows, group)[group]
    freedom = len(rows) - (int(group.max()) + 1)
    spread = apart.T @ apart / max(freedom, 1)
    values, vectors = np.linalg.eigh(spread)
    values = np.maximum(values, 0)
    mean = float(values.mean())
    if mean <= 0 or freedom < 1 or group.max() == 0:
        # one label alone: its spread may be that between its kinds
        return np.eye(width, dtype=np.float32)
    shrunk = (1 - SHRINKAGE) * values + SHRINKAGE * mean
    weighted: NDArray[np.float64] = vectors / np.sqrt(shrunk)
    return weighted.astype(np.float32)
