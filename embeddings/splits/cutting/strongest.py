"""The strongest cuts of one group of items, beside what chance alone would give.

Every group can be cut somewhere, and the best of hundreds of cuts looks like a gap even in a cloud
that has none. So the same search is made in a cloud with the mean and the covariance of the group
(after SigClust, Liu, Hayes, Nobel & Marron 2008), and what it finds is kept beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows
from embeddings.splits.cutting.cuts import distinct, smallest_part, tree_cuts
from embeddings.splits.cutting.settling import settled
from embeddings.splits.cutting.statistics import CutStatistics, cut_statistics
from embeddings.splits.cutting.strength import STRENGTH_WEIGHTS, StrengthWeights, strength

MOST_CUTS: Final = 6  # cuts of a group that are weighed further
STRATA: Final = (0.06, 0.2)  # shares of the group between small, middling and large parts
SETTLED: Final = 12  # cuts of the trees that are settled and looked at again
OVERLAP: Final = 0.75  # Jaccard index of both sides from which two cuts are the same
WHOLENESS: Final = 0.5  # of cuts about equally strong the larger part is preferred, in log items
LARGEST_CLOUD: Final = 300  # items; the strongest cut of a cloud hardly depends on how many it has
# What a group too small for a cloud is compared with.
NO_CLOUD_STRENGTH: Final = -8.0
NO_CLOUD_AFFINITY: Final = 0.8


@dataclass(frozen=True, slots=True)
class StrongestCuts:
    """The strongest cuts of a group of n items, strongest first.

    ``inside`` (k, n) bool marks the smaller part of each; ``strength`` (k,) and ``statistics`` are
    theirs. ``cloud_strength`` and ``cloud_affinity`` are those of the strongest cut of a cloud of
    the same mean and covariance; ``within`` is the mean similarity of the pairs of the group.
    """

    inside: NDArray[np.bool_]
    strength: NDArray[np.float64]
    statistics: CutStatistics
    cloud_strength: float
    cloud_affinity: float
    within: float


def strongest_cuts(
    rows: NDArray[np.float32],
    proposed: Sequence[NDArray[np.bool_]] = (),
    *,
    most: int = MOST_CUTS,
    seed: int = 0,
    beside_cloud: bool = True,
    weights: StrengthWeights = STRENGTH_WEIGHTS,
) -> StrongestCuts | None:
    """Find the strongest cuts of one group, none much like another.

    Parameters
    ----------
    rows
        (n, d) float32 different items, unit length, in the shared space.
    proposed
        Cuts from elsewhere, each (n,) bool, weighed beside those of the group's own trees.
    most
        How many cuts are returned at most.
    seed
        Of the cloud.
    beside_cloud
        Whether a cloud is cut too; half of the time goes into that.
    weights
        Those found once for all, unless a benchmark asks what one statistic is worth alone.

    Returns
    -------
    The cuts, or None where the group is too small to have one.
    """
    found = _ranked(rows, proposed, most, weights)
    if found is None:
        return None
    inside, values, statistics = found
    n = len(rows)
    sums = rows.sum(axis=0, dtype=np.float64)
    own = float((rows.astype(np.float64) ** 2).sum())
    within = (float(sums @ sums) - own) / (n * (n - 1))
    cloud = _ranked(_cloud(rows, seed), (), 1, weights) if beside_cloud else None
    return StrongestCuts(
        inside,
        values,
        statistics,
        NO_CLOUD_STRENGTH if cloud is None else float(cloud[1][0]),
        NO_CLOUD_AFFINITY if cloud is None else float(cloud[2].affinity[0]),
        within,
    )


def _ranked(
    rows: NDArray[np.float32],
    proposed: Sequence[NDArray[np.bool_]],
    most: int,
    weights: StrengthWeights,
) -> tuple[NDArray[np.bool_], NDArray[np.float64], CutStatistics] | None:
    n = len(rows)
    products = rows @ rows.T
    cuts = distinct([*tree_cuts(products), *proposed], n)
    cuts = cuts[cuts.sum(axis=1) >= smallest_part(n)]
    if not len(cuts):
        return None
    cuts, statistics = cut_statistics(rows, products, cuts)
    values = strength(statistics, weights)
    first = cuts[_different(cuts, values, statistics.size, SETTLED)]
    # a branch of a tree is often a kind without its odd ones out, or with some of another
    cuts = distinct([*first, *settled(products, first)], n)
    cuts = cuts[cuts.sum(axis=1) >= smallest_part(n)]
    cuts, statistics = cut_statistics(rows, products, cuts)
    values = strength(statistics, weights)
    at = _different(cuts, values, statistics.size, most)
    return cuts[at], values[at], statistics.of(at)


def _different(
    cuts: NDArray[np.bool_], values: NDArray[np.float64], size: NDArray[np.float64], most: int
) -> NDArray[np.intp]:
    """Return the places of the strongest cuts, strongest first, none much like another.

    As many are taken of small parts as of middling and of large ones: a few items far out often
    make a stronger cut than a kind that comes near to another, and must not crowd it out.
    """
    order = np.argsort(-(values + WHOLENESS * np.log(size)), kind="stable")
    stratum = np.searchsorted(STRATA, size / cuts.shape[1])
    left = np.full(len(STRATA) + 1, max(1, most // (len(STRATA) + 1)))
    kept: list[int] = []
    for place in order:
        if not left[stratum[place]]:
            continue
        if all(not _alike(cuts[place], cuts[other]) for other in kept):
            kept.append(int(place))
            left[stratum[place]] -= 1
            if not left.any():
                break
    return np.array(kept, dtype=np.intp)


def _alike(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    """Say whether two cuts divide the items in nearly the same way."""
    both, either = int((one & other).sum()), int((one | other).sum())
    neither = len(one) - either
    return both >= OVERLAP * either and neither >= OVERLAP * (len(one) - both)


def _cloud(rows: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return unit rows of a normal cloud with the mean and the covariance of ``rows``."""
    rng = np.random.default_rng(seed)
    n = len(rows)
    mean = rows.mean(axis=0)
    mixed = rng.normal(size=(min(n, LARGEST_CLOUD), n)).astype(np.float32)
    mixed /= np.float32(np.sqrt(max(n - 1, 1)))
    return unit_rows(mean + mixed @ (rows - mean))
