"""Principal axes: the directions in which rows spread most, of rows or of their scatter."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SMALL: Final = 100  # up to so many rows or columns, and where nearly all axes are wanted, exactly
_FURTHER: Final = 8  # directions looked at beside those wanted
_ROUNDS: Final = 5


def widest(rows: NDArray[np.float32], width: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Return the (d, min(n, d, width)) directions along which (n, d) ``rows`` are longest.

    Those of principal components where the rows are centred. Exactly for small ones, otherwise by
    a randomised range finder (Halko, Martinsson & Tropp 2011, algorithm 4.4); the same rows and
    seed give the same directions. Each points to the side of its largest entry.
    """
    n, d = rows.shape
    width = min(n, d, width)
    if min(n, d) <= max(SMALL, 2 * width):
        _, _, axes = np.linalg.svd(rows.astype(np.float64), full_matrices=False)
    else:
        found = np.random.default_rng(seed).normal(size=(d, width + _FURTHER)).astype(np.float32)
        for _ in range(_ROUNDS):
            found = np.linalg.qr(rows.T @ (rows @ found))[0]
        _, _, within = np.linalg.svd((rows @ found).astype(np.float64), full_matrices=False)
        axes = within @ found.T
    axes = axes[:width]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return np.ascontiguousarray((axes * np.where(largest < 0, -1, 1)).T, dtype=np.float32)


def widest_of_scatter(scatter: NDArray[np.floating[Any]], width: int) -> NDArray[np.float32]:
    """Return the (d, min(d, width)) eigenvectors of largest eigenvalue, the largest first.

    For rows that are too many to hold: their (d, d) ``scatter``, the sum of the outer products of
    centred rows, is added up in blocks. A float32 scatter is computed in float32.
    """
    _, vectors = np.linalg.eigh(scatter)
    return np.asarray(vectors[:, ::-1][:, :width], dtype=np.float32)
