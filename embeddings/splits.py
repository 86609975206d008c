"""Find the labels that are really two kinds of thing.

>>> import numpy as np
>>> from embeddings.splits import find_splits
>>> rng = np.random.default_rng(0)
>>> kinds = rng.normal(size=(6, 40)) * 2
>>> kind = np.repeat(np.arange(6), 30)
>>> X = kinds[kind] + rng.normal(size=(180, 40))
>>> labels = np.array(["cat", "cat", "dog", "fox", "owl", "car"])[kind]
>>> report = find_splits(X, labels)
>>> [(f.label, f.verdict, f.n_clusters) for f in report.labels][:2]
[('cat', 'two kinds', 2), ('car', 'one kind', 1)]
>>> report.frame().columns[:5].tolist()
['label', 'size', 'n_clusters', 'split_score', 'is_split']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.alone import score_alone
from embeddings.columns import NO_LABEL
from embeddings.cuts import partition_cuts
from embeddings.errors import UsageError
from embeddings.judging import (
    Cut,
    best_cut,
    parts_of,
    score,
    usual_strength,
)
from embeddings.metric import shared_space
from embeddings.records import Candidates, Progress, SplitReport, no_progress
from embeddings.split_report import Judged, write_report
from embeddings.styles import columns_of

LARGEST_JUDGED = 2000  # different items of one label that its trees are grown from
FEWEST = 6
RESAMPLED = 10  # times a label that may be split is cut again without a fifth of its items
KEPT = 0.8


@dataclass(frozen=True, slots=True)
class _AtWork:
    """One label at work.

    ``rows`` are its places in the data set; ``first`` the places of its different items, and
    ``place`` which of these each of its rows is; ``chosen`` are those of the different items that
    its trees are grown from.
    """

    name: str
    rows: NDArray[np.intp]
    first: NDArray[np.intp]
    place: NDArray[np.intp]
    chosen: NDArray[np.intp]
    cut: Cut | None
    reason: str


def find_splits(
    X: NDArray[Any],
    labels: Sequence[Any] | NDArray[Any] | None = None,
    *,
    candidates: Mapping[str, Candidates] | None = None,
    seed: int = 0,
    facts: Any = None,
    progress: Progress = no_progress,
) -> SplitReport:
    """Say of each label whether it hides two kinds, which items are which, and why.

    Parameters
    ----------
    X
        (n, d) embeddings, any real dtype and scale.
    labels
        (n,) label of each item; None puts all under one label.
    candidates
        Partitions of each label's items (rows in the order of ``X``), judged beside those that
        are made here. Labels may be missing.
    seed
        Of the resampling behind ``stability``, and of the comparison with chance where there is
        one label only; nothing else is random.
    facts
        Facts of the files, one row per item: a frame or mapping with any of the columns
        ``width``, ``height`` (px) and ``grey``.
    progress
        Called as ``progress(done, total, what)``.

    Returns
    -------
    ``SplitReport``, labels ranked by score. Cluster 0 is the largest of its label. Equal
    embeddings count once and are always in the same cluster.

    Raises
    ------
    UsageError
        If the shapes do not fit, there are no items, or an embedding holds NaN or infinity.
    """
    rows, names = _checked(X, labels)
    order, group = np.unique(names, return_inverse=True)
    group = group.reshape(-1).astype(np.intp)
    different = [_different(rows, np.flatnonzero(group == g)) for g in range(len(order))]
    counted = np.zeros(len(rows), dtype=bool)
    for _, first, _ in different:
        counted[first] = True
    space = shared_space(rows, group, counted)
    at_work = []
    for number, (own, first, place) in enumerate(different):
        progress(number, len(order), "labels judged")
        name = str(order[number])
        given = (candidates or {}).get(name)
        at_work.append(_weighed(name, own, first, place, space, given))
    progress(len(order), len(order), "labels judged")
    usual = usual_strength([w.cut.strength for w in at_work if w.cut is not None])
    found = [_decided(w, space, usual, seed, alone=len(order) == 1) for w in at_work]
    notes = []
    sampled = [w.name for w in at_work if len(w.chosen) < len(w.first)]
    if sampled:
        notes.append(
            f"{len(sampled)} labels have more than {LARGEST_JUDGED} different items: clusters were "
            f"found on so many of them and the others joined the nearest."
        )
    if len(order) == 1:
        notes.append("One label only: judged by the gap inside it, without other labels to ask.")
    return write_report(found, space, group, columns_of(facts, len(rows)), tuple(notes))


def _checked(
    X: NDArray[Any], labels: Sequence[Any] | NDArray[Any] | None
) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    rows = np.asarray(X, dtype=np.float32)
    if rows.ndim != 2 or not rows.size:
        raise UsageError(
            f"Embeddings must be (items, width), not of shape {rows.shape}.",
            hint="Give one row per item, and at least one.",
        )
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        raise UsageError(
            f"{int(bad.sum())} of {len(rows)} embeddings hold NaN or infinity, "
            f"the first in row {int(bad.argmax())}.",
            hint="Leave those items out.",
        )
    if labels is None:
        return rows, np.full(len(rows), NO_LABEL)
    names = np.array([str(name) for name in labels])
    if len(names) != len(rows):
        raise UsageError(
            f"There are {len(rows)} embeddings and {len(names)} labels.",
            hint="Give one label per embedding.",
        )
    return rows, names


def _different(
    rows: NDArray[np.float32], own: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return a label's rows, the places of its different items, and which of them each row is.

    Equal embeddings count once: copies of an image are no evidence of anything.
    """
    _, first, place = np.unique(rows[own], axis=0, return_index=True, return_inverse=True)
    return own, own[first], place.reshape(-1)


