"""Linear discriminant analysis: scores of held-out items for every label.

Every label is a normal distribution about its mean and all share one covariance, shrunk half way to
a multiple of the identity (Fisher 1936; shrinkage as in Friedman 1989). It is used rather than a
logistic model for two reasons: a mean over many items changes little by some wrong labels (Lee et
al. 2019, "Robust inference via generative classifiers for handling noisy labels"), and it has a
closed form, so new weights of the labels cost one product, not a training run. Means of small
labels are shrunk to the overall mean by the ratio of the spread within labels to the spread between
them (Robbins 1956).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows, blocks, unit_rows, widest, widest_of_scatter
from embeddings.neighbors import BLOCK_CELLS
from embeddings.records import Progress, no_progress

FOLDS: Final = 5
SHRUNK: Final = 1.0  # mean variance of an axis that is added to every axis: half way to a ball
CANDIDATES: Final = 24  # labels kept for each item; with fewer labels nothing is left out
WIDEST: Final = 2048  # above this width rows are first brought to their principal axes
MOST_CELLS: Final = 400_000_000  # numbers kept, 1.6 GB; with more items there are fewer axes
MOST_LABEL_CELLS: Final = 12_800_000  # numbers of all labels' means; likewise
FEWEST_AXES: Final = 128
_AXES: Final = 1024
_SAMPLE: Final = 20_000
_BLOCK: Final = 4096  # rows scored at once


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """Which labels each item may have, and with which weight.

    ``label`` (n, m) int32 holds different labels in each row; ``weight`` (n, m) float32, rows
    summing to 1. Places that are not used hold label 0 and weight 0, in the last columns.
    """

    label: NDArray[np.int32]
    weight: NDArray[np.float32]

    def matrix(self, n_labels: int) -> Any:
        """Return a scipy CSR matrix (n, n_labels) float32 of the weights that matter."""
        from scipy.sparse import csr_matrix

        n, m = self.label.shape
        kept = self.weight > 1e-3
        rows = np.broadcast_to(np.arange(n)[:, None], (n, m))[kept]
        shape = (n, n_labels)
        return csr_matrix((self.weight[kept], (rows, self.label[kept])), shape=shape)


@dataclass(frozen=True, slots=True)
class Scores:
    """Log-likelihoods of the likeliest labels of each item, from the folds it is not in.

    ``label`` (n, m) int32, different in each row, the given label always among them; ``value``
    (n, m) float32, in units in which a difference is a log ratio of likelihoods.
    """

    label: NDArray[np.int32]
    value: NDArray[np.float32]


def given_as_soft(given: NDArray[np.intp]) -> SoftLabels:
    """Return the given labels (n,) as soft labels of weight 1."""
    return SoftLabels(given[:, None].astype(np.int32), np.ones((len(given), 1), np.float32))


def deal_folds(
    given: NDArray[np.intp], groups: NDArray[np.intp], seed: int, folds: int = FOLDS
) -> NDArray[np.intp]:
    """Deal groups of items to folds, so that each label is spread as evenly as it can be.

    Parameters
    ----------
    given
        (n,) label of each item, 0 and up.
    groups
        (n,) items of one group come to the same fold.
    seed
        Of the order within labels.
    folds
        At most so many; fewer where there are fewer groups, but two at least.

    Returns
    -------
    (n,) intp fold of each item.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    count = len(first)
    order = np.lexsort((np.random.default_rng(seed).permutation(count), given[first]))
    fold = np.empty(count, dtype=np.intp)
    fold[order] = np.arange(count) % max(2, min(folds, count))
    dealt: NDArray[np.intp] = fold[group.reshape(-1)]
    return dealt


