"""UMAP layout (McInnes, Healy & Melville 2018) from nearest neighbours that are known already.

``umap-learn`` is the reference. It spends most of its time on other things than the layout: it
imports TensorFlow, compiles itself in every process, and searches for neighbours that one matrix
product gives. This layout differs from it in two points: the similarity of two places on the map is
1 / (1 + a d**2), without a power that is costly to compute (Boehm, Berens & Kobak 2022 find that
the maps are much the same); and 200 epochs are enough, since the layout starts from the principal
axes.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import widest
from embeddings.neighbors import near_points, nearest_by_products
from embeddings.records import Layout

NEIGHBOURS: Final = 15
EPOCHS: Final = 200
AGAINST: Final = 5  # random items that each use of an edge pushes away
WIDE: Final = 10.0  # the principal axes span so much at the start
# 1 / (1 + a d**2) comes nearest to a likeness that is 1 up to a distance of 0.1 and then falls
# exponentially, which is what min_dist=0.1 asks for.
A: Final = 1.558
ENOUGH_FOR_AXES: Final = 10_000  # items from which principal axes are found
_HALVINGS: Final = 32


def lay_out(
    index: NDArray[np.integer[Any]],
    distance: NDArray[np.float32],
    start: NDArray[np.float32],
    *,
    seed: int,
    epochs: int = EPOCHS,
) -> NDArray[np.float32]:
    """Lay out items on a plane so that neighbours stay together.

    Parameters
    ----------
    index
        (n, k) the nearest other items of each item, nearest first; -1 where there is none.
    distance
        (n, k) float32 how far they are.
    start
        (n, 2) float32 where the items lie at first, such as their principal axes.
    seed
        Of the order of random items, and of a little noise that separates items on one spot.
    epochs
        How often the strongest edges are used.

    Returns
    -------
    (n, 2) float32, of no particular frame.
    """
    from embeddings.projection import layout_kernel

    graph = fuzzy_graph(index, distance)
    graph.data[graph.data < graph.data.max(initial=0.0) / epochs] = 0.0
    graph.eliminate_zeros()
    rng = np.random.default_rng(seed)
    span = float(np.abs(start).max(initial=0.0))
    xy = start * (WIDE / span if span > 0 else 1.0)
    xy = (xy + rng.normal(scale=1e-3, size=xy.shape)).astype(np.float32)
    if graph.nnz:
        every = (graph.data.max() / graph.data).astype(np.float32)
        ends, starts = graph.indices.astype(np.int32), graph.indptr.astype(np.int64)
        layout_kernel.lay_out(xy, starts, ends, every, A, epochs, AGAINST, seed % 2**32 + 1)
    return xy


def plane(
    rows: NDArray[np.float32],
    *,
    seed: int,
    products: NDArray[np.float32] | None = None,
    layout: Layout = "built-in",
) -> NDArray[np.float32]:
    """Map (n, d) different items, two at least, to the plane: neighbours, then UMAP.

    ``products`` (n, n) of the rows with one another are used where they are known. Either layout
    gets the same neighbours and the same start, the principal axes.

    Returns
    -------
    (n, 2) float32, of no particular frame.
    """
    k = min(NEIGHBOURS, len(rows) - 1)
    if products is not None:
        index, distance = nearest_by_products(products, k)
    else:
        index, distance = near_points(rows, k, seed=seed)
    start = principal_axes(rows, 2, seed=seed)
    if layout == "umap-learn":
        from embeddings.projection.umap_learn import lay_out_by_umap_learn

        return lay_out_by_umap_learn(rows, index, distance, start, seed=seed)
    return lay_out(index, distance, start, seed=seed)


def principal_axes(rows: NDArray[np.float32], width: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Return (n, width) float32 coordinates on the principal axes; missing axes are zero."""
    out = np.zeros((len(rows), width), dtype=np.float32)
    if len(rows) < 2:
        return out
    middle, axes = fitted_axes(rows, width, seed=seed)
    out[:, : axes.shape[1]] = (rows - middle) @ axes
    return out


def fitted_axes(
    rows: NDArray[np.float32], width: int, *, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the middle (d,) of (n, d) rows, and ``width`` principal axes (d, width) or fewer.

    Of many rows an evenly spaced sample is used.
    """
    some = rows[:: max(1, len(rows) // ENOUGH_FOR_AXES)]
    middle = rows.mean(axis=0)
    return middle, widest(some - middle, min(width, len(rows) - 1), seed=seed)


def fuzzy_graph(index: NDArray[np.integer[Any]], distance: NDArray[np.float32]) -> Any:
    """Join every item's neighbours to the fuzzy graph of UMAP (sections 3.1 and 3.2).

    Returns
    -------
    A scipy CSR matrix (n, n) float32, symmetric: the weight in [0, 1] of two items as neighbours.
    """
    from scipy.sparse import csr_matrix

    n, k = index.shape
    there = index >= 0
    weight = _memberships(np.where(there, distance, np.inf).astype(np.float32))
    rows = np.repeat(np.arange(n), k).reshape(n, k)
    one_way = csr_matrix((weight[there], (rows[there], index[there])), shape=(n, n))
    other_way = one_way.T.tocsr()
    graph = (one_way + other_way - one_way.multiply(other_way)).tocsr()
    graph.sort_indices()
    return graph


def _memberships(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return exp(-(d - nearest) / scale), the scale such that each row sums to log2(k + 1)."""
    k = distance.shape[1]
    away = distance - np.where(np.isfinite(distance), distance, 0)[:, :1]
    away = np.maximum(away, 0)
    target = np.log2(k + 1)
    low = np.zeros((len(away), 1), dtype=np.float32)
    typical = np.where(np.isfinite(away), away, 0).mean(axis=1, keepdims=True)
    high = np.maximum(8 * typical, 1e-12).astype(np.float32)
    for _ in range(_HALVINGS):
        scale = (low + high) / 2
        much = np.exp(-away / np.maximum(scale, 1e-12)).sum(axis=1, keepdims=True) > target
        high, low = np.where(much, scale, high), np.where(much, low, scale)
    # no scale is finer than a thousandth of the mean distance, as in umap-learn
    scale = np.maximum((low + high) / 2, 1e-3 * np.maximum(typical, 1e-12))
    weight: NDArray[np.float32] = np.exp(-away / scale).astype(np.float32)
    return weight
