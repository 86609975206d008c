"""Ways to cut one group of items in two: every branch of two trees."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from embeddings.neighbours import condensed_distances

SMALLEST_PART = 3  # fewer are odd items, not a kind
SMALLEST_SHARE = 0.012  # in a large label so are a few more: 15 of 1,000 are a kind, 8 are not


def smallest_part(n: int) -> int:
    """Return how many items of a label of ``n`` a kind has at least."""
    return max(SMALLEST_PART, math.ceil(SMALLEST_SHARE * n))


def tree_cuts(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Cut a group along every branch of its Ward and average-link trees.

    Ward's tree (Ward 1963) finds kinds of like size, average linkage small kinds far out; together
    they hold the true cut of nearly every label that hides two kinds, which mixtures and k-means
    do not.

    Parameters
    ----------
    rows
        (n, d) float32.

    Returns
    -------
    (c, n) bool, each row marks the smaller part; no cut stands twice.
    """
    from scipy.cluster.hierarchy import linkage

    n = len(rows)
    smallest = smallest_part(n)
    if n < 2 * smallest:
        return np.zeros((0, n), dtype=bool)
    found: list[NDArray[np.bool_]] = []
    distances = condensed_distances(rows)
    for method in ("ward", "average"):
        members = [np.array([i]) for i in range(n)]
        for left, right, _, size in linkage(distances, method):
            branch = np.concatenate((members[int(left)], members[int(right)]))
            members.append(branch)
            if smallest <= size <= n - smallest:
                cut = np.zeros(n, dtype=bool)
                cut[branch] = True
                found.append(cut)
    return distinct(found, n)


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
    """Mark the smaller part of each cut and drop those that stand twice; (c, n) bool."""
    seen: dict[bytes, NDArray[np.bool_]] = {}
    for cut in cuts:
        inside = int(cut.sum())
        if 2 * inside > n or (2 * inside == n and not cut[0]):
            cut = ~cut
        seen.setdefault(cut.tobytes(), cut)
    return np.array(list(seen.values()), dtype=bool).reshape(len(seen), n)
