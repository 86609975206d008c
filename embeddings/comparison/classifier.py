"""Linear classifier in closed form, its predictions for held-out items, bootstrap of its accuracy.

Ridge regression on one column per label (Hoerl & Kennard 1970; Rifkin, Yeo & Poggio 2003): the
costly part depends on the embeddings alone, nothing is random, and a hundred thousand items take
seconds. Rows are scaled to length 1 and centred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows
from embeddings.errors import UsageError
from embeddings.records import Progress, no_progress

FOLDS: Final = 5
# Penalty on the weights, in units of the mean variance of an axis. With right labels the accuracy
# on photos (52 labels) and on images of 32 px (10 labels) changes by about one point from 0.1 to 1.
# A larger penalty would tolerate wrong labels better, and so show less gain from correcting them.
PENALTY: Final = 0.3
DRAWS: Final = 2000  # bootstrap samples
CERTAINTY: Final = 0.95
_BLOCK: Final = 8192  # rows that are widened to float64 at once


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The share ``value`` of ``n`` items that was answered right, and its interval.

    ``low`` and ``high`` bound 95 % of bootstrap samples over different contents; copies of one
    content are drawn together. NaN where ``n`` is 0.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """The part of the classifier that does not depend on the labels.

    ``mean`` is (d,), ``factor`` a Cholesky factor of (d, d), ``rows`` (n, d) float32 of length 1.
    """

    rows: NDArray[np.float32]
    mean: NDArray[np.float64]
    factor: Any

    def weights(
        self, label: NDArray[np.intp], n_labels: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return weights (d, n_labels) and intercepts (n_labels,) for the label of each row."""
        from scipy.linalg import cho_solve

        counts = np.bincount(label, minlength=n_labels)
        sums = _label_sums(self.rows, label, n_labels)
        weights = cho_solve(self.factor, sums - self.mean[:, None] * counts)
        return weights, counts / len(label) - self.mean @ weights

    def predict(
        self, queries: NDArray[np.float32], label: NDArray[np.intp], n_labels: int
    ) -> NDArray[np.intp]:
        """Return the label (m,) of each query, (m, d) of length 1; of equals the first."""
        weights, intercept = self.weights(label, n_labels)
        scores = queries @ weights.astype(np.float32) + intercept.astype(np.float32)
        return np.asarray(scores.argmax(axis=1), dtype=np.intp)


def fitted(rows: NDArray[np.float32], penalty: float = PENALTY) -> Fitted:
    """Prepare the classifier for (n, d) float32 ``rows`` of length 1, n at least 1."""
    from scipy.linalg import cho_factor

    n, d = rows.shape
    mean = rows.mean(axis=0, dtype=np.float64)
    spread = np.zeros((d, d))
    for start in range(0, n, _BLOCK):
        block = rows[start : start + _BLOCK] - mean
        spread += block.T @ block
    # the floor keeps rows that are all equal solvable
    spread.flat[:: d + 1] += max(penalty * np.trace(spread) / d, 1e-9)
    return Fitted(rows, mean, cho_factor(spread, overwrite_a=True, check_finite=False))


def held_out_answers(
    X: NDArray[Any],
    labels: NDArray[np.object_],
    folds: NDArray[np.intp],
    *,
    progress: Progress = no_progress,
) -> NDArray[np.object_]:
    """Return predictions for each item by a classifier fitted on the other folds only.

    Parameters
    ----------
    X
        (n, d) embeddings, finite.
    labels
        (n,) str; items with an empty one are predicted, but not learned from.
    folds
        (n,) fold of each item, 0 and up.
    progress
        Called as ``progress(done, total, what)``.

    Returns
    -------
    (n,) object: a label, or None where the other folds hold no labelled item.

    Raises
    ------
    UsageError
        The shapes do not fit.
    """
    rows = unit_rows(X)
    if not len(rows) == len(labels) == len(folds):
        raise UsageError(
            f"There are {len(rows)} embeddings, {len(labels)} labels and {len(folds)} folds.",
            hint="Give one of each per item.",
        )
    names, label = np.unique(labels.astype(str), return_inverse=True)
    label = label.reshape(-1).astype(np.intp)
    labelled = labels.astype(str) != ""
    answers = np.full(len(rows), None, dtype=object)
    parts = np.unique(folds)
    for done, part in enumerate(parts):
        progress(done, len(parts), "folds")
        out = folds == part
        seen = ~out & labelled
        if seen.any():
            said = fitted(rows[seen]).predict(rows[out], label[seen], len(names))
            answers[out] = names[said]
    progress(len(parts), len(parts), "folds")
    return answers


def spread_folds(groups: NDArray[np.intp], seed: int, folds: int = FOLDS) -> NDArray[np.intp]:
    """Deal groups to folds at random, so that items of one group are always in the same fold.

    Parameters
    ----------
    groups
        (n,) group of each item, 0 to g - 1.
    folds
        At most so many; fewer where there are fewer groups.
    """
    count = int(groups.max(initial=-1)) + 1
    dealt = np.arange(count) % max(1, min(folds, count))
    return np.random.default_rng(seed).permutation(dealt)[groups].astype(np.intp)


def bootstrap(
    groups: NDArray[np.intp], right: NDArray[np.bool_], seed: int
) -> tuple[tuple[Accuracy, ...], NDArray[np.float64]]:
    """Return accuracies and their bootstrap samples (Efron & Tibshirani 1993, percentiles).

    Groups are drawn, not items: copies of one content are no further evidence. Groups that came
    out alike are drawn as one with their number, which is the same and fast.

    Parameters
    ----------
    groups
        (n,) group of each item.
    right
        (n, k): whether each of k classifiers was right. All see the same samples, so that
        differences between them can be judged too.

    Returns
    -------
    k accuracies, and (k, draws) their values on the samples; no draws where n is 0.
    """
    n, k = right.shape
    if not n:
        return tuple(Accuracy(np.nan, np.nan, np.nan, 0) for _ in range(k)), np.zeros((k, 0))
    _, own = np.unique(groups, return_inverse=True)
    own = own.reshape(-1)
    outcomes = np.zeros((int(own.max()) + 1, k + 1), dtype=np.int64)  # size, right of each
    np.add.at(outcomes, own, np.column_stack((np.ones(n, dtype=np.int64), right)))
    kinds, times = np.unique(outcomes, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(times.sum(), times / times.sum(), DRAWS)
    totals = (drawn @ kinds).astype(np.float64)
    samples = (totals[:, 1:] / totals[:, :1]).T
    return tuple(
        Accuracy(float(right[:, i].mean()), *interval(samples[i]), n) for i in range(k)
    ), samples


def interval(samples: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bounds of the middle 95 % of the samples, NaN where there are none."""
    if not len(samples):
        return np.nan, np.nan
    tail = (1 - CERTAINTY) / 2
    low, high = np.quantile(samples, [tail, 1 - tail])
    return float(low), float(high)


def _label_sums(
    rows: NDArray[np.float32], label: NDArray[np.intp], n_labels: int
) -> NDArray[np.float64]:
    """Return (d, n_labels): the sum of the rows of each label."""
    sums = np.zeros((n_labels, rows.shape[1]))
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(n_labels + 1))
    for number in range(n_labels):
        own = order[bounds[number] : bounds[number + 1]]
        if len(own):
            sums[number] = rows[own].sum(axis=0, dtype=np.float64)
    return sums.T
