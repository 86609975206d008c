"""How alike two groups of items are, whatever their sizes.

The *affinity* of two groups is the cosine between their true centres, as far as it can be known
from the items at hand. The mean of the similarities between the items of two groups estimates the
dot product of the two centres without bias, and the mean over the pairs *within* a group (an item
is no pair with itself) estimates the squared length of its centre, also without bias. Their ratio
is Spearman's correction for attenuation (1904): unlike a distance between sample means, it does
not depend on how many items a group has, and unlike a neighbour share it does not depend on how
densely the rest of the data set lies. Rows are centred on the mean of all labels, so two kinds
that have nothing to do with each other have affinity 0, two halves of one kind come near 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Squared length below which a centre can't be told from the middle of the data set: unit rows
# have squared length 1, so this is a group whose items share a hundredth of what they are.
SHORTEST = 0.01


@dataclass(frozen=True, slots=True)
class CutStatistics:
    """Each cut of one group of n items into two parts; all arrays are (c,) float64.

    ``size`` counts the items in the cut, ``rest`` the others; ``within`` and ``within_rest`` are
    the mean similarity of pairs in each part, ``across`` that of pairs with one item in each.
    """

    size: NDArray[np.float64]
    rest: NDArray[np.float64]
    within: NDArray[np.float64]
    within_rest: NDArray[np.float64]
    across: NDArray[np.float64]

    @property
    def affinity(self) -> NDArray[np.float64]:
        """The affinity of the two parts of each cut."""
        value: NDArray[np.float64] = ratio(self.across, self.within, self.within_rest)
        return value

    @property
    def gain(self) -> NDArray[np.float64]:
        """Squared distance of the two centres, weighted as in Ward's criterion."""
        apart = self.within + self.within_rest - 2 * self.across
        weighted: NDArray[np.float64] = apart * self.size * self.rest / (self.size + self.rest)
        return weighted


def ratio(across: Any, within_a: Any, within_b: Any) -> Any:
    """Affinity from the three mean similarities; arrays or numbers."""
    return across / np.sqrt(np.maximum(within_a, SHORTEST) * np.maximum(within_b, SHORTEST))


def cut_statistics(rows: NDArray[np.float32], cuts: NDArray[np.bool_]) -> CutStatistics:
    """Work out what is needed to judge (c, n) ``cuts`` of (n, d) ``rows``; parts of 2 or more."""
    inside = cuts.astype(np.float32)
    size = cuts.sum(axis=1).astype(np.float64)
    rest = len(rows) - size
    own = (rows.astype(np.float64) ** 2).sum(axis=1)
    total = rows.sum(axis=0, dtype=np.float64)
    sums = (inside @ rows).astype(np.float64)
    others = total - sums
    own_inside = inside.astype(np.float64) @ own
    return CutStatistics(
        size=size,
        rest=rest,
        within=((sums**2).sum(axis=1) - own_inside) / (size * (size - 1)),
        within_rest=((others**2).sum(axis=1) - (own.sum() - own_inside)) / (rest * (rest - 1)),
        across=(sums * others).sum(axis=1) / (size * rest),
    )


def group_affinities(
    rows: NDArray[np.float32], groups: NDArray[np.intp], n_groups: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compare every group with every other.

    Parameters
    ----------
    rows
        (n, d) float32, centred.
    groups
        (n,) in 0..n_groups-1, or -1 for items of no group.

    Returns
    -------
    affinity, within
        (g, g) float64 with 1 on the diagonal, and (g,) the mean similarity within each group.
        Groups of one item have no pair: their length is taken from the typical group.
    """
    keep = groups >= 0
    sums = np.zeros((n_groups, rows.shape[1]))
    np.add.at(sums, groups[keep], rows[keep])
    counts = np.bincount(groups[keep], minlength=n_groups).astype(np.float64)
    own = np.bincount(
        groups[keep], (rows[keep].astype(np.float64) ** 2).sum(axis=1), minlength=n_groups
    )
    pairs = counts * (counts - 1)
    within = np.divide(
        (sums**2).sum(axis=1) - own, pairs, out=np.full(n_groups, np.nan), where=pairs > 0
    )
    typical = float(np.nanmedian(within)) if np.isfinite(within).any() else 1.0
    within = np.where(np.isfinite(within), within, typical)
    means = sums / np.maximum(counts, 1)[:, None]
    affinity = ratio(means @ means.T, within[:, None], within[None, :])
    np.fill_diagonal(affinity, 1.0)
    return affinity, within
