"""Statistics of a cut that tell two kinds from two parts of one kind, whatever their sizes.

The *affinity* of two groups is the cosine between their true centres, as far as it can be known
from the items at hand. The mean of the similarities between the items of two groups estimates the
dot product of the two centres without bias, and the mean over the pairs *within* a group (an item
is no pair with itself) estimates the squared length of its centre, also without bias. Their ratio
is Spearman's correction for attenuation (1904): unlike a distance between sample means it does not
depend on how many items a group has, and unlike a share of neighbours it does not depend on how
densely the rest of the data set lies. Rows are centred on the mean of all labels
(``arrays.shared_space``), so two unrelated kinds have affinity 0 and two halves of one kind come
near 1. This is the evidence that comes from the other labels.

The evidence from the label itself is the gap between the sides: the *valley* and the *coherence* of
either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import blocks
from embeddings.neighbors import BLOCK_CELLS, largest, nearest_of_others

# Squared length below which a centre can't be told from the middle of the data set: unit rows
# have squared length 1, so the items of such a group have a hundredth of that in common.
SHORTEST = 0.01
NEAREST = 5  # nearest items of the label looked at for coherence
EXACT_UP_TO = 20_000  # groups of which all pairs are compared
MOST_JUDGED = 400  # cuts of one label that are looked at closely, those of least affinity


@dataclass(frozen=True, slots=True)
class CutStatistics:
    """Each of c cuts of one group into a smaller part and the rest; all arrays (c,) float64.

    ``size`` counts the items of the smaller part. ``affinity`` is that of the two parts. A
    ``valley`` is the mean similarity within a part, less that of the part to its nearest items on
    the other side; a ``coherence`` is the share of the nearest items in the label that are on the
    same side. The first of each pair is of the smaller part.
    """

    size: NDArray[np.float64]
    affinity: NDArray[np.float64]
    valley: NDArray[np.float64]
    valley_rest: NDArray[np.float64]
    coherence: NDArray[np.float64]
    coherence_rest: NDArray[np.float64]

    def of(self, cuts: NDArray[np.intp]) -> CutStatistics:
        """Return those of some cuts, in their order."""
        return CutStatistics(*(getattr(self, name)[cuts] for name in CutStatistics.__slots__))


def ratio(across: Any, within_a: Any, within_b: Any) -> Any:
    """Affinity from the three mean similarities; arrays or numbers."""
    return across / np.sqrt(np.maximum(within_a, SHORTEST) * np.maximum(within_b, SHORTEST))


def cut_statistics(
    rows: NDArray[np.float32], products: NDArray[np.float32], cuts: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], CutStatistics]:
    """Compute the statistics of cuts of one group.

    Parameters
    ----------
    rows
        (n, d) float32, unit length, in the shared space.
    products
        (n, n) float32, of the rows with one another.
    cuts
        (c, n) bool, True for the smaller part; both parts hold two items or more.

    Returns
    -------
    The cuts that were looked at closely, (at most 400, n), and their ``CutStatistics``.
    """
    size, within, within_rest, across = _means(rows, cuts)
    affinity = ratio(across, within, within_rest)
    if len(cuts) > MOST_JUDGED:
        kept = np.sort(np.argsort(affinity, kind="stable")[:MOST_JUDGED])
        cuts, affinity, size = cuts[kept], affinity[kept], size[kept]
        within, within_rest = within[kept], within_rest[kept]
    similarity = products.copy()
    np.fill_diagonal(similarity, 0.0)
    valley, valley_rest = _valleys(similarity, cuts, within, within_rest)
    np.fill_diagonal(similarity, -np.inf)
    coherence, coherence_rest = _coherences(similarity, cuts)
    return cuts, CutStatistics(size, affinity, valley, valley_rest, coherence, coherence_rest)


def _means(
    rows: NDArray[np.float32], cuts: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return size, and mean similarity within the part, within the rest, and across."""
    inside = cuts.astype(np.float32)
    size = cuts.sum(axis=1).astype(np.float64)
    rest = len(rows) - size
    own = (rows.astype(np.float64) ** 2).sum(axis=1)
    sums = (inside @ rows).astype(np.float64)
    others = rows.sum(axis=0, dtype=np.float64) - sums
    own_inside = inside.astype(np.float64) @ own
    return (
        size,
        ((sums**2).sum(axis=1) - own_inside) / (size * (size - 1)),
        ((others**2).sum(axis=1) - (own.sum() - own_inside)) / (rest * (rest - 1)),
        (sums * others).sum(axis=1) / (size * rest),
    )


