"""Parts of a label: its best cut settled, and both sides cut again while they are two kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.records import MORE_LIKELY_THAN_NOT
from embeddings.splits.cutting import group_affinities, settled, strongest_cuts
from embeddings.splits.cutting.cuts import distinct
from embeddings.splits.cutting.statistics import cut_statistics
from embeddings.splits.cutting.strength import strength
from embeddings.splits.cutting.strongest import StrongestCuts
from embeddings.splits.evidence import LabelEvidence

AGAIN_AT: Final = 0.7  # score from which a part is cut again: a label is seldom three kinds
MOST_KINDS: Final = 8

Judge = Callable[[LabelEvidence, StrongestCuts], tuple[int, float]]


def parts_of(
    label: LabelEvidence, judge: Judge, inside: NDArray[np.bool_], *, seed: int = 0
) -> NDArray[np.intp]:
    """Divide a label into its kinds, from its best cut.

    Both sides are cut again while the new sides are two kinds. Parts that are one kind are joined
    again: both sides of a cut may hold some of a third kind.

    Parameters
    ----------
    label
        What is known of the label's n items.
    judge
        Returns which of some cuts shows two kinds best, and with which probability.
    inside
        (n,) bool, the smaller side of the best cut.
    seed
        Of the clouds that further cuts are compared with.

    Returns
    -------
    (n,) intp, 0 is the largest part.
    """
    parts = _settled(label.rows, inside).astype(np.intp)
    unseen = [0, 1]
    while unseen and parts.max() + 1 < MOST_KINDS:
        at = np.flatnonzero(parts == unseen[0])
        part = label.of(at)
        cuts = strongest_cuts(part.rows, seed=seed)
        place, value = (0, 0.0) if cuts is None else judge(part, cuts)
        if cuts is None or value < AGAIN_AT:
            unseen.pop(0)
            continue
        new = int(parts.max()) + 1
        parts[at[_settled(part.rows, cuts.inside[place])]] = new
        unseen.append(new)
    return _by_size(_joined(label, judge, parts))


def _settled(rows: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(settled(rows @ rows.T, inside[None])[0])


def _joined(label: LabelEvidence, judge: Judge, parts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Join the two most similar parts while the cut between them does not show two kinds."""
    while True:
        names, parts = np.unique(parts, return_inverse=True)
        parts = parts.reshape(-1).astype(np.intp)
        if len(names) <= 2:
            return parts
        affinity = group_affinities(label.rows, parts, len(names))
        np.fill_diagonal(affinity, -np.inf)
        a, b = (int(i) for i in np.unravel_index(int(affinity.argmax()), affinity.shape))
        both = np.flatnonzero((parts == a) | (parts == b))
        pair = label.of(both)
        cut = _one_cut(pair.rows, parts[both] == a)
        if judge(pair, cut)[1] >= MORE_LIKELY_THAN_NOT:
            return parts
        parts[parts == b] = a


def _one_cut(rows: NDArray[np.float32], side: NDArray[np.bool_]) -> StrongestCuts:
    """Return a given cut of a group with its statistics, beside those of its strongest one."""
    cuts, statistics = cut_statistics(rows, rows @ rows.T, distinct([side], len(rows)))
    found = strongest_cuts(rows, most=1)
    values = strength(statistics)
    if found is None:
        return StrongestCuts(cuts, values, statistics, 0.0, 0.0, 0.0)
    return StrongestCuts(
        cuts, values, statistics, found.cloud_strength, found.cloud_affinity, found.within
    )


def _by_size(parts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the parts by size, the largest 0; equal sizes by the first item."""
    names, first, counts = np.unique(parts, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty(len(names), dtype=np.intp)
    rank[order] = np.arange(len(names))
    return rank[np.searchsorted(names, parts)]
