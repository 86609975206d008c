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
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import (
    Labels,
    Matrix,
    Rows,
    by_group,
    content_numbers,
    keeps_index,
    labels_of,
    rows_of,
    unit_rows,
)
from embeddings.records import (
    MORE_LIKELY_THAN_NOT,
    Candidates,
    Mapper,
    Progress,
    SplitReport,
    in_turn,
    no_progress,
)
from embeddings.splits.cutting import (
    StrongestCuts,
    partition_cuts,
    strongest_cuts,
    usual_strength,
)
from embeddings.splits.evidence import (
    DataSetEvidence,
    LabelEvidence,
    columns_of,
    direction,
    directions_of,
    readmitted,
)
from embeddings.splits.named_styles import StyleCut
from embeddings.splits.parts import Judge, parts_of
from embeddings.splits.report import Judged, World, write_report
from embeddings.splits.scoring import PERHAPS_AT, Scored, best_of, score_of, scored, usual_logit
from embeddings.splits.single_label import score_alone
from embeddings.splits.surroundings import Surroundings, look_around, tell_apart

LARGEST_JUDGED: Final = 2000  # different items of one label that its trees are grown from
FEWEST: Final = 6
RESAMPLED: Final = 10  # times a label that may be split is cut again without a fifth of its items
KEPT: Final = 0.8
WEAK_BELOW: Final = 0.5  # share of nearest items under the own label below which features are weak


@dataclass(frozen=True, slots=True)
class _AtWork:
    """One label at work.

    ``rows`` are its places in the data set; ``strays`` are those of them that are set aside.
    ``first`` are the places of its different items that are no strays, and ``place`` says of each
    of its ``rows`` which of these it is, -1 for a stray; ``chosen`` are those of the different
    items that its trees are grown from, and ``proposed`` (c, chosen) cuts of these from elsewhere.
    """

    number: int
    name: str
    rows: NDArray[np.intp]
    first: NDArray[np.intp]
    place: NDArray[np.intp]
    chosen: NDArray[np.intp]
    proposed: NDArray[np.bool_]
    reason: str


