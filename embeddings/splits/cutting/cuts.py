"""Ways to cut one group of items in two: every branch of two trees."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import condensed_distances

SMALLEST_PART = 3  # fewer are single odd items, not a kind
SMALLEST_SHARE = 0.012  # and in a large label more are needed: 15 of 1,000 are a kind, 8 are not


def smallest_part(n: int) -> int:
    """Return the fewest items that a kind has in a label of ``n`` items."""
    return max(SMALLEST_PART, math.ceil(SMALLEST_SHARE * n))


def tree_cuts(products: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Cut a group along every branch of its Ward and average-link trees.

    Ward's tree (Ward 1963) finds kinds of like size, average linkage small kinds far out; together
    they hold the true cut of nearly every label that hides two kinds, which mixtures and k-means
    do not.

    Parameters
    ----------
    products
        (n, n) float32, of the items with one another.

    Returns
    -------
    (c, n) bool, each row marks the smaller part; no cut occurs twice.
    """
    from scipy.cluster.hierarchy import linkage

    n = len(products)
    smallest = smallest_part(n)
    if n < 2 * smallest:
        return np.zeros((0, n), dtype=bool)
    found: list[NDArray[np.bool_]] = []
    distances = condensed_distances(products)
    for method in ("ward", "average"):
        for branch in _branches(linkage(distances, method), smallest):
            cut = np.zeros(n, dtype=bool)
            cut[branch] = True
            found.append(cut)
    return distinct(found, n)


def _branches(tree: NDArray[np.float64], smallest: int) -> Iterator[NDArray[np.intp]]:
    """Yield the items of every branch that leaves no side with fewer than ``smallest``."""
    from scipy.cluster.hierarchy import leaves_list

    n = len(tree) + 1
    leaves = leaves_list(tree)  # left before right, so the items of a branch stand together
    waiting = [(len(tree) - 1, 0)]
    while waiting:
        number, start = waiting.pop()
        left, right, size = (int(tree[number, column]) for column in (0, 1, 3))
        if size < smallest:
            continue
        if size <= n - smallest:
            yield leaves[start : start + size]
        beyond = int(tree[left - n, 3]) if left >= n else 1
        waiting += [
            (child - n, at) for child, at in ((left, start), (right, start + beyond)) if child >= n
        ]


def partition_cuts(partitions: Iterable[NDArray[np.int32]], n: int) -> NDArray[np.bool_]:
    """Turn partitions, each (n,) with -1 for noise, into cuts: each cluster against the rest."""
    found = []
    smallest = smallest_part(n)
    for partition in partitions:
        for cluster in np.unique(partition[partition >= 0]):
            cut = partition == cluster
            if smallest <= cut.sum() <= n - smallest:
                found.append(cut)
    return distinct(found, n)


def distinct(cuts: Iterable[NDArray[np.bool_]], n: int) -> NDArray[np.bool_]:
    """Mark the smaller part of each cut and drop repeated ones; (c, n) bool."""
    seen: dict[bytes, NDArray[np.bool_]] = {}
    for cut in cuts:
        inside = int(cut.sum())
        if 2 * inside > n or (2 * inside == n and not cut[0]):
            cut = ~cut
        seen.setdefault(cut.tobytes(), cut)
    return np.array(list(seen.values()), dtype=bool).reshape(len(seen), n)
