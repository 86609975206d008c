"""Is one label one kind or several? Cut it, ask how alike the parts are, cut the parts again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.affinity import CutStatistics, cut_statistics, group_affinities
from embeddings.cuts import SMALLEST_PART, distinct, tree_cuts

# Affinity at which two parts are as likely one kind as two, and how quickly doubt turns to
# certainty on either side. Parts of one kind lie above 0.3 and unrelated kinds near 0, on
# different models, label sizes and numbers of labels alike: see docs/splits.md.
EVEN = 0.29
SOFTNESS = 0.045
CUT_BELOW = 0.45  # cuts whose parts are more alike than this are never the one looked for
SPLIT_AT = 0.5  # score from which a label is said to be split
MOST_KINDS = 8


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found inside one label.

    ``parts`` (n,) intp numbers the kinds, 0 is the largest; ``affinity`` is that of the best
    cut's two sides (1 where there is no cut), ``score`` in [0, 1] how surely they are two kinds,
    ``cut`` (n,) bool that best cut, taken or not.
    """

    parts: NDArray[np.intp]
    affinity: float
    score: float
    cut: NDArray[np.bool_]


def score_of(affinity: float) -> float:
    """Turn an affinity into the probability that the two parts are two kinds."""
    return float(1.0 / (1.0 + np.exp(np.clip((affinity - EVEN) / SOFTNESS, -30, 30))))


def judge(rows: NDArray[np.float32], proposed: NDArray[np.bool_]) -> Judgement:
    """Judge one label.

    Parameters
    ----------
    rows
        (n, d) float32 different items of the label, unit length, centred on the data set.
    proposed
        (c, n) cuts from elsewhere, judged beside those of the label's own trees.

    Returns
    -------
    A ``Judgement``; labels too small to be cut have one part and score 0.
    """
    n = len(rows)
    whole = np.zeros(n, dtype=np.intp)
    best = _best_cut(rows, proposed)
    if best is None:
        return Judgement(whole, 1.0, 0.0, np.zeros(n, dtype=bool))
    cut, affinity = best
    score = score_of(affinity)
    if score < SPLIT_AT:
        return Judgement(whole, affinity, score, cut)
    parts = _merged(rows, _divide(rows, cut))
    return Judgement(_by_size(parts), affinity, score, cut)


def _best_cut(
    rows: NDArray[np.float32], proposed: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], float] | None:
    n = len(rows)
    own = tree_cuts(rows)
    cuts = distinct([*own, *proposed], n) if len(proposed) else own
    sizes = cuts.sum(axis=1)
    cuts = cuts[(sizes >= SMALLEST_PART) & (sizes <= n - SMALLEST_PART)]
    if not len(cuts):
        return None
    statistics = cut_statistics(rows, cuts)
    place = _best(statistics)
    return cuts[place], float(statistics.affinity[place])


def _best(statistics: CutStatistics) -> int:
    """Return the cut that is both clear (low affinity) and whole (explains much).

    The clearest cut alone is often only the core of a kind; the cut that explains most alone is
    often a variation of one kind.
    """
    affinity = statistics.affinity
    limit = max(CUT_BELOW, float(affinity.min()) + 0.05)
    return int(np.argmax(np.maximum(limit - affinity, 0) * np.maximum(statistics.gain, 1e-9)))


def _divide(rows: NDArray[np.float32], cut: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Cut both sides again while what comes out is two kinds."""
    parts = cut.astype(np.intp)
    open_parts = [0, 1]
    while open_parts and parts.max() + 1 < MOST_KINDS:
        inside = np.flatnonzero(parts == open_parts[0])
        found = _best_cut(rows[inside], np.zeros((0, len(inside)), dtype=bool))
        if found is None or score_of(found[1]) < SPLIT_AT:
            open_parts.pop(0)
            continue
        new = int(parts.max()) + 1
        parts[inside[found[0]]] = new
        open_parts.append(new)
    return parts


def _merged(rows: NDArray[np.float32], parts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Join parts that are one kind after all, the most alike first; two are left at least."""
    parts = parts.copy()
    while True:
        names, parts = np.unique(parts, return_inverse=True)
        if len(names) <= 2:
            return parts
        affinity, _ = group_affinities(rows, parts, len(names))
        np.fill_diagonal(affinity, -np.inf)
        a, b = np.unravel_index(int(affinity.argmax()), affinity.shape)
        if score_of(float(affinity[a, b])) >= SPLIT_AT:
            return parts
        parts[parts == b] = a


def _by_size(parts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the parts by size, the largest 0; equal sizes by the first item."""
    names, first, counts = np.unique(parts, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty(len(names), dtype=np.intp)
    rank[order] = np.arange(len(names))
    return rank[np.searchsorted(names, parts)]
