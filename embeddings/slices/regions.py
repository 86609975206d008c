"""Regions of a label in which a model's errors heap up, though no known group marks them.

The items of a label are joined to a tree (Ward 1963); each branch is a region. The tree-based scan
statistic of Kulldorff, Fang and Walsh (2003) takes the branch of which it is least likely that so
many errors lie in it by chance. What chance does is bounded by the number of branches, or seen by
dealing the same errors anew within the label and scanning again, so that the p-value holds for the
whole search; few are dealt where it is soon clear that nothing is there (Besag and Clifford 1991).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows, widest
from embeddings.slices.statistics import more_errors

SMALLEST: Final = 4  # items of a region
LARGEST: Final = 0.6  # share of the label: a larger region is the label
FEWEST_ERRORS: Final = 3
AXES: Final = 60  # principal axes that the items are joined on; fewer miss a slice that is slight
MOST_JOINED: Final = 1500  # items that a tree is made of: above, of so many drawn at random
_TINY: Final = 1e-6  # share that stands for none, whose logarithm there is not
_BOUND_ENOUGH: Final = 1e-3  # upper bound of the p-value below which nothing need be dealt
_DEALS: Final = (199, 1800)  # deals of the errors, more only while few are as extreme
_ENOUGH: Final = 10  # deals as extreme after which the p-value is known well enough


@dataclass(frozen=True, slots=True)
class Region:
    """Places of the items in the label, and the p-value of the whole search in it."""

    items: NDArray[np.intp]
    p_value: float


def worst_region(X: NDArray[np.float32], wrong: NDArray[np.bool_], *, seed: int) -> Region | None:
    """Return the region of a label that holds the most surprising heap of errors.

    Parameters
    ----------
    X
        (n, d) embeddings of the items of one label.
    wrong
        (n,) whether the model is wrong on each.

    Returns
    -------
    None where there are too few items or errors to tell.
    """
    n, errors = len(wrong), int(wrong.sum())
    if n < 2 * SMALLEST or errors < FEWEST_ERRORS or errors == n:
        return None
    inside = _branches(_on_axes(X, seed), seed)
    if not len(inside):
        return None
    size = inside.sum(axis=1)
    counts = inside @ wrong.astype(np.float32)
    surprise = _surprise(counts, size, errors, n)
    best = int(np.argmax(surprise))
    if counts[best] < FEWEST_ERRORS:
        return None
    # Boole's inequality: the exact p-value of the one branch, times the branches looked at
    bound = len(inside) * more_errors([(n, errors, int(size[best]), int(counts[best]))])
    if bound > _BOUND_ENOUGH:
        bound = min(bound, _of_chance(inside, size, errors, float(surprise[best]), seed))
    return Region(np.flatnonzero(inside[best] > 0), bound)


def _on_axes(X: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return the items on their first principal axes, which keeps noise out of the tree."""
    unit = unit_rows(np.asarray(X, dtype=np.float32))
    centred = unit - unit.mean(axis=0)
    if min(centred.shape) <= AXES:
        return np.asarray(centred)
    return np.asarray(centred @ widest(centred, AXES, seed=seed))


def _branches(points: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return which items each region holds, (regions, n) of 0 and 1."""
    from scipy.cluster.hierarchy import linkage

    n = len(points)
    if n > MOST_JOINED:
        return _of_sample(points, seed)
    tree = linkage(points, "ward")
    held = np.zeros((2 * n - 1, n), dtype=np.float32)
    held[np.arange(n), np.arange(n)] = 1
    for number, (one, other) in enumerate(tree[:, :2].astype(int), start=n):
        held[number] = held[one] + held[other]
    size = held.sum(axis=1)
    return np.asarray(held[(size >= SMALLEST) & (size <= LARGEST * n)])


def _of_sample(points: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Join a sample, and give every other item to the regions of its nearest in the sample."""
    from scipy.spatial import cKDTree

    n = len(points)
    rng = np.random.default_rng(seed)
    sample = np.sort(rng.choice(n, MOST_JOINED // 3, replace=False))
    _, nearest = cKDTree(points[sample]).query(points)
    held = _branches(points[sample], seed)[:, nearest]
    return np.asarray(held[held.sum(axis=1) <= LARGEST * n])


def _surprise(
    errors_in: NDArray[np.float32], size: NDArray[np.float32], errors: int, n: int
) -> NDArray[np.float32]:
    """Return the log-likelihood ratio of more errors inside than outside; 0 where not more.

    ``errors_in`` is (regions,) or (regions, deals), ``size`` (regions,) or (regions, 1).
    """

    def entropy(k: NDArray[np.float32], m: NDArray[np.float32]) -> NDArray[np.float32]:
        share = np.clip(k / m, _TINY, 1 - _TINY)
        return np.asarray(k * np.log(share) + (m - k) * np.log1p(-share))

    outside = n - size
    ratio = entropy(errors_in, size) + entropy(errors - errors_in, outside)
    more = errors_in * outside > (errors - errors_in) * size
    return np.where(more, ratio, -np.inf)


def _of_chance(
    inside: NDArray[np.float32], size: NDArray[np.float32], errors: int, seen: float, seed: int
) -> float:
    """Return how often errors dealt at random heap up as much anywhere in the tree."""
    rng = np.random.default_rng(seed)
    n, dealt, extreme = inside.shape[1], 0, 0
    for many in _DEALS:
        for start in range(0, many, 200):
            count = min(200, many - start)
            wrong = np.zeros((n, count), dtype=np.float32)
            places = rng.random((count, n)).argpartition(errors - 1, axis=1)[:, :errors]
            wrong[places.T, np.arange(count)] = 1
            best = _surprise(inside @ wrong, size[:, None], errors, n).max(axis=0)
            extreme += int((best >= seen - 1e-6).sum())
            dealt += count
        if extreme >= _ENOUGH:
            break
    return (extreme + 1) / (dealt + 1)
