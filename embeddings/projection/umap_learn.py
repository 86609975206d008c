"""The reference layout by the package ``umap-learn``, from our neighbours and our start.

Importing ``umap`` imports TensorFlow too, which takes seconds in every process, and each process
compiles it anew. It is there for comparison, and used only where it is asked for.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray


def lay_out_by_umap_learn(
    rows: NDArray[np.float32],
    index: NDArray[np.integer[Any]],
    distance: NDArray[np.float32],
    start: NDArray[np.float32],
    *,
    seed: int,
) -> NDArray[np.float32]:
    """Lay out items on a plane with ``umap.UMAP`` (McInnes, Healy & Melville 2018).

    Parameters
    ----------
    rows
        (n, d) float32 the items; umap-learn asks for them, and looks at their number only.
    index, distance
        (n, k) the nearest other items of each item, nearest first, -1 where there is none, and
        how far they are.
    start
        (n, 2) float32 where the items lie at first.
    seed
        The same seed and items give the same layout.

    Returns
    -------
    (n, 2) float32, of no particular frame.
    """
    import umap

    n = len(rows)
    # umap-learn counts an item as its own nearest, and takes fewer neighbours than items
    k = min(index.shape[1] + 1, n - 1)
    itself = np.arange(n)[:, None]
    nearest = np.concatenate((itself, index), axis=1)[:, :k].astype(np.int64)
    there = nearest >= 0
    away = np.concatenate((np.zeros((n, 1), np.float32), distance), axis=1)[:, :k]
    # a place without a neighbour is left out by its index; its distance must still be a number
    away = np.where(there, away, np.where(there, away, 0).max(axis=1, keepdims=True))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_jobs value .* overridden")
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]")
        warnings.filterwarnings("ignore", category=ImportWarning)
        reducer = umap.UMAP(
            n_neighbors=k,
            min_dist=0.1,
            init=start.astype(np.float32),
            precomputed_knn=(nearest, away.astype(np.float32)),
            random_state=seed % 2**32,
            n_jobs=1,
        )
        return np.asarray(reducer.fit_transform(rows), dtype=np.float32)
