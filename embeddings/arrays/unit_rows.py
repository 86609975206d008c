"""Scaling of rows to length 1, safe for rows of any magnitude."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays.matrix import wide

_TINY, _HUGE = 1e-30, 1e30  # squared lengths between these can be divided by in float32


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
