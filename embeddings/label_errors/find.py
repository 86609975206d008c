"""Find single items with a wrong label: how likely it is, and what they show instead.

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

The cross-check (``embeddings.cross_check``) predicts each item from two sources that do not use its
own label: a linear discriminant fitted on the other folds, and its ten nearest items of other
content. A noise channel turns both into the probability that the given label is wrong. Wrong labels
mislead both sources, so they are fitted again on the likeliest labels while that makes the given
labels of held-out items likelier. A second start gives suspicious clusters their suggested label;
the start with the better fit is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
from embeddings.cross_check import (
    CANDIDATES,
    CrossCheck,
    Explained,
    Scores,
    SoftLabels,
    best_of,
    cross_check,
    suspicion_of,
)
from embeddings.errors import UsageError
from embeddings.label_errors.records import LabelErrors, ModelAnswers
from embeddings.neighbors import BLOCK_CELLS, nearest_of_others
from embeddings.records import Progress, SplitReport, no_progress

NEIGHBOURS: Final = 10
TOP: Final = 5  # likeliest labels that are kept for each item
_LEAST: Final = 1e-3  # probability that a model's answer is a class that it does not list
_BLOCK: Final = 4096


@keeps_index
def find_label_errors(
    X: Matrix,
    labels: Labels | None,
    *,
    splits: SplitReport | None = None,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    answers: ModelAnswers | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> LabelErrors:
    """Return for each item the probability that its label is wrong.

    Parameters
    ----------
    X
        (n, d) embeddings, any real dtype and scale, finite.
    labels
        (n,) label of each item; None puts all under one, and then none can be wrong.
    splits
        What ``find_splits`` said of the same items, in the same order: items of a suspicious
        cluster are marked as explained by it, and its neighbours are used.
    groups
        (n,) content of each item, such as its hash: copies never vote for each other. By
        default equal embeddings are one content.
    answers
        The model's own probabilities, in place of the linear classifier's. They help only where the
        model was not trained on these items.
    seed
        Of the folds, and of the neighbour search in large sets.
    progress
        Called as ``progress(done, total, what)``.

    Raises
    ------
    UsageError
        The shapes do not fit, there are no items, or an embedding holds NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat(np.arange(3), 20)
    >>> X = (rng.normal(size=(3, 16)) * 3)[kind] + rng.normal(size=(60, 16))
    >>> labels = np.array(["cat", "dog", "owl"])[kind]
    >>> labels[7] = "owl"
    >>> errors = find_label_errors(X, labels)
    >>> errors.ranked().tolist(), errors.suggested[7]
    ([7], 'cat')
    """
    every, names, called = _checked(X, labels)
    if answers is not None and len(answers.index) != len(every):
        raise UsageError(
            f"There are answers for {len(answers.index)} items and {len(every)} labels.",
            hint="Give one row of answers per item.",
        )
    check = splits.check if splits is not None else None
    if check is None:
        content = content_numbers(every, groups)
        near = _nearest(every, content, seed, progress)
        check = cross_check(every, called, content, near, seed=seed, progress=progress)
    if answers is not None:
        scores = _scores_of(answers.of(check.first), names, check.given)
        found, source, rounds = check.by_model(scores), "model", 1
    else:
        found, rounds = check.again(_starts(splits, check.first, names, check.given))
        source = "cross-check"
    errors = _gathered(found, names, check.given, check.near)
    told, unnamed = _told_by_splits(splits, called, names)
    return replace(
        errors.of(check.place),
        cluster_suspicion=told,
        cluster_unnamed=unnamed,
        source=source,
        notes=_notes(names, called, rounds, source) + _narrow_note(check, source),
    )


def _checked(X: Matrix, labels: Labels | None) -> tuple[Rows, tuple[str, ...], NDArray[np.intp]]:
    rows = rows_of(X)
    names, given = np.unique(labels_of(labels, len(rows)), return_inverse=True)
    return rows, tuple(str(n) for n in names), given.reshape(-1).astype(np.intp)


def _nearest(
    rows: Rows, content: NDArray[np.intp], seed: int, progress: Progress
) -> NDArray[np.intp]:
    """Return the (n, k) nearest items of other content, on rows of length 1 less their mean."""
    units = unit_rows(rows[:])
    units -= units.mean(axis=0, dtype=np.float64).astype(np.float32)
    return nearest_of_others(
        unit_rows(units), content, NEIGHBOURS, seed=seed, progress=progress
    ).index


def _narrow_note(check: CrossCheck, source: str) -> tuple[str, ...]:
    if not check.narrowed or source != "cross-check":
        return ()
    return (f"Labels were cross-checked on {check.narrowed} principal axes, to save memory.",)


def _starts(
    splits: SplitReport | None,
    first: NDArray[np.intp],
    names: tuple[str, ...],
    given: NDArray[np.intp],
) -> list[SoftLabels]:
    """Return the labels with the suggested ones for suspicious clusters, where there are any."""
    starts: list[SoftLabels] = []
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
    """Map a model's probabilities to the labels of the data set; the given one is included."""
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
    best, probability = best_of(found)
    order = np.argsort(-likely, axis=1, kind="stable")[:, : min(TOP, label.shape[1])]
    return LabelErrors(
        names=names,
        given=given.astype(np.int32),
        suspicion=suspicion_of(found, given),
        best=best.astype(np.int32),
        best_probability=probability,
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
    """Return the suspicion of each item's odd cluster, else 0, and if it has no suggestion."""
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
