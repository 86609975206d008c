"""Is one label one kind or several? Weigh its cuts, take the best, cut the parts again.

The *strength* of a cut adds up six figures that do not depend on the size of the label, the number
of labels or the density of the data set (``affinity``), with fixed weights. The weights are those
of a logistic model; how they were found, and what they are worth on kinds, sizes and models that
they were not found on, is in docs/splits.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.records import MORE_LIKELY_THAN_NOT
from embeddings.splits.cut_statistics import CutStatistics, cut_statistics, group_affinities
from embeddings.splits.cuts import SMALLEST_PART, distinct, smallest_part, tree_cuts


@dataclass(frozen=True, slots=True)
class Weights:
    """What each figure of a cut adds to its strength, in logits."""

    intercept: float = -19.387
    affinity: float = -11.528
    valley: float = 1.892
    valley_rest: float = 6.139
    coherence: float = 3.878
    coherence_rest: float = 22.287
    smallness: float = -8.166  # times 1/sqrt(size): an estimate from few items errs by that much


WEIGHTS = Weights()
LOWEST_AFFINITY = -0.2  # kinds can't be less alike than unrelated: below this it is noise

# What is usual: with weak embeddings every label can be cut with some strength, so a cut has to
# stand out from those of the other labels. The lower third of labels is rarely split.
USUAL_QUANTILE = 0.3
USUAL = -5.0  # before anything is known of a data set, worth five labels
USUAL_WORTH = 5
CONTRAST = 1.028
AGAINST_USUAL = -0.335
OFFSET = -1.91

# Of cuts about equally strong the larger part is preferred: a kind rather than its core.
WHOLENESS = 0.5

PERHAPS_AT = 0.3  # score from which both sides are shown, so that a person can decide
AGAIN_AT = 0.7  # score from which a part is cut again: a label is seldom three kinds
MOST_KINDS = 8
HESITATION = 0.2  # how far beyond the middle an item must lie to change sides; 1 is the far centre
ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Cut:
    """The best cut of one label: ``inside`` (n,) bool marks the smaller part.

    ``strength`` is that of the strongest cut, which may be another that is much the same.
    """

    inside: NDArray[np.bool_]
    strength: float
    affinity: float
    coherence: float  # of the smaller part


def strength(figures: CutStatistics, weights: Weights = WEIGHTS) -> NDArray[np.float64]:
    """Return the evidence for two kinds, in logits, of each cut; (c,) float64."""
    total: NDArray[np.float64] = (
        weights.intercept
        + weights.affinity * np.clip(figures.affinity, LOWEST_AFFINITY, 1.0)
        + weights.valley * figures.valley
        + weights.valley_rest * figures.valley_rest
        + weights.coherence * figures.coherence
        + weights.coherence_rest * figures.coherence_rest
        + weights.smallness / np.sqrt(figures.size)
    )
    return total


def usual_strength(strengths: Sequence[float]) -> float:
    """Return how strong the best cut of a label of one kind usually is in this data set."""
    if not strengths:
        return USUAL
    here = float(np.quantile(strengths, USUAL_QUANTILE))
    n = len(strengths)
    return (n * here + USUAL_WORTH * USUAL) / (n + USUAL_WORTH)


def score(value: float, usual: float) -> float:
    """Return the probability that the two sides of a cut of this strength are two kinds."""
    logit = CONTRAST * value + AGAINST_USUAL * usual + OFFSET
    return float(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))


def best_cut(
    rows: NDArray[np.float32],
    proposed: Sequence[NDArray[np.bool_]] = (),
    weights: Weights = WEIGHTS,
) -> Cut | None:
    """Find the strongest cut of one group.

    Parameters
    ----------
    rows
        (n, d) float32 different items, unit length, in the shared space.
    proposed
        Cuts from elsewhere, each (n,) bool, weighed beside those of the group's own trees.
    weights
        Those found once for all, unless a benchmark asks what one signal is worth alone.

    Returns
    -------
    The cut, or None where the group is too small to have one.
    """
    n = len(rows)
    products = rows @ rows.T
    cuts = distinct([*tree_cuts(products), *proposed], n)
    sizes = cuts.sum(axis=1)
    cuts = cuts[sizes >= smallest_part(n)]
    if not len(cuts):
        return None
    cuts, figures = cut_statistics(rows, products, cuts)
    values = strength(figures, weights)
    place = int((values + WHOLENESS * np.log(figures.size)).argmax())
    return Cut(
        cuts[place],
        float(values.max()),
        float(figures.affinity[place]),
        float(figures.coherence[place]),
    )


def parts_of(rows: NDArray[np.float32], cut: Cut, value: float, usual: float) -> NDArray[np.intp]:
    """Divide a label into its kinds, from its best cut and the score of that.

    Both sides are cut again while what comes out is two kinds; parts that are one kind after all
    (both sides of a cut may hold some of a third kind) are joined again.

    Returns
    -------
    (n,) intp, 0 is the largest part; all 0 where the cut does not say two kinds.
    """
    n = len(rows)
    if value < PERHAPS_AT:
        return np.zeros(n, dtype=np.intp)
    parts = settled(rows, cut.inside).astype(np.intp)
    unseen = [0, 1]
    while unseen and parts.max() + 1 < MOST_KINDS:
        inside = np.flatnonzero(parts == unseen[0])
        found = best_cut(rows[inside])
        if found is None or score(found.strength, usual) < AGAIN_AT:
            unseen.pop(0)
            continue
        new = int(parts.max()) + 1
        parts[inside[settled(rows[inside], found.inside)]] = new
        unseen.append(new)
    return _by_size(_joined(rows, parts, usual))


def settled(rows: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Let items that lie clearly beyond the middle change sides; (n,) bool.

    A branch of a tree is often a kind without its odd ones out. An item is compared with the
    mean similarity to either side, itself left out.
    """
    start = inside
    own = (rows.astype(np.float64) ** 2).sum(axis=1)
    for _ in range(ROUNDS):
        size = int(inside.sum())
        rest = len(rows) - size
        to_part = rows @ rows[inside].sum(axis=0, dtype=np.float64)
        to_rest = rows @ rows[~inside].sum(axis=0, dtype=np.float64)
        lean = np.where(inside, (to_part - own) / (size - 1), to_part / size) - np.where(
            inside, to_rest / rest, (to_rest - own) / (rest - 1)
        )
        here, there = lean[inside].mean(), lean[~inside].mean()
        if here <= there:
            return start
        place = (2 * lean - here - there) / (here - there)
        moved = place > np.where(inside, -HESITATION, HESITATION)
        if min(moved.sum(), len(moved) - moved.sum()) < SMALLEST_PART:
            return start
        if (moved == inside).all():
            break
        inside = moved
    return inside


def _joined(rows: NDArray[np.float32], parts: NDArray[np.intp], usual: float) -> NDArray[np.intp]:
    while True:
        names, parts = np.unique(parts, return_inverse=True)
        parts = parts.reshape(-1).astype(np.intp)
        if len(names) <= 2:
            return parts
        affinity = group_affinities(rows, parts, len(names))
        np.fill_diagonal(affinity, -np.inf)
        a, b = (int(i) for i in np.unravel_index(int(affinity.argmax()), affinity.shape))
        both = np.flatnonzero((parts == a) | (parts == b))
        cut = distinct([parts[both] == a], len(both))
        joint = rows[both]
        _, figures = cut_statistics(joint, joint @ joint.T, cut)
        if score(float(strength(figures)[0]), usual) >= MORE_LIKELY_THAN_NOT:
            return parts
        parts[parts == b] = a


def _by_size(parts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the parts by size, the largest 0; equal sizes by the first item."""
    names, first, counts = np.unique(parts, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty(len(names), dtype=np.intp)
    rank[order] = np.arange(len(names))
    return rank[np.searchsorted(names, parts)]
