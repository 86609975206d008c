"""Two-dimensional maps to look at: of one label, and of the whole data set.

Nothing is decided on a map; it shows what ``splits`` found in the full space.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import UsageError
from embeddings.neighbours import unit_rows
from embeddings.records import LabelMap

FEWEST_FOR_UMAP = 8  # below this a map by principal axes says as much
COMPONENTS = 50  # principal axes kept before the whole map: neighbours stay, time falls
# Above this many items the whole map is drawn from a sample, the others are placed beside
# their nearest sampled item.
LARGEST_WHOLE = 60_000


def label_map(X: NDArray[Any], *, seed: int) -> LabelMap:
    """Draw the map of one label with UMAP (McInnes, Healy & Melville 2018).

    Parameters
    ----------
    X
        (n, d) embeddings of the label's items; any n.
    seed
        The same seed and items give the same map.

    Returns
    -------
    ``LabelMap`` with ``xy`` (n, 2) float32, centred, the wider side spanning [-1, 1]. Labels with
    fewer than 8 different items are drawn by their two principal axes, equal items on one spot.

    Raises
    ------
    UsageError
        If ``X`` is not two-dimensional or holds NaN or infinity.
    """
    rows = unit_rows(_checked(X))
    different, place = _different(rows)
    if len(different) < FEWEST_FOR_UMAP:
        return LabelMap(_framed(_principal(different, 2))[place], "principal axes")
    xy = _umap(different, neighbours=15, min_dist=0.1, seed=seed)
    return LabelMap(_framed(xy)[place], "umap")


def whole_map(X: NDArray[Any], *, seed: int, largest: int = LARGEST_WHOLE) -> LabelMap:
    """Draw the map of a whole data set: principal axes, then UMAP.

    Parameters
    ----------
    X
        (n, d) embeddings.
    seed
        The same seed and items give the same map.
    largest
        Above this many different items a sample of that size is drawn, and each other item is
        put where its nearest sampled item lies; ``method`` then says so.

    Returns
    -------
    ``LabelMap`` with ``xy`` (n, 2) float32 as in ``label_map``.
    """
    rows = unit_rows(_checked(X))
    different, place = _different(rows)
    n = len(different)
    if n < FEWEST_FOR_UMAP:
        return LabelMap(_framed(_principal(different, 2))[place], "principal axes")
    small = _principal(different, COMPONENTS, seed=seed)
    if n <= largest:
        return LabelMap(_framed(_umap(small, 15, 0.1, seed))[place], "umap of principal axes")
    chosen = np.sort(np.random.default_rng(seed).choice(n, largest, replace=False))
    xy = _framed(_umap(small[chosen], 15, 0.1, seed))
    at = _nearest(small, small[chosen])
    return LabelMap(xy[at][place], f"umap of principal axes, {largest} items drawn first")


def _checked(X: NDArray[Any]) -> NDArray[np.float32]:
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
    return rows


def _different(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return the different rows in an order of their own, and where each row went."""
    if not len(rows):
        return rows, np.zeros(0, dtype=np.intp)
    different, place = np.unique(rows, axis=0, return_inverse=True)
    return different, place.reshape(-1)


def _principal(rows: NDArray[np.float32], width: int, seed: int = 0) -> NDArray[np.float32]:
    """Return (n, width) coordinates on the principal axes; missing axes are zero."""
    from sklearn.decomposition import PCA

    out = np.zeros((len(rows), width), dtype=np.float32)
    axes = min(width, len(rows) - 1, rows.shape[1])
    if axes > 0:
        solver = "full" if min(rows.shape) <= 500 else "randomized"
        out[:, :axes] = PCA(axes, svd_solver=solver, random_state=seed).fit_transform(rows)
    return out


def _umap(
    rows: NDArray[np.float32], neighbours: int, min_dist: float, seed: int
) -> NDArray[np.float32]:
    import umap

    n = len(rows)
    reducer = umap.UMAP(
        n_neighbors=min(neighbours, n - 1),
        min_dist=min_dist,
        # spectral layouts need more items than coordinates and a connected graph
        init="pca" if n > 10 and rows.shape[1] >= 2 else "random",
        random_state=seed,
        n_jobs=1,  # a seed asks for one thread; said here so that the library need not warn
    )
    return np.asarray(reducer.fit_transform(rows), dtype=np.float32)


def _framed(xy: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(xy):
        return np.zeros((0, 2), dtype=np.float32)
    low, high = xy.min(axis=0), xy.max(axis=0)
    half = float((high - low).max()) / 2
    framed: NDArray[np.float32] = (xy - (low + high) / 2) / (half if half > 0 else 1.0)
    return framed.astype(np.float32, copy=False)


def _nearest(rows: NDArray[np.float32], sample: NDArray[np.float32]) -> NDArray[np.intp]:
    from scipy.spatial import cKDTree

    # the first axes are enough to find a place on a map, and a tree is quick in few dimensions
    return np.asarray(cKDTree(sample[:, :10]).query(rows[:, :10])[1], dtype=np.intp)
