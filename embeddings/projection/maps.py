"""Two-dimensional maps of one label and of the whole data set.

Maps are for looking at: ``splits`` finds clusters in the full space, not on a map.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import LabelItems, Rows, blocks, rows_of, unit_rows
from embeddings.projection.umap_layout import fitted_axes, plane, principal_axes
from embeddings.records import LabelMap, Layout

FEWEST_FOR_UMAP = 8  # below this a map by principal axes says as much
COMPONENTS = 50  # principal axes kept before the whole map: neighbours stay, time falls
# Above this many items the whole map is drawn from a sample, the others are placed among their
# nearest sampled items.
LARGEST_WHOLE = 30_000
_TREE_AXES = 10
_NAMES: Final[dict[Layout, str]] = {"built-in": "umap", "umap-learn": "umap-learn"}


def label_map(X: NDArray[Any] | LabelItems, *, seed: int, layout: Layout = "built-in") -> LabelMap:
    """Draw the map of one label with UMAP (McInnes, Healy & Melville 2018).

    Parameters
    ----------
    X
        (n, d) embeddings of the label's items, any n; or ``LabelItems`` read from them before.
    seed
        The same seed and items give the same map.
    layout
        What draws it: the layout that is built in, or the package ``umap-learn``.

    Returns
    -------
    ``LabelMap`` with ``xy`` (n, 2) float32, centred, the wider side spanning [-1, 1]. Labels with
    fewer than 8 different items are drawn by their two principal axes, equal items on one spot.

    Raises
    ------
    UsageError
        If ``X`` is not two-dimensional or holds NaN or infinity.
    """
    items = X if isinstance(X, LabelItems) else LabelItems.of(X)
    if len(items) < FEWEST_FOR_UMAP:
        return LabelMap(_framed(principal_axes(items.rows, 2))[items.place], "principal axes")
    xy = plane(items.rows, seed=seed, products=items.products, layout=layout)
    return LabelMap(_framed(xy)[items.place], _NAMES[layout])


def whole_map(
    X: Rows, *, seed: int, largest: int = LARGEST_WHOLE, layout: Layout = "built-in"
) -> LabelMap:
    """Draw the map of a whole data set: principal axes, then UMAP.

    Parameters
    ----------
    X
        (n, d) embeddings; read in blocks where they are more than ``largest``.
    seed
        The same seed and items give the same map.
    largest
        Above this many items a sample of that size is drawn, and each other item is put where
        its nearest sampled item lies; ``method`` then says so.
    layout
        As in ``label_map``.

    Returns
    -------
    ``LabelMap`` with ``xy`` (n, 2) float32 as in ``label_map``.
    """
    if len(X) > largest and len(X.shape) == 2:
        return _of_sample(rows_of(X), seed, largest, layout)
    items = LabelItems.of(X[:])
    if len(items) < FEWEST_FOR_UMAP:
        return LabelMap(_framed(principal_axes(items.rows, 2))[items.place], "principal axes")
    small = principal_axes(items.rows, COMPONENTS, seed=seed)
    xy = plane(small, seed=seed, layout=layout)
    return LabelMap(_framed(xy)[items.place], f"{_NAMES[layout]} of principal axes")


def _of_sample(X: Rows, seed: int, largest: int, layout: Layout) -> LabelMap:
    """Draw some of the items, and put every item where its nearest of them lies."""
    from scipy.spatial import cKDTree

    chosen = np.sort(np.random.default_rng(seed).choice(len(X), largest, replace=False))
    sample = LabelItems.of(X[chosen]).rows
    middle, axes = fitted_axes(sample, COMPONENTS, seed=seed)
    small = np.asarray((sample - middle) @ axes, dtype=np.float32)
    del sample
    method = f"{_NAMES[layout]} of principal axes, {largest} items drawn first"
    if len(small) < FEWEST_FOR_UMAP:
        xy, method = principal_axes(small, 2), "principal axes"
    else:
        xy = plane(small, seed=seed, layout=layout)
    xy = _framed(xy)
    # the first axes are enough to find a place on a map, and a tree is quick in few dimensions
    few = axes[:, :_TREE_AXES]
    tree = cKDTree(small[:, :_TREE_AXES])
    out = np.empty((len(X), 2), dtype=np.float32)
    for at, block in blocks(X):
        there = (unit_rows(block) - middle) @ few
        out[at] = xy[tree.query(there, eps=0.5, workers=-1)[1]]
    return LabelMap(out, method)


def _framed(xy: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(xy):
        return np.zeros((0, 2), dtype=np.float32)
    low, high = xy.min(axis=0), xy.max(axis=0)
    half = float((high - low).max()) / 2
    framed: NDArray[np.float32] = (xy - (low + high) / 2) / (half if half > 0 else 1.0)
    return framed.astype(np.float32, copy=False)
