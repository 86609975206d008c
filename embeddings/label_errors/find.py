"""Which single items carry a wrong label, how likely, and what they show instead.

>>> import numpy as np
>>> from embeddings.label_errors.find import find_label_errors
>>> rng = np.random.default_rng(0)
>>> kinds = rng.normal(size=(4, 16)) * 2
>>> kind = np.repeat(np.arange(4), 25)
>>> X = kinds[kind] + rng.normal(size=(100, 16))
>>> labels = np.array(["cat", "dog", "fox", "owl"])[kind]
>>> labels[3] = "owl"
>>> errors = find_label_errors(X, labels)
>>> errors.ranked()[:1].tolist(), errors.suggested[3], round(float(errors.suspicion[3]), 1)
([3], 'cat', 1.0)
>>> errors.evidence(3).split(". ")[0]
'Looks like cat: 10 of its 10 nearest images are cat'

Two sources say what an item looks like, neither knowing its own label: a linear classifier taught
by the other folds (``linear``), and its ten nearest images of other content (``forest``). A noise
channel (``channel``) weighs them by how likely they make the labels that were given, and turns
them into the probability that the given label is wrong. What was found out is taught again (a
wrong label misleads the classifier and the neighbours too), as long as that makes the given labels
of held-out items likelier. Clusters that the split finder would give to another label are a second
place to start from, and taken where they make the labels likelier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import (
    Picked,
    Rows,
    blocks,
    by_group,
    contents,
    labels_of,
    rows_of,
    unit_rows,
)
from embeddings.errors import UsageError
from embeddings.label_errors.lda import (
    CANDIDATES,
    HeldOut,
    Scores,
    SoftLabels,
    deal_folds,
    given_as_soft,
)
from embeddings.label_errors.noise_channel import Explained, explain
from embeddings.label_errors.records import LabelErrors, ModelAnswers
from embeddings.neighbors import BLOCK_CELLS, nearest_of_others
from embeddings.records import Progress, SplitReport, no_progress

NEIGHBOURS: Final = 10
SMOOTHED: Final = 2.0  # neighbours of no label in particular that every item has besides
ROUNDS: Final = 4  # times at most that the labels are taught
# Labels above which an item is asked about its own and those of its nearest images alone: all
# labels for all items would take time in the square of the labels.
MANY_LABELS: Final = 5000
TOP: Final = 5  # likeliest labels that are kept for each item
_LEAST: Final = 1e-3  # probability that a model's answer is none of those it names
_BLOCK: Final = 4096


def find_label_errors(
    X: Rows,
    labels: Sequence[Any] | NDArray[Any] | None,
    *,
    splits: SplitReport | None = None,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    answers: ModelAnswers | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> LabelErrors:
    """Say of each item how likely its label is wrong.

    Parameters
    ----------
    X
        (n, d) embeddings, any real dtype and scale, finite.
    labels
        (n,) label of each item; None puts all under one, and then none can be wrong.
    splits
        What ``find_splits`` said of the same items, in the same order: items of a suspicious
        cluster are marked as explained by it, and the neighbours that it found are asked.
    groups
        (n,) content of each item, such as its hash: copies are never asked about each other. By
        default equal embeddings are one content.
    answers
        The model's own probabilities, in place of the linear classifier's. Only of use where the
        model was not trained on these items.
    seed
        Of the folds, and of the neighbour search in large sets.
    progress
        Called as ``progress(done, total, what)``.

    Raises
    ------
    UsageError
        The shapes do not fit, there are no items, or an embedding holds NaN or infinity.
    """
    every, names, called = _checked(X, labels)
    if answers is not None and len(answers.index) != len(every):
        raise UsageError(
            f"There are answers for {len(answers.index)} items and {len(every)} labels.",
            hint="Give one row of answers per item.",
        )
    # a content counts once under each label, so that copies are no evidence of anything
    content = _contents(every, groups)
    first, place = _firsts(content * len(names) + called)
    rows = every if len(first) == len(every) else Picked(every, first)
    given, content = called[first], content[first]
    if splits is not None and splits.near is not None:
        near = splits.near[first]
        near = np.where(near >= 0, place[near], -1)
    else:
        near = _nearest(rows, content, seed, progress)
    at_work = _AtWork(near, given, len(names), progress)
    narrow: tuple[str, ...] = ()
    if answers is not None:
        found = at_work.by_model(_scores_of(answers.of(first), names, given))
        source, rounds = "model", 1
    else:
        held = HeldOut(rows, deal_folds(given, content, seed), len(names))
        found, rounds = at_work.by_folds(held, _starts(splits, first, names, given))
        source = "cross-check"
        narrow = _narrow_note(held)
    errors = _gathered(found, names, given, near)
    told, unnamed = _told_by_splits(splits, called, names)
    return replace(
        errors.of(place),
        cluster_suspicion=told,
        cluster_unnamed=unnamed,
        source=source,
        notes=_notes(names, called, rounds, source) + narrow,
    )


def _checked(
    X: Rows, labels: Sequence[Any] | NDArray[Any] | None
) -> tuple[Rows, tuple[str, ...], NDArray[np.intp]]:
    rows = rows_of(X)
    names, given = np.unique(labels_of(labels, len(rows)), return_inverse=True)
    return rows, tuple(str(n) for n in names), given.reshape(-1).astype(np.intp)


def _contents(rows: Rows, groups: Sequence[Any] | NDArray[Any] | None) -> NDArray[np.intp]:
    """Number the contents, 0 and up."""
    if groups is None:
        # in the order of their first two columns: what is dealt to folds hangs on no hash
        start = np.concatenate([block[:, :2] for _, block in blocks(rows)]) + np.float32(0)
        digests, first, numbers = np.unique(contents(rows), return_index=True, return_inverse=True)
        order = np.lexsort((digests, start[first, -1], start[first, 0]))
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        numbers = rank[numbers.reshape(-1)]
    elif len(groups) != len(rows):
        raise UsageError(
            f"There are {len(rows)} embeddings and {len(groups)} groups.",
            hint="Give one group per embedding.",
        )
    else:
        _, numbers = np.unique(np.array([str(g) for g in groups]), return_inverse=True)
    return numbers.reshape(-1).astype(np.intp)


def _firsts(keys: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first place of each key, ascending, and which of these each place has."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse.reshape(-1)]


def _nearest(
    rows: Rows, content: NDArray[np.intp], seed: int, progress: Progress
) -> NDArray[np.intp]:
    """Return the (n, k) nearest items of other content, on rows of length 1 less their mean."""
    units = unit_rows(rows[:])
    units -= units.mean(axis=0, dtype=np.float64).astype(np.float32)
    return nearest_of_others(
        unit_rows(units), content, NEIGHBOURS, seed=seed, progress=progress
    ).index


def _narrow_note(held: HeldOut) -> tuple[str, ...]:
    if not held.narrowed:
        return ()
    return (f"Labels were cross-checked on {held.rows.shape[1]} principal axes, to save memory.",)


class _AtWork:
    """Explains the labels from what an item looks like, again and again."""

    def __init__(
        self, near: NDArray[np.intp], given: NDArray[np.intp], n_labels: int, progress: Progress
    ) -> None:
        from scipy.sparse import csr_matrix

        n, k = near.shape
        there = near >= 0
        rows = np.broadcast_to(np.arange(n)[:, None], (n, k))[there]
        ones = np.ones(len(rows), dtype=np.float32)
        self._near = csr_matrix((ones, (rows, near[there])), shape=(n, n))
        self._asked = there.sum(axis=1)
        self._usual = np.bincount(given, minlength=n_labels) / n
        self._given = given
        self._n_labels = n_labels
        self._asked_about = _near_labels(near, given, n_labels) if n_labels > MANY_LABELS else None
        self._progress = progress

    def by_model(self, scores: Scores) -> Explained:
        return self._explained(scores, given_as_soft(self._given))

    def by_folds(self, held: HeldOut, starts: Sequence[SoftLabels]) -> tuple[Explained, int]:
        """Teach from the best start, then again while it makes the given labels likelier."""
        found = max((self._taught(held, start) for start in starts), key=lambda e: e.fit)
        for done in range(1, ROUNDS):
            again = self._taught(held, found.posterior)
            if again.fit <= found.fit:
                return found, done
            found = again
        return found, ROUNDS

    def _taught(self, held: HeldOut, soft: SoftLabels) -> Explained:
        scores = held.scores(
            soft,
            self._given,
            asked=self._asked_about,
            progress=self._progress,
            what="label errors",
        )
        return self._explained(scores, soft)

    def _explained(self, scores: Scores, soft: SoftLabels) -> Explained:
        votes = self._votes(scores.label, soft)
        return explain(scores.label, [scores.value, votes], self._given, self._n_labels)

    def _votes(self, label: NDArray[np.int32], soft: SoftLabels) -> NDArray[np.float32]:
        """Return the log of the share of the nearest images under each candidate, smoothed."""
        votes = self._near @ soft.matrix(self._n_labels)
        n, m = label.shape
        rows = np.repeat(np.arange(n), m)
        found = np.asarray(votes[rows, label.ravel()]).reshape(n, m)
        share = (found + SMOOTHED * self._usual[label]) / (self._asked[:, None] + SMOOTHED)
        logs: NDArray[np.float32] = np.log(share).astype(np.float32)
        return logs


def _near_labels(
    near: NDArray[np.intp], given: NDArray[np.intp], n_labels: int
) -> NDArray[np.int32]:
    """Return (n, k + 1) labels to ask about, or all: the given one and those of the nearest."""
    near = near[:, : n_labels - 1]
    there = np.where(near >= 0, given[near], given[:, None])
    labels = np.concatenate((given[:, None], there), axis=1).astype(np.int32)
    while True:
        labels.sort(axis=1)
        twice = np.zeros(labels.shape, dtype=bool)
        twice[:, 1:] = labels[:, 1:] == labels[:, :-1]
        if not twice.any():
            return labels
        # a label of no likeness takes the place of one that stands there already
        labels[twice] = (labels[twice] + 1) % n_labels


def _starts(
    splits: SplitReport | None,
    first: NDArray[np.intp],
    names: tuple[str, ...],
    given: NDArray[np.intp],
) -> list[SoftLabels]:
    """Return the given labels, and those with the suggested ones for suspicious clusters."""
    starts = [given_as_soft(given)]
    if splits is None:
        return starts
    cluster = splits.cluster[first]
    number = {name: place for place, name in enumerate(names)}
    rows_of_label = by_group(given, len(names))
    other, share = given.copy(), np.zeros(len(given), dtype=np.float32)
    for finding in splits.labels:
        for part in finding.clusters:
            if part.is_odd and part.suggested_label in number:
                own = rows_of_label[number[finding.label]]
                members = own[cluster[own] == part.cluster]
                other[members] = number[part.suggested_label]
                share[members] = part.suspicion * part.suggested_probability
    if share.any():
        pair = np.stack((given, other), axis=1).astype(np.int32)
        starts.append(SoftLabels(pair, np.stack((1 - share, share), axis=1)))
    return starts


def _scores_of(answers: ModelAnswers, names: tuple[str, ...], given: NDArray[np.intp]) -> Scores:
    """Bring a model's probabilities into the data set's own labels, the given one among them."""
    number = {name: place for place, name in enumerate(names)}
    own = np.array([number.get(name, -1) for name in answers.names], dtype=np.int32)
    if (own < 0).all():
        raise UsageError(
            "The model's classes have other names than the labels of the data set.",
            hint="Rename one of them, or leave the cross-check to find out.",
        )
    n, m = len(given), min(len(names), CANDIDATES)
    out = Scores(np.zeros((n, m), np.int32), np.zeros((n, m), np.float32))
    block = max(1, min(_BLOCK, BLOCK_CELLS // len(names)))
    for start in range(0, n, block):
        at = slice(start, min(n, start + block))
        known, share = own[answers.index[at]], answers.probability[at]
        rest = np.maximum(1 - share.sum(axis=1), _LEAST) / len(names)
        every = np.repeat(rest[:, None].astype(np.float32), len(names), axis=1)
        rows, columns = np.nonzero(known >= 0)
        np.maximum.at(every, (rows, known[rows, columns]), share[rows, columns])
        place = np.arange(len(every))
        told = every[place, given[at]].copy()
        every[place, given[at]] = np.inf  # so that it is among the best
        best = np.argpartition(-every, m - 1, axis=1)[:, :m]
        every[place, given[at]] = told
        out.label[at] = best
        out.value[at] = np.log(np.take_along_axis(every, best, axis=1))
    return out


def _gathered(
    found: Explained,
    names: tuple[str, ...],
    given: NDArray[np.intp],
    near: NDArray[np.intp],
) -> LabelErrors:
    label, likely = found.posterior.label, found.likely
    rows = np.arange(len(given))
    own = np.where(label == given[:, None], found.posterior.weight, 0).max(axis=1)
    best = found.posterior.weight.argmax(axis=1)
    suggested = label[rows, best].astype(np.int32)
    order = np.argsort(-likely, axis=1, kind="stable")[:, : min(TOP, label.shape[1])]
    return LabelErrors(
        names=names,
        given=given.astype(np.int32),
        suspicion=np.clip(1 - own, 0, 1).astype(np.float32),
        best=suggested,
        best_probability=found.posterior.weight[rows, best],
        cluster_suspicion=np.zeros(len(given), dtype=np.float32),
        cluster_unnamed=np.zeros(len(given), dtype=bool),
        top=np.take_along_axis(label, order, axis=1),
        top_probability=np.take_along_axis(likely, order, axis=1),
        near=np.where(near >= 0, given[near], -1).astype(np.int32),
        source="",
    )


def _told_by_splits(
    splits: SplitReport | None, given: NDArray[np.intp], names: tuple[str, ...]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the suspicion of each item's cluster, 0 where nothing says split, and if unnamed."""
    told, unnamed = np.zeros(len(given), dtype=np.float32), np.zeros(len(given), dtype=bool)
    if splits is None:
        return told, unnamed
    number = {name: place for place, name in enumerate(names)}
    rows_of_label = by_group(given, len(names))
    for finding in splits.labels:
        for cluster in finding.clusters:
            if cluster.is_odd and finding.verdict != "one kind":
                own = rows_of_label[number[finding.label]]
                members = own[splits.cluster[own] == cluster.cluster]
                told[members] = cluster.suspicion
                unnamed[members] = cluster.suggested_label is None
    return told, unnamed


def _notes(
    names: tuple[str, ...], given: NDArray[np.intp], rounds: int, source: str
) -> tuple[str, ...]:
    if len(names) == 1:
        return ("One label only: no item can carry the wrong one.",)
    notes = [f"The labels were cross-checked {rounds} time{'' if rounds == 1 else 's'}."]
    if source == "model":
        notes = ["Single labels were checked by the model, on your word that it never learnt them."]
    single = int((np.bincount(given) == 1).sum())
    if single:
        notes.append(
            f"{single} label{' has' if single == 1 else 's have'} one image only: what is said of "
            f"{'it' if single == 1 else 'these'} rests on the other labels."
        )
    return tuple(notes)
