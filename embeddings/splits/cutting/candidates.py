"""Candidate clusters of one label: several ways to cut it.

Whether one of them shows two kinds is decided later, by ``splits.find``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import LabelItems, condensed_distances
from embeddings.projection import plane
from embeddings.records import Candidates

FEWEST = 6  # two parts of three
FEWEST_FOR_UMAP = 15
MOST_PARTS = 8


def candidate_cuts(
    X: NDArray[Any] | LabelItems, *, seed: int, low: NDArray[np.float32] | None = None
) -> Candidates:
    """Cut one label in several ways.

    UMAP to the plane and HDBSCAN there (Campello, Moulavi & Sander 2013) at two cluster sizes, and
    Ward's tree cut into 2 to 8 parts.

    Parameters
    ----------
    X
        (n, d) embeddings of one label's items, any n; or ``LabelItems`` read from them before.
        Labels with fewer than 6 different items have no candidates.
    low
        (n, k) coordinates of these items on an existing UMAP, such as the label's map, for HDBSCAN;
        None makes one.
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
    items = X if isinstance(X, LabelItems) else LabelItems.of(X)
    if len(items) < FEWEST:
        return Candidates((), ())
    found: dict[str, NDArray[np.int32]] = {}
    if items.products is not None:
        found |= _ward(items.products)
    if len(items) >= FEWEST_FOR_UMAP:
        if low is None:
            places = plane(items.rows, seed=seed, products=items.products)
        else:
            places = np.asarray(low)[items.first]
        found |= _hdbscan(places)
    return Candidates(tuple(p[items.place] for p in found.values()), tuple(found))


def _ward(products: NDArray[np.float32]) -> dict[str, NDArray[np.int32]]:
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(condensed_distances(products), "ward")
    most = min(MOST_PARTS, len(products) // 3)
    return {
        f"ward {k}": fcluster(tree, k, "maxclust").astype(np.int32) - 1 for k in range(2, most + 1)
    }


def _hdbscan(low: NDArray[np.float32]) -> dict[str, NDArray[np.int32]]:
    import hdbscan

    n = len(low)
    found = {}
    for size in sorted({max(3, n // 25), max(5, n // 10)}):
        # one job: starting processes takes far longer than the work
        model = hdbscan.HDBSCAN(min_cluster_size=size, min_samples=3, core_dist_n_jobs=1)
        found[f"umap hdbscan {size}"] = model.fit_predict(low).astype(np.int32)
    return found