def _weighed(
    name: str,
    own: NDArray[np.intp],
    first: NDArray[np.intp],
    place: NDArray[np.intp],
    space: NDArray[np.float32],
    given: Candidates | None,
) -> _AtWork:
    n = len(first)
    chosen = np.arange(n)
    if n > LARGEST_JUDGED:
        # the items are in an order of their own (np.unique), so every so-manieth is a fair sample
        chosen = np.unique(np.linspace(0, n - 1, LARGEST_JUDGED).astype(np.intp))
    if n < FEWEST:
        reason = "all alike" if n == 1 and len(own) > 1 else "too few items"
        return _AtWork(name, own, first, place, chosen, None, reason)
    sampled = first[chosen]
    at = np.searchsorted(own, sampled)
    proposed = partition_cuts([p[at] for p in given.partitions] if given else [], len(chosen))
    cut = best_cut(space[sampled], list(proposed))
    return _AtWork(name, own, first, place, chosen, cut, "")


def _decided(
    work: _AtWork, space: NDArray[np.float32], usual: float, seed: int, *, alone: bool
) -> Judged:
    if work.cut is None:
        one = np.zeros(len(work.rows), dtype=np.intp)
        return Judged(work.name, work.rows, one, 0.0, 1.0, 1.0, work.reason)
    rows = space[work.first[work.chosen]]
    value = score_alone(rows, work.cut, seed) if alone else score(work.cut.strength, usual)
    parts = parts_of(rows, work.cut, value, usual)
    stability = _stability(rows, parts, seed) if parts.any() else 1.0
    if len(work.chosen) < len(work.first):
        parts = _spread(parts, space[work.first], work.chosen)
    return Judged(
        work.name,
        work.rows,
        parts[work.place],
        value,
        work.cut.affinity,
        stability,
        work.reason,
    )


def _stability(rows: NDArray[np.float32], parts: NDArray[np.intp], seed: int) -> float:
    """Return how much of the odd side (what is not the main cluster) is found again on samples.

    Mean of the Jaccard index over samples of four fifths of the items (after Hennig 2007).
    """
    rng = np.random.default_rng(seed)
    n = len(rows)
    again = []
    for _ in range(RESAMPLED if n <= LARGEST_JUDGED // 2 else 3):
        kept = np.sort(rng.choice(n, max(FEWEST, round(KEPT * n)), replace=False))
        found = best_cut(rows[kept])
        odd = parts[kept] > 0
        if found is None or not odd.any():
            continue
        sides = (found.inside, ~found.inside)
        again.append(max((odd & side).sum() / (odd | side).sum() for side in sides))
    return float(np.mean(again)) if again else 0.0


def _spread(
    parts: NDArray[np.intp], rows: NDArray[np.float32], chosen: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Give the items that were not in the sample to the part they are most like."""
    n_parts = int(parts.max()) + 1
    means = np.stack([rows[chosen[parts == p]].mean(axis=0) for p in range(n_parts)])
    out = np.asarray((rows @ means.T).argmax(axis=1), dtype=np.intp)
    out[chosen] = parts
    return out