def _valleys(
    similarity: NDArray[np.float32],
    cuts: NDArray[np.bool_],
    within: NDArray[np.float64],
    within_rest: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from embeddings.splits.cutting import cut_kernel

    to_part = cuts.astype(np.float32) @ similarity
    to_rest = similarity.sum(axis=0) - to_part
    size = cuts.sum(axis=1)
    # as many items of the rest as the part has, but only the nearer third of the part, since the
    # whole part may be few items
    nearest = np.empty((2, len(cuts)))
    cut_kernel.nearest_across(cuts, to_part, to_rest, nearest)
    return within - nearest[0] / size, within_rest - nearest[1] / (cuts.shape[1] - size)


def _coherences(
    similarity: NDArray[np.float32], cuts: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from embeddings.splits.cutting import cut_kernel

    nearest = largest(similarity, min(NEAREST, len(similarity) - 1)).index
    same = np.zeros((2, len(cuts)), dtype=np.int64)
    cut_kernel.agreeing(cuts, nearest, same)
    size = cuts.sum(axis=1)
    sizes = np.stack((size, cuts.shape[1] - size))
    # an item in a part of three has only two fellows
    share = same / (sizes * np.minimum(nearest.shape[1], sizes - 1))
    return share[0], share[1]


@dataclass(frozen=True, slots=True)
class Groups:
    """Centres of g groups, from which affinities are computed without a (g, g) matrix.

    ``means`` is (g, d) float64, ``within`` (g,) float64, the mean similarity in a group.
    """

    means: NDArray[np.float64]
    within: NDArray[np.float64]

    def between(self, group: int, others: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the affinity (m,) of one group to ``others`` (m,)."""
        across = self.means[others] @ self.means[group]
        affinity: NDArray[np.float64] = ratio(across, self.within[others], self.within[group])
        return affinity

    def nearest_elsewhere(self, owner: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return for each group the one of highest affinity with another owner, -1 for none.

        ``owner`` (g,) ascends. Exact up to 20,000 groups, in time in their square; above that by an
        approximate search.
        """
        lengths = np.sqrt(np.maximum(self.within, SHORTEST))[:, None]
        unit = (self.means / lengths).astype(np.float32)
        if len(owner) > EXACT_UP_TO:
            return nearest_of_others(unit, owner, 1).index[:, 0]
        first, last = np.searchsorted(owner, owner), np.searchsorted(owner, owner, side="right")
        best = np.full(len(owner), -1, dtype=np.intp)
        block = max(1, BLOCK_CELLS // max(1, len(owner)))
        for start in range(0, len(owner), block):
            cells = unit[start : start + block] @ unit.T
            for row, own in enumerate(cells, start=start):
                own[first[row] : last[row]] = -np.inf
            found = cells.argmax(axis=1)
            there = np.isfinite(cells[np.arange(len(cells)), found])
            best[start : start + block] = np.where(there, found, -1)
        return best


def group_affinities(
    rows: NDArray[np.float32], groups: NDArray[np.intp], n_groups: int
) -> NDArray[np.float64]:
    """Compare every group with every other.

    Parameters
    ----------
    rows, groups, n_groups
        As in :func:`measured`.

    Returns
    -------
    (g, g) float64 with 1 on the diagonal.
    """
    found = measured(rows, groups, n_groups)
    within = found.within
    affinity: NDArray[np.float64] = ratio(
        found.means @ found.means.T, within[:, None], within[None, :]
    )
    np.fill_diagonal(affinity, 1.0)
    return affinity


def measured(rows: NDArray[np.float32], groups: NDArray[np.intp], n_groups: int) -> Groups:
    """Compute the centres of groups and the mean similarity in each.

    Parameters
    ----------
    rows
        (n, d) float32, in the shared space.
    groups
        (n,) in 0..n_groups-1, or -1 for items of no group.

    Returns
    -------
    ``Groups``. Groups of one item have no pair within: the length of their centre is taken from
    the typical group.
    """
    from scipy.sparse import csr_matrix

    sums, own, counts = np.zeros((n_groups, rows.shape[1])), np.zeros(n_groups), np.zeros(n_groups)
    for at, block in blocks(rows):
        here = np.flatnonzero(groups[at] >= 0)
        wide, group = block[here].astype(np.float64), groups[at][here]
        whose = csr_matrix((np.ones(len(here)), (group, np.arange(len(here)))),
                           shape=(n_groups, len(here)))  # fmt: skip
        sums += whose @ wide
        own += whose @ (wide**2).sum(axis=1)
        counts += np.bincount(group, minlength=n_groups)
    pairs = counts * (counts - 1)
    within = np.divide(
        (sums**2).sum(axis=1) - own, pairs, out=np.full(n_groups, np.nan), where=pairs > 0
    )
    known = np.isfinite(within)
    typical = float(np.median(within[known])) if known.any() else 1.0
    within = np.where(known, within, typical)
    means = sums / np.maximum(counts, 1)[:, None]
    return Groups(means, within)