class HeldOut:
    """A classifier that scores each item without being fitted on its fold.

    What does not depend on the labels is computed once; ``scores`` can be called again with other
    soft labels.

    Parameters
    ----------
    X
        (n, d) embeddings, finite, any scale, read in blocks. A copy is kept, of all axes or of as
        many principal axes as fit in ``MOST_CELLS`` numbers, and the means of the labels in
        ``MOST_LABEL_CELLS``; ``narrowed`` says so.
    folds
        (n,) fold of each item.
    n_labels
        How many labels there are.
    """

    def __init__(self, X: Rows, folds: NDArray[np.intp], n_labels: int) -> None:
        self.rows = rows = _centred(X, MOST_LABEL_CELLS // max(1, n_labels))
        self.narrowed = rows.shape[1] < X.shape[1]
        self.n_labels = n_labels
        self._members = [np.flatnonzero(folds == f) for f in np.unique(folds)]
        self._fixed = [_fixed(rows, members) for members in self._members]

    def scores(
        self,
        soft: SoftLabels,
        given: NDArray[np.intp],
        *,
        candidates: int = CANDIDATES,
        asked: NDArray[np.int32] | None = None,
        progress: Progress = no_progress,
        what: str = "folds",
    ) -> Scores:
        """Score every item by the items of the other folds.

        Parameters
        ----------
        soft
            The labels to learn from.
        given
            (n,) label that is always among those returned.
        candidates
            How many labels are returned for each item, at most.
        asked
            (n, m) the labels to score for each item, different in each row, in place of all of
            which the likeliest are returned: scoring all of many labels takes time in their square.
        progress, what
            Told of each fold.
        """
        n = len(self.rows)
        m = min(self.n_labels, candidates) if asked is None else asked.shape[1]
        label = np.zeros((n, m), np.int32) if asked is None else asked
        out = Scores(label, np.zeros((n, m), np.float32))
        weights = soft.matrix(self.n_labels)
        sums = [
            _Sums.of(self.rows, weights, members, *fixed)
            for members, fixed in zip(self._members, self._fixed, strict=True)
        ]
        every = _Sums.all_of(sums)
        for number, members in enumerate(self._members):
            progress(number, len(self._members), what)
            classifier = every.without(sums[number]).classifier
            if asked is not None:
                self._answer_those(members, *classifier(), out)
            elif len(members) < n:
                self._answer(members, *classifier(), given, out)
            else:  # one group only: there are no other items to fit on
                out.label[members] = np.arange(m)
        progress(len(self._members), len(self._members), what)
        return out

    def _answer_those(
        self,
        members: NDArray[np.intp],
        weights: NDArray[np.float32],
        intercept: NDArray[np.float32],
        out: Scores,
    ) -> None:
        """Score the labels that ``out`` names."""
        by_label = np.ascontiguousarray(weights.T)
        block = max(1, BLOCK_CELLS // (out.label.shape[1] * by_label.shape[1]))
        for start in range(0, len(members), block):
            at = members[start : start + block]
            label = out.label[at]
            values = np.einsum("imd,id->im", by_label[label], self.rows[at], optimize=True)
            out.value[at] = values + intercept[label]

    def _answer(
        self,
        members: NDArray[np.intp],
        weights: NDArray[np.float32],
        intercept: NDArray[np.float32],
        given: NDArray[np.intp],
        out: Scores,
    ) -> None:
        """Score all labels, and keep the likeliest."""
        m, n_labels = out.label.shape[1], self.n_labels
        block = max(1, min(_BLOCK, BLOCK_CELLS // self.n_labels))
        for start in range(0, len(members), block):
            at = members[start : start + block]
            values = self.rows[at] @ weights
            values += intercept
            place = np.arange(len(at))
            own = values[place, given[at]].copy()
            values[place, given[at]] = np.inf  # so that it is among the best
            best = np.argpartition(values, n_labels - m, axis=1)[:, n_labels - m :]
            values[place, given[at]] = own
            out.label[at] = best
            out.value[at] = np.take_along_axis(values, best, axis=1)


@dataclass(frozen=True, slots=True)
class _Sums:
    """The sums over items that a classifier is made from; folds are added and subtracted."""

    total: NDArray[np.float64]  # (d,)
    by_label: NDArray[np.float64]  # (labels, d)
    count: NDArray[np.float64]  # (labels,)
    scatter: NDArray[np.float64]  # (d, d)

    @staticmethod
    def of(
        rows: NDArray[np.float32],
        weights: Any,
        members: NDArray[np.intp],
        total: NDArray[np.float64],
        scatter: NDArray[np.float64],
    ) -> _Sums:
        """Add up some of the rows by their weights (n, labels), a scipy CSR matrix."""
        own = weights[members].T.tocsr()
        own = type(own)((own.data, members[own.indices], own.indptr), (own.shape[0], len(rows)))
        by_label = np.asarray(own @ rows, dtype=np.float64)
        count = np.asarray(own.sum(axis=1), dtype=np.float64).reshape(-1)
        return _Sums(total, by_label, count, scatter)

    @staticmethod
    def all_of(parts: Sequence[_Sums]) -> _Sums:
        return _Sums(
            np.sum([p.total for p in parts], axis=0),
            np.sum([p.by_label for p in parts], axis=0),
            np.sum([p.count for p in parts], axis=0),
            np.sum([p.scatter for p in parts], axis=0),
        )

    def without(self, other: _Sums) -> _Sums:
        return _Sums(
            self.total - other.total,
            self.by_label - other.by_label,
            np.maximum(self.count - other.count, 0.0),
            self.scatter - other.scatter,
        )

    def classifier(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the weights (d, labels) and the intercepts (labels,)."""
        from scipy.linalg import cho_factor, cho_solve

        known = self.count > 1e-3
        n = float(self.count.sum())
        middle = self.total / max(n, 1.0)
        means = np.divide(
            self.by_label, self.count[:, None], out=np.tile(middle, (len(known), 1)),
            where=known[:, None],
        ) - middle  # fmt: skip
        root = (means + middle) * np.sqrt(self.count)[:, None]
        within = (self.scatter - root.T @ root) / max(n, 1.0)
        spread = max(float(np.trace(within)), 0.0)
        between = float((self.count[:, None] * means**2).sum()) / max(n, 1.0)
        # the means err by spread / count, which is part of what lies between them
        between = max(between - spread * int(known.sum()) / max(n, 1.0), 0.01 * between, 1e-12)
        means *= (self.count / (self.count + max(spread / between, 1e-9)))[:, None]
        d = len(within)
        # the floor keeps labels without any spread of their own solvable
        floor = max(1e-3 * float(np.trace(self.scatter)) / max(n, 1.0), 1e-6)
        within.flat[:: d + 1] += max(SHRUNK * spread, floor) / d
        weights = cho_solve(cho_factor(within, overwrite_a=True, check_finite=False), means.T)
        intercept = -0.5 * (means * weights.T).sum(axis=1) - middle @ weights
        return weights.astype(np.float32), intercept.astype(np.float32)


def _fixed(
    rows: NDArray[np.float32], members: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what does not depend on labels: the sum (d,) of rows and of their outer products."""
    total = np.zeros(rows.shape[1])
    scatter = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, len(members), _BLOCK):
        block = rows[members[start : start + _BLOCK]]
        total += block.sum(axis=0, dtype=np.float64)
        scatter += block.T @ block
    return total, scatter


def _centred(X: Rows, most: int) -> NDArray[np.float32]:
    """Return rows of length 1 less their mean, on fewer principal axes where memory is short."""
    n, width = X.shape
    axes = min(width, max(FEWEST_AXES, min(MOST_CELLS // n, most)))
    if width > WIDEST:
        axes = min(axes, _AXES)
    if axes == width:
        out = np.empty((n, width), dtype=np.float32)
        for at, block in blocks(X):
            out[at] = unit_rows(block)
        out -= out.mean(axis=0, dtype=np.float64).astype(np.float32)
        return out
    mean, onto = _sampled_axes(X, axes) if width > WIDEST else _exact_axes(X, axes)
    out = np.empty((n, onto.shape[1]), dtype=np.float32)
    for at, block in blocks(X):
        out[at] = (unit_rows(block) - mean) @ onto
    return out


def _exact_axes(X: Rows, axes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean (d,) and the principal axes (d, axes) of rows of length 1."""
    n, width = X.shape
    total, scatter = np.zeros(width), np.zeros((width, width))
    for _, block in blocks(X):
        units = unit_rows(block)
        total += units.sum(axis=0, dtype=np.float64)
        scatter += units.T @ units
    mean = total / n
    onto = widest_of_scatter(scatter - n * np.outer(mean, mean), axes)
    return mean.astype(np.float32), onto


def _sampled_axes(X: Rows, axes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the same from a sample: for very wide rows a (d, d) matrix is too large."""
    n = len(X)
    sample = unit_rows(X[np.linspace(0, n - 1, min(n, _SAMPLE)).astype(np.intp)])
    mean = sample.mean(axis=0)
    return mean, widest(sample - mean, axes)
