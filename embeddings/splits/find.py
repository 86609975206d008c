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
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import (
    Labels,
    Matrix,
    Rows,
    keeps_index,
    labels_of,
    rows_of,
    unit_rows,
)
from embeddings.errors import UsageError
from embeddings.records import (
    MORE_LIKELY_THAN_NOT,
    Candidates,
    Mapper,
    Progress,
    SplitReport,
    in_turn,
    no_progress,
)
from embeddings.splits.cutting import StrongestCuts, strongest_cuts
from embeddings.splits.evidence import (
    DataSetEvidence,
    LabelEvidence,
    columns_of,
    direction,
    readmitted,
)
from embeddings.splits.look import (
    FEWEST,
    LARGEST_JUDGED,
    AtWork,
    Look,
    label_evidence,
    look_at,
    strays_of,
)
from embeddings.splits.named_styles import StyleCut
from embeddings.splits.parts import Judge, parts_of
from embeddings.splits.report import Judged, World, write_report
from embeddings.splits.scoring import PERHAPS_AT, Scored, best_of
from embeddings.splits.second_look import merged, weighed
from embeddings.splits.single_label import score_alone
from embeddings.splits.surroundings import Surroundings

RESAMPLED: Final = 10  # times a label that may be split is cut again without a fifth of its items
KEPT: Final = 0.8
WEAK_BELOW: Final = 0.5  # share of nearest items under the own label below which features are weak


@keeps_index
def find_splits(
    X: Matrix,
    labels: Labels | None = None,
    *,
    second: Rows | None = None,
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
    second
        (n, d2) embeddings of the same items by another model, which was not trained on these
        labels: a model that was has learnt to see what is under one label as one. Each label is
        judged by both looks, and what one sees and the other does not is said.
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
    look = partial(
        look_at,
        candidates=candidates,
        groups=groups,
        seed=seed,
        progress=progress,
        each=each,
    )
    own = look(rows, names)
    conclude = partial(_concluded, facts=facts, seed=seed, each=each)
    if second is None:
        return conclude(own, own.scores())
    others = _second_rows(second, len(rows))
    other = look(others, names)
    both = weighed(own.scores(), other.scores())
    reports = (conclude(own, both.values(0)), conclude(other, both.values(1)))
    return merged(reports, both, own.names, names, (rows, others), seed=seed)


def _second_rows(second: Rows, n: int) -> Rows:
    others = rows_of(second)
    if len(others) != n:
        raise UsageError(
            f"There are {n} embeddings and {len(others)} of the second look.",
            hint="Give one row of each per item, in the same order.",
        )
    return others


def _concluded(
    look: Look, values: Sequence[float | None], *, facts: Any, seed: int, each: Mapper
) -> SplitReport:
    """Decide on every label from one look; ``values`` are how likely each is two kinds."""
    works, cuts, around = look.works, look.cuts, look.around
    decide = partial(
        _decided,
        data_set=look.data_set,
        usual=look.usual,
        seed=seed,
        alone=len(look.names) == 1,
        withheld=look.withheld,
    )
    tasks = [
        (work, cut, one, label_evidence(work, around, work.first), around.space[strays_of(work)], p)
        for work, cut, one, p in zip(works, cuts, look.found, values, strict=True)
        if cut is not None and one is not None and p is not None
    ]
    decided = iter(each(decide, tasks))
    judged = [
        next(decided) if cut is not None else _undivided(w)
        for w, cut in zip(works, cuts, strict=True)
    ]
    world = World(
        around.space,
        look.group,
        around.near,
        around.elsewhere,
        around.near_labels,
        around.check,
        around.accuracy,
        columns_of(facts, len(look.group)),
        look.withheld,
    )
    return write_report(judged, world, _notes(works, around, len(look.names), look.withheld))


def _checked(X: Matrix, labels: Labels | None) -> tuple[Rows, NDArray[np.str_]]:
    rows = rows_of(X)
    return rows, labels_of(labels, len(rows))


def _undivided(work: AtWork) -> Judged:
    """Leave a label whole that has no cut."""
    parts = np.where(work.place < 0, -1, 0)
    return Judged(work.name, work.rows, parts, 0.0, 1.0, 1.0, work.reason)


def _decided(
    task: tuple[AtWork, StrongestCuts, Scored, LabelEvidence, NDArray[np.float32], float],
    *,
    data_set: DataSetEvidence,
    usual: float,
    seed: int,
    alone: bool,
    withheld: bool,
) -> Judged:
    """Decide on one label, from its different items in the shared space."""
    work, cuts, found, every, strays, likely = task
    label = every.of(work.chosen)
    judge: Judge = partial(_judged_alone, seed=seed)
    if not alone:
        judge = partial(best_of, data_set=data_set, usual=usual)
    value = judge(label, cuts)[1] if alone else likely
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
    works: Sequence[AtWork], around: Surroundings, n_labels: int, withheld: bool
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
