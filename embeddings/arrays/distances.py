"""Euclidean distances of all pairs of rows, in SciPy's condensed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def condensed_distances(products: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the Euclidean distances of all pairs as scipy's trees want them, (n (n - 1) / 2,).

    From the (n, n) products of the rows with one another, which is ten times as quick as pair by
    pair. The difference of large squares loses digits for rows that are nearly equal, too few to
    change a tree.
    """
    from embeddings.arrays import distance_kernel

    n = len(products)
    out = np.empty(n * (n - 1) // 2)
    distance_kernel.distances(products, out)
    return out