@keeps_index
def find_splits(
    X: Matrix,
    labels: Labels | None = None,
    *,
    candidates: Mapping[str, Candidates] | None = None,
    groups: Sequence[Any] | NDArray[Any] | None = None,
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
    groups
        (n,) items that count as one: copies of one content, shots of one thing that differ by a
        moment. By default equal embeddings are one content.
    seed
        Of the resampling behind ``stability``, of the clouds that cuts are compared with, and of
        the folds of the cross-check; nothing else is random.
    facts
        Facts of the files and pictures, one row per item: a frame or mapping with any of the
        columns ``width``, ``height`` (px), ``grey``, ``brightness``, ``spread`` and ``sharpness``.
    progress
        Called as ``progress(done, total, what)``.
    each
        How labels are worked at: in turn, or by ``engines.Workers``; the report is the same.

    Returns
    -------
    ``SplitReport``, labels ranked by score. Cluster 0 is the largest of its label, -1 are strays:
    single items under a wrong label. Items that count as one are always in the same cluster.

    Raises
    ------
    UsageError
        If the shapes do not fit, there are no items, or an embedding holds NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat(np.arange(4), 20)
    >>> X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    >>> report = find_splits(X, np.array(["cat", "cat", "dog", "owl"])[kind])
    >>> report.labels[0].label, report.labels[0].verdict
    ('cat', 'two kinds')
    >>> report.items()["cluster"].value_counts().to_dict()
    {0: 60, 1: 20}
    """
    rows, names = _checked(X, labels)
    order, group = np.unique(names, return_inverse=True)
    group = group.reshape(-1).astype(np.intp)
    content = content_numbers(rows, groups)
    around = look_around(rows, group, content, seed, progress)
    works = [
        _asked(number, str(order[number]), own, around, (candidates or {}).get(str(order[number])))
        for number, own in enumerate(by_group(group, len(order)))
    ]
    cuts = _cut_all(works, around.space, seed, progress, each)
    data_set = _data_set_evidence(works, cuts, around, len(order))
    found = [
        scored(_evidence(work, around, work.first[work.chosen]), data_set, cut) if cut else None
        for work, cut in zip(works, cuts, strict=True)
    ]
    usual = usual_logit([one for one in found if one is not None])
    withheld = len(order) > 1 and not tell_apart(around)
    decide = partial(
        _decided,
        data_set=data_set,
        usual=usual,
        seed=seed,
        alone=len(order) == 1,
        withheld=withheld,
    )
    tasks = [
        (work, cut, one, _evidence(work, around, work.first), around.space[_strays(work)])
        for work, cut, one in zip(works, cuts, found, strict=True)
        if cut is not None and one is not None
    ]
    decided = iter(each(decide, tasks))
    judged = [
        next(decided) if cut is not None else _undivided(w)
        for w, cut in zip(works, cuts, strict=True)
    ]
    world = World(
        around.space,
        group,
        around.near,
        around.elsewhere,
        around.near_labels,
        around.check,
        around.accuracy,
        columns_of(facts, len(group)),
        withheld,
    )
    return write_report(judged, world, _notes(works, around, len(order), withheld))


def _checked(X: Matrix, labels: Labels | None) -> tuple[Rows, NDArray[np.str_]]:
    rows = rows_of(X)
    return rows, labels_of(labels, len(rows))


def _asked(
    number: int,
    name: str,
    own: NDArray[np.intp],
    around: Surroundings,
    given: Candidates | None,
) -> _AtWork:
    """Say what is to be judged of a label. What counts as one item counts once."""
    kept = np.flatnonzero(~around.stray[own])
    _, at, inverse = np.unique(around.content[own[kept]], return_index=True, return_inverse=True)
    place = np.full(len(own), -1, dtype=np.intp)
    place[kept] = inverse.reshape(-1)
    at = kept[at]
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
    return _AtWork(number, name, own, own[at], place, chosen, proposed, reason)


def _strays(work: _AtWork) -> NDArray[np.intp]:
    return work.rows[work.place < 0]


def _cut_all(
    works: Sequence[_AtWork],
    space: NDArray[np.float32],
    seed: int,
    progress: Progress,
    each: Mapper,
) -> list[StrongestCuts | None]:
    """Find the strongest cuts of every label; None where it is too small."""
    asked = [w for w in works if not w.reason]
    tasks = ((space[w.first[w.chosen]], w.proposed) for w in asked)
    found: list[StrongestCuts | None] = []
    for cuts in each(partial(_strongest, seed=seed), tasks):
        progress(len(found), len(works), "labels judged")
        found.append(cuts)
    progress(len(works), len(works), "labels judged")
    given = iter(found)
    return [None if w.reason else next(given) for w in works]


def _strongest(
    task: tuple[NDArray[np.float32], NDArray[np.bool_]], *, seed: int
) -> StrongestCuts | None:
    rows, proposed = task
    return strongest_cuts(rows, list(proposed), seed=seed)


def _data_set_evidence(
    works: Sequence[_AtWork],
    cuts: Sequence[StrongestCuts | None],
    around: Surroundings,
    n_labels: int,
) -> DataSetEvidence:
    known = [(w, c) for w, c in zip(works, cuts, strict=True) if c is not None]
    strength = np.array([c.strength[0] for _, c in known])
    directions = directions_of(
        [w.number for w, _ in known],
        [around.space[w.first[w.chosen]] for w, _ in known],
        [c.inside[0] for _, c in known],
        strength,
    )
    return DataSetEvidence(
        usual_strength(strength.tolist()), around.accuracy, around.chance, n_labels, directions
    )


def _evidence(work: _AtWork, around: Surroundings, items: NDArray[np.intp]) -> LabelEvidence:
    return LabelEvidence(
        work.number,
        around.space[items],
        around.near_labels[items],
        around.check.suspicion[items],
    )


def _undivided(work: _AtWork) -> Judged:
    """Leave a label whole that has no cut."""
    parts = np.where(work.place < 0, -1, 0)
    return Judged(work.name, work.rows, parts, 0.0, 1.0, 1.0, work.reason)


def _decided(
    task: tuple[_AtWork, StrongestCuts, Scored, LabelEvidence, NDArray[np.float32]],
    *,
    data_set: DataSetEvidence,
    usual: float,
    seed: int,
    alone: bool,
    withheld: bool,
) -> Judged:
    """Decide on one label, from its different items in the shared space."""
    work, cuts, found, every, strays = task
    label = every.of(work.chosen)
    judge: Judge = partial(_judged_alone, seed=seed)
    if not alone:
        judge = partial(best_of, data_set=data_set, usual=usual)
    value = judge(label, cuts)[1] if alone else score_of(found, usual)
    if withheld:
        value = min(value, PERHAPS_AT / 2)
    place = found.best
    parts = np.zeros(len(label.rows), dtype=np.intp)
    stability = 1.0
    if value >= PERHAPS_AT:
        parts = parts_of(label, judge, cuts.inside[place], seed=seed)
        stability = _stability(label.rows, parts, seed)
    if len(work.chosen) < len(work.first):
        parts = _spread(parts, every.rows, work.chosen)
    whole = np.full(len(work.rows), -1, dtype=np.intp)
    whole[work.place >= 0] = parts[work.place[work.place >= 0]]
    if parts.any() and len(strays):
        whole[work.place < 0] = readmitted(every.rows, strays, parts)
    style = None
    if found.style is not None and value < MORE_LIKELY_THAN_NOT and not (withheld or alone):
        items, inside = work.first[work.chosen], cuts.inside[found.style]
        vector = unit_rows(direction(label.rows, inside)[None])[0]
        style = StyleCut(items[inside], items[~inside], vector, found.alignment)
    return Judged(
        work.name,
        work.rows,
        whole,
        value,
        float(cuts.statistics.affinity[place]),
        stability,
        work.reason,
        style,
    )


def _judged_alone(label: LabelEvidence, cuts: StrongestCuts, seed: int) -> tuple[int, float]:
    return 0, score_alone(label.rows, cuts, seed)


def _stability(rows: NDArray[np.float32], parts: NDArray[np.intp], seed: int) -> float:
    """Return how much of the odd side (what is not the main cluster) is found again on samples.

    Mean of the Jaccard index over samples of four fifths of the items (after Hennig 2007).
    """
    rng = np.random.default_rng(seed)
    n = len(rows)
    again = []
    for _ in range(RESAMPLED if n <= LARGEST_JUDGED // 2 else 3):
        kept = np.sort(rng.choice(n, max(FEWEST, round(KEPT * n)), replace=False))
        found = strongest_cuts(rows[kept], beside_cloud=False)
        odd = parts[kept] > 0
        if found is None or not odd.any():
            continue
        sides = [side for cut in found.inside for side in (cut, ~cut)]
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


def _notes(
    works: Sequence[_AtWork], around: Surroundings, n_labels: int, withheld: bool
) -> tuple[str, ...]:
    notes = []
    sampled = sum(len(w.chosen) < len(w.first) for w in works)
    if sampled:
        notes.append(
            f"{sampled} labels have more than {LARGEST_JUDGED} different items: clusters were "
            f"found on so many of them and the others joined the nearest."
        )
    if n_labels == 1:
        notes.append("One label only: judged by the gap inside it, without other labels to ask.")
    elif withheld:
        notes.append(
            "These embeddings do not tell the labels apart: of the nearest images of an image, "
            f"{around.accuracy:.0%} are under its label, and by chance it would be "
            f"{around.chance:.0%}. No label is called two kinds. Try another model."
        )
    elif around.accuracy < WEAK_BELOW:
        notes.append(
            "These embeddings tell kinds apart poorly: of the nearest images of an image, "
            f"{around.accuracy:.0%} are under its label. Look at findings with care, or try "
            "another model."
        )
    return tuple(notes)
