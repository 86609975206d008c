"""Find the labels that are really two kinds of thing.

>>> import numpy as np
>>> from embeddings.splits.find import find_splits
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
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows, by_group, contents, labels_of, rows_of, shared_space
from embeddings.records import Candidates, Mapper, Progress, SplitReport, in_turn, no_progress
from embeddings.splits.cuts import partition_cuts
from embeddings.splits.file_styles import columns_of
from embeddings.splits.report import Judged, write_report
from embeddings.splits.scoring import Cut, best_cut, parts_of, score, usual_strength
from embeddings.splits.single_label import score_alone

LARGEST_JUDGED = 2000  # different items of one label that its trees are grown from
FEWEST = 6
RESAMPLED = 10  # times a label that may be split is cut again without a fifth of its items
KEPT = 0.8


@dataclass(frozen=True, slots=True)
class _AtWork:
    """One label at work.

    ``rows`` are its places in the data set; ``first`` the places of its different items, and
    ``place`` which of these each of its rows is; ``chosen`` are those of the different items that
    its trees are grown from, and ``proposed`` (c, chosen) cuts of these from elsewhere.
    """

    name: str
    rows: NDArray[np.intp]
    first: NDArray[np.intp]
    place: NDArray[np.intp]
    chosen: NDArray[np.intp]
    proposed: NDArray[np.bool_]
    reason: str


def find_splits(
    X: Rows,
    labels: Sequence[Any] | NDArray[Any] | None = None,
    *,
    candidates: Mapping[str, Candidates] | None = None,
    seed: int = 0,
    facts: Any = None,
    progress: Progress = no_progress,
    each: Mapper = in_turn,
) -> SplitReport:
    """Say of each label whether it hides two kinds, which items are which, and why.

    Parameters
    ----------
    X
        (n, d) embeddings, any real dtype and scale; read in blocks.
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
    each
        How labels are worked at: in turn, or by ``workers.Workers``; the report is the same.

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
    content = contents(rows)
    works = [
        _asked(str(name), own, content, (candidates or {}).get(str(name)))
        for name, own in zip(order, by_group(group, len(order)), strict=True)
    ]
    counted = np.zeros(len(group), dtype=bool)
    for work in works:
        counted[work.first] = True
    space = shared_space(rows, group, counted)
    cuts: list[Cut | None] = []
    tasks = ((space[w.first[w.chosen]], w.proposed) for w in works if not w.reason)
    for cut in each(_best_cut, tasks):
        progress(len(cuts), len(order), "labels judged")
        cuts.append(cut)
    progress(len(order), len(order), "labels judged")
    usual = usual_strength([cut.strength for cut in cuts if cut is not None])
    given = iter(cuts)
    at_work = [(w, None if w.reason else next(given)) for w in works]
    decide = partial(_decided, usual=usual, seed=seed, alone=len(order) == 1)
    decided = iter(each(decide, ((w, cut, space[w.first]) for w, cut in at_work if cut)))
    found = [next(decided) if cut else _undivided(w) for w, cut in at_work]
    notes = []
    sampled = [w.name for w in works if len(w.chosen) < len(w.first)]
    if sampled:
        notes.append(
            f"{len(sampled)} labels have more than {LARGEST_JUDGED} different items: clusters were "
            f"found on so many of them and the others joined the nearest."
        )
    if len(order) == 1:
        notes.append("One label only: judged by the gap inside it, without other labels to ask.")
    _, numbers = np.unique(content, return_inverse=True)
    return write_report(
        found,
        space,
        group,
        numbers.reshape(-1).astype(np.intp),
        columns_of(facts, len(group)),
        tuple(notes),
        seed=seed,
        progress=progress,
    )


def _checked(X: Rows, labels: Sequence[Any] | NDArray[Any] | None) -> tuple[Rows, NDArray[np.str_]]:
    rows = rows_of(X)
    return rows, labels_of(labels, len(rows))


def _asked(
    name: str, own: NDArray[np.intp], content: NDArray[np.uint64], given: Candidates | None
) -> _AtWork:
    """Say what is to be judged of a label.

    Equal embeddings count once: copies of an image are no evidence of anything.
    """
    _, at, place = np.unique(content[own], return_index=True, return_inverse=True)
    n = len(at)
    chosen = np.arange(n)
    reason = ""
    if n > LARGEST_JUDGED:
        # the items are in an order of their own (their contents), so every so-manieth is a fair
        # sample
        chosen = np.unique(np.linspace(0, n - 1, LARGEST_JUDGED).astype(np.intp))
    if n < FEWEST:
        reason = "all alike" if n == 1 and len(own) > 1 else "too few items"
    partitions = [p[at[chosen]] for p in given.partitions] if given and not reason else []
    proposed = partition_cuts(partitions, len(chosen))
    return _AtWork(name, own, own[at], place.reshape(-1), chosen, proposed, reason)


def _best_cut(task: tuple[NDArray[np.float32], NDArray[np.bool_]]) -> Cut | None:
    rows, proposed = task
    return best_cut(rows, list(proposed))


def _undivided(work: _AtWork) -> Judged:
    """Leave a label whole that has no cut."""
    one = np.zeros(len(work.rows), dtype=np.intp)
    return Judged(work.name, work.rows, one, 0.0, 1.0, 1.0, work.reason)


def _decided(
    task: tuple[_AtWork, Cut, NDArray[np.float32]],
    *,
    usual: float,
    seed: int,
    alone: bool,
) -> Judged:
    """Decide on one label, from its different items (n, d) in the shared space."""
    work, cut, every = task
    rows = every[work.chosen]
    value = score_alone(rows, cut, seed) if alone else score(cut.strength, usual)
    parts = parts_of(rows, cut, value, usual)
    stability = _stability(rows, parts, seed) if parts.any() else 1.0
    if len(work.chosen) < len(work.first):
        parts = _spread(parts, every, work.chosen)
    return Judged(
        work.name, work.rows, parts[work.place], value, cut.affinity, stability, work.reason
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
