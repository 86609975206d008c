"""Candidate clusters of one label: several ways to cut it, none of them believed yet.

``splits`` judges them; that is where a label is said to be two kinds or one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import UsageError
from embeddings.neighbours import unit_rows
from embeddings.records import Candidates

FEWEST = 6  # two parts of three
FEWEST_FOR_UMAP = 15
LARGEST_TREE = 3000  # a tree needs memory for all pairs
MOST_PARTS = 8


def candidates(X: NDArray[Any], *, seed: int, low: NDArray[np.float32] | None = None) -> Candidates:
    """Cut one label in several ways.

    UMAP to a few dimensions and HDBSCAN there (Campello, Moulavi & Sander 2013) at two cluster
    sizes, and Ward's tree cut into 2 to 8 parts.

    Parameters
    ----------
    X
        (n, d) embeddings of one label's items; any n. Labels with fewer than 6 different items
        have no candidates.
    low
        (n, k) places on a UMAP of these items that there is already, such as the label's map;
        HDBSCAN then looks there, which takes half of the time. None makes one of 5 dimensions.
    seed
        The same seed and items give the same candidates.

    Returns
    -------
    ``Candidates``; each partition is (n,) int32 in the order given, -1 is noise. Equal items are
    always in the same cluster.

    Raises
    ------
    UsageError
        If ``X`` is not two-dimensional or holds NaN or infinity.
    """
    rows = np.asarray(X, dtype=np.float32)
    if rows.ndim != 2:
        raise UsageError(
            f"Embeddings must be (items, width), not of shape {rows.shape}.",
            hint="Give one row per item.",
        )
    if not np.isfinite(rows).all():
        raise UsageError(
            "Some embeddings hold NaN or infinity.", hint="Leave those items out first."
        )
    if len(rows) < FEWEST:
        return Candidates((), ())
    different, first, place = np.unique(
        unit_rows(rows), axis=0, return_index=True, return_inverse=True
    )
    place = place.reshape(-1)
    if len(different) < FEWEST:
        return Candidates((), ())
    found: dict[str, NDArray[np.int32]] = {}
    if len(different) <= LARGEST_TREE:
        found |= _ward(different)
    if len(different) >= FEWEST_FOR_UMAP:
        places = _umap(different, seed) if low is None else np.asarray(low)[first]
        found |= _hdbscan(places)
    return Candidates(tuple(p[place] for p in found.values()), tuple(found))


def _ward(rows: NDArray[np.float32]) -> dict[str, NDArray[np.int32]]:
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(rows.astype(np.float64), "ward")
    most = min(MOST_PARTS, len(rows) // 3)
    return {
        f"ward {k}": fcluster(tree, k, "maxclust").astype(np.int32) - 1 for k in range(2, most + 1)
    }


def _umap(rows: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    import umap

    n = len(rows)
    reducer = umap.UMAP(
        n_components=min(5, n - 2),
        n_neighbors=min(10, n - 1),
        min_dist=0.0,
        init="pca" if rows.shape[1] >= 5 else "random",
        random_state=seed,
        n_jobs=1,
    )
    return np.asarray(reducer.fit_transform(rows), dtype=np.float32)


def _hdbscan(low: NDArray[np.float32]) -> dict[str, NDArray[np.int32]]:
    import hdbscan

    n = len(low)
    found = {}
    for size in sorted({max(3, n // 25), max(5, n // 10)}):
        # one job: starting processes takes far longer than the work
        model = hdbscan.HDBSCAN(min_cluster_size=size, min_samples=3, core_dist_n_jobs=1)
        found[f"umap hdbscan {size}"] = model.fit_predict(low).astype(np.int32)
    return found
