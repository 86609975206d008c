"""Cross-check: predict the label of each item without using its own label.

Two sources predict it: a linear discriminant fitted on the other folds (``lda``), and the labels of
the nearest items of other content. A noise channel (``noise_channel``) weighs the sources so that
the labels that were given become likeliest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Picked, Rows
from embeddings.cross_check.lda import (
    HeldOut,
    Scores,
    SoftLabels,
    deal_folds,
    given_as_soft,
)
from embeddings.cross_check.noise_channel import Explained, explain
from embeddings.records import Progress, no_progress

SMOOTHED: Final = 2.0  # pseudo-counts that are added to the votes of the neighbours
ROUNDS: Final = 4  # times at most that the classifier is fitted
# With more labels than this only the label of an item and those of its nearest items are scored:
# all labels for all items would take time in the square of the labels.
MANY_LABELS: Final = 5000


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """The labels of a data set, cross-checked once; ``again`` repeats it from other starts.

    Copies under one label count as one item: ``first`` (m,) are the places of those m items in the
    data set, and ``place`` (n,) says which of the m each of the n items is. ``given`` (m,) is the
    label of each, ``near`` (m, k) its nearest of the m of other content, -1 for none. ``found`` is
    the result of one round, fitted on the given labels.
    """

    first: NDArray[np.intp]
    place: NDArray[np.intp]
    given: NDArray[np.intp]
    near: NDArray[np.intp]
    n_labels: int
    found: Explained
    _held: HeldOut = field(repr=False)
    _explainer: Explainer = field(repr=False)

    @property
    def suspicion(self) -> NDArray[np.float32]:
        """(n,) float32 in [0, 1]: how likely another label of the data set is right."""
        return suspicion_of(self.found, self.given)[self.place]

    @property
    def best(self) -> NDArray[np.intp]:
        """(n,) intp: the likeliest label of each item, its given label considered."""
        return best_of(self.found)[0][self.place]

    @property
    def narrowed(self) -> int:
        """Return how many principal axes were kept to save memory, 0 where all were."""
        return self._held.rows.shape[1] if self._held.narrowed else 0

    def by_model(self, scores: Scores) -> Explained:
        """Explain the labels by the ``scores`` of a model in place of the discriminant."""
        return self._explainer.by_model(scores)

    def again(self, starts: Sequence[SoftLabels]) -> tuple[Explained, int]:
        """Fit again from the likeliest labels and from ``starts``, while that improves the fit.

        Parameters
        ----------
        starts
            Labels of the m items to start from besides the given ones.

        Returns
        -------
        What was found, and the number of rounds.
        """
        taught = (self._explainer.taught(self._held, start) for start in starts)
        found = max((self.found, *taught), key=lambda e: e.fit)
        for done in range(1, ROUNDS):
            better = self._explainer.taught(self._held, found.posterior)
            if better.fit <= found.fit:
                return found, done
            found = better
        return found, ROUNDS


def cross_check(
    rows: Rows,
    labels: NDArray[np.intp],
    content: NDArray[np.intp],
    near: NDArray[np.intp],
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> CrossCheck:
    """Predict the label of each item without using its own label.

    Parameters
    ----------
    rows
        (n, d) embeddings, finite, any scale; read in blocks.
    labels
        (n,) label of each item, 0 and up.
    content
        (n,) content of each item, 0 and up: copies never vote for each other.
    near
        (n, k) nearest items of other content, -1 for none.
    seed
        Of the folds.
    progress
        Told of each fold.
    """
    n_labels = int(labels.max()) + 1
    first, place = first_of_each(content * n_labels + labels)
    given = labels[first]
    neighbours = near[first]
    neighbours = np.where(neighbours >= 0, place[neighbours], -1)
    explainer = Explainer(neighbours, given, n_labels, progress)
    different = rows if len(first) == len(rows) else Picked(rows, first)
    held = HeldOut(different, deal_folds(given, content[first], seed), n_labels)
    found = explainer.taught(held, given_as_soft(given))
    return CrossCheck(first, place, given, neighbours, n_labels, found, held, explainer)


def suspicion_of(found: Explained, given: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return (m,) float32: how likely another label than the given one is right."""
    own = np.where(found.posterior.label == given[:, None], found.posterior.weight, 0).max(axis=1)
    suspicion: NDArray[np.float32] = np.clip(1 - own, 0, 1).astype(np.float32)
    return suspicion


def best_of(found: Explained) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the likeliest label (m,), the given one considered, and its probability (m,)."""
    rows = np.arange(len(found.posterior.label))
    best = found.posterior.weight.argmax(axis=1)
    return found.posterior.label[rows, best].astype(np.intp), found.posterior.weight[rows, best]


def first_of_each(keys: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first place of each key, ascending, and which of these each place has."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse.reshape(-1)]


class Explainer:
    """Explains given labels by the two sources; holds what every round needs."""

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

    def taught(self, held: HeldOut, soft: SoftLabels) -> Explained:
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
    """Return the (n, k + 1) labels to score, the given one and those of the nearest, or all."""
    near = near[:, : n_labels - 1]
    there = np.where(near >= 0, given[near], given[:, None])
    labels = np.concatenate((given[:, None], there), axis=1).astype(np.int32)
    while True:
        labels.sort(axis=1)
        twice = np.zeros(labels.shape, dtype=bool)
        twice[:, 1:] = labels[:, 1:] == labels[:, :-1]
        if not twice.any():
            return labels
        # the second of two equal labels is replaced by the next label
        labels[twice] = (labels[twice] + 1) % n_labels
