# mypy: disable-error-code="untyped-decorator,import-untyped"
"""Compiled loop for the distances of all pairs of rows.

Imported inside functions only, because importing Numba takes most of a second. Kernels release the
GIL (``nogil``), depend on their arguments alone, and give the same bits every time.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def distances(products: Any, out: Any) -> None:
    """Put the Euclidean distances of all pairs into ``out`` (n (n - 1) / 2,) float64.

    ``products`` (n, n) float32 are those of the rows with one another; pairs in the order of
    scipy's condensed matrices.
    """
    n, place = products.shape[0], 0
    for i in range(n):
        for j in range(i + 1, n):
            square = np.float64(products[i, i]) + np.float64(products[j, j])
            square -= np.float64(2.0) * np.float64(products[i, j])
            out[place] = np.sqrt(max(square, 0.0))
            place += 1
