"""One look at a data set through one model's embeddings: every label cut, its cuts weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows, by_group, content_numbers
from embeddings.records import Candidates, Mapper, Progress
from embeddings.splits.cutting import (
    StrongestCuts,
    partition_cuts,
    strongest_cuts,
    usual_strength,
)
from embeddings.splits.evidence import DataSetEvidence, LabelEvidence, directions_of
from embeddings.splits.scoring import PERHAPS_AT, Scored, score_of, scored, usual_logit
from embeddings.splits.surroundings import Surroundings, look_around, tell_apart

LARGEST_JUDGED: Final = 2000  # different items of one label that its trees are grown from
FEWEST: Final = 6


@dataclass(frozen=True, slots=True)
class AtWork:
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


@dataclass(frozen=True, slots=True)
class Look:
    """What one model's embeddings say of every label, before anything is decided.

    ``works``, ``cuts`` and ``found`` have an entry per label, in the order of their names; the
    latter two hold None where a label is too small. ``withheld``: the labels can't be told apart.
    """

    names: tuple[str, ...]
    group: NDArray[np.intp]
    works: list[AtWork]
    cuts: list[StrongestCuts | None]
    around: Surroundings
    data_set: DataSetEvidence
    found: list[Scored | None]
    usual: float
    withheld: bool

    def scores(self) -> list[float | None]:
        """Return how likely each label is two kinds by this look; None where it is too small."""
        most = PERHAPS_AT / 2 if self.withheld else 1.0
        return [None if one is None else min(most, score_of(one, self.usual)) for one in self.found]


def look_at(
    rows: Rows,
    labels: NDArray[np.str_],
    *,
    candidates: Mapping[str, Candidates] | None,
    groups: Sequence[Any] | NDArray[Any] | None,
    seed: int,
    progress: Progress,
    each: Mapper,
) -> Look:
    """Cut every label, and weigh its cuts; the arguments are those of ``find_splits``."""
    order, group = np.unique(labels, return_inverse=True)
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
        scored(label_evidence(work, around, work.first[work.chosen]), data_set, cut)
        if cut
        else None
        for work, cut in zip(works, cuts, strict=True)
    ]
    usual = usual_logit([one for one in found if one is not None])
    withheld = len(order) > 1 and not tell_apart(around)
    names = tuple(str(name) for name in order)
    return Look(names, group, works, cuts, around, data_set, found, usual, withheld)


def _asked(
    number: int,
    name: str,
    own: NDArray[np.intp],
    around: Surroundings,
    given: Candidates | None,
) -> AtWork:
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
    return AtWork(number, name, own, own[at], place, chosen, proposed, reason)


def strays_of(work: AtWork) -> NDArray[np.intp]:
    return work.rows[work.place < 0]


def _cut_all(
    works: Sequence[AtWork],
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
    works: Sequence[AtWork],
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


def label_evidence(work: AtWork, around: Surroundings, items: NDArray[np.intp]) -> LabelEvidence:
    return LabelEvidence(
        work.number,
        around.space[items],
        around.near_labels[items],
        around.check.suspicion[items],
    )
