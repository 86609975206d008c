"""Noise channel: how often items of each true label are given each other label.

An item that shows k was given the label j with probability ``P(given j | truly k)``. Expectation
maximisation (Dawid & Skene 1979; Mnih & Hinton 2012) fits two things to the labels that were given:
these probabilities, and the weight of each source (classifier, neighbours). Where a source is
undecided between two labels, no wrong label is assumed; where it is sure of k and j was given, a
wrong label is the explanation.

It is the joint distribution of given and true labels of confident learning (Northcutt, Jiang &
Chuang 2021), estimated by likelihood instead of thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.cross_check.lda import SoftLabels

STEPS: Final = 40
STILL: Final = 1e-5  # change of the mean log-likelihood at which it has converged
# The prior, in items of each label: so many that were given their own label, and one that was given
# any label, in proportion to how often each occurs.
BELIEVED_RIGHT: Final = 5.0
BELIEVED_ANY: Final = 1.0
_START_WRONG: Final = 0.1
_START_TRUST: Final = 0.5
_MOST_TRUST: Final = 20.0


@dataclass(frozen=True, slots=True)
class Explained:
    """The labels as the channel explains them.

    Parameters
    ----------
    posterior
        Probabilities of what each item shows, from the sources and its given label.
    likely
        (n, m) float32 the same from the sources alone; rows sum to 1.
    trust
        Weight of each source, in log-likelihood.
    fit
        Mean log-likelihood of the given labels, in nats an item.
    """

    posterior: SoftLabels
    likely: NDArray[np.float32]
    trust: tuple[float, ...]
    fit: float


def explain(
    label: NDArray[np.int32],
    sources: list[NDArray[np.float32]],
    given: NDArray[np.intp],
    n_labels: int,
) -> Explained:
    """Find the channel and the weight of each source that make the given labels likeliest.

    Parameters
    ----------
    label
        (n, m) int32 labels that each item may show, different in each row, ``given`` among them.
    sources
        Log-likelihoods of those, each (n, m) float32, up to a constant for each item.
    given
        (n,) label of each item.
    n_labels
        How many there are.
    """
    pairs = _Pairs.of(label, given, n_labels)
    logs = [source - source.max(axis=1, keepdims=True) for source in sources]
    trust = np.full(len(logs), _START_TRUST / len(logs))
    channel = pairs.start()
    fit, before = -np.inf, -np.inf
    for _ in range(STEPS):
        posterior, total = _posterior(_softmax(trust, logs), channel, pairs)
        fit = float(np.log(total).mean())
        if abs(fit - before) < STILL:
            break
        before = fit
        channel = pairs.channel(posterior)
        trust = _refitted(trust, logs, posterior)
    looks = _softmax(trust, logs)
    likely = looks.astype(np.float32)
    posterior, _ = _posterior(looks, channel, pairs)
    return Explained(
        SoftLabels(label, posterior.astype(np.float32)),
        likely,
        tuple(float(t) for t in trust),
        fit,
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The pairs (shown, given) that occur: the channel is kept for these alone.

    ``place`` (n, m) is the pair of each item and candidate; ``shown`` and ``own`` (p,) are each
    pair's true label and whether it is the given one; ``usual`` (p,) how common its given label is.
    """

    place: NDArray[np.int32]
    shown: NDArray[np.intp]
    own: NDArray[np.bool_]
    usual: NDArray[np.float64]
    n_labels: int

    @staticmethod
    def of(label: NDArray[np.int32], given: NDArray[np.intp], n_labels: int) -> _Pairs:
        keys = label.astype(np.int64) * n_labels + given[:, None]
        names, place = _numbered(keys, n_labels * n_labels)
        shown, called = np.divmod(names, n_labels)
        common = np.bincount(given, minlength=n_labels) / len(given)
        places = place.reshape(keys.shape).astype(np.int32)
        return _Pairs(places, shown, shown == called, common[called], n_labels)

    def start(self) -> NDArray[np.float64]:
        return (1 - _START_WRONG) * self.own + _START_WRONG * self.usual

    def channel(self, posterior: NDArray[Any]) -> NDArray[np.float64]:
        """Return ``P(given | shown)`` (p,) of each pair, as the posterior counts them."""
        counts = np.bincount(self.place.ravel(), posterior.ravel(), minlength=len(self.shown))
        every = np.bincount(self.shown, counts, minlength=self.n_labels)[self.shown]
        believed = BELIEVED_RIGHT * self.own + BELIEVED_ANY * self.usual
        return np.asarray((counts + believed) / (every + BELIEVED_RIGHT + BELIEVED_ANY))


def _numbered(keys: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different keys, ascending, and the number of each; keys are below ``most``."""
    if most > 4 * keys.size:
        names, place = np.unique(keys, return_inverse=True)
        return names, place.astype(np.int64)
    # a table in place of a sort, which takes most of the time with millions of items
    there = np.zeros(most, dtype=bool)
    there[keys] = True
    names = np.flatnonzero(there)
    number = np.cumsum(there) - 1
    return names, number[keys]


def _posterior(
    likely: NDArray[np.float64], channel: NDArray[np.float64], pairs: _Pairs
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each item shows, in place of ``likely``, and how likely its label was (n, 1)."""
    likely *= channel[pairs.place]
    total = np.maximum(likely.sum(axis=1, keepdims=True), 1e-30)
    likely /= total
    return likely, total


def _softmax(trust: NDArray[np.float64], logs: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    total = np.zeros(logs[0].shape)
    for weight, log in zip(trust, logs, strict=True):
        total += weight * log
    total -= total.max(axis=1, keepdims=True)
    np.exp(total, out=total)
    total /= total.sum(axis=1, keepdims=True)
    return total


def _refitted(
    trust: NDArray[np.float64], logs: list[NDArray[np.float32]], target: NDArray[Any]
) -> NDArray[np.float64]:
    """Take two careful Newton steps to the weights under which ``target`` is likeliest."""
    for _ in range(2):
        likely = _softmax(trust, logs)
        slope = np.array([((target - likely) * log).sum() for log in logs])
        means = np.stack([(likely * log).sum(axis=1) for log in logs])
        both = [[(likely * a * b).sum() for b in logs] for a in logs]
        bend = np.array(both) - means @ means.T
        bend.flat[:: len(logs) + 1] += 1e-6 * len(target)
        most = 0.3 * np.maximum(trust, 0.05)
        step = np.clip(np.linalg.solve(bend, slope), -most, most)
        trust = np.clip(trust + step, 0.0, _MOST_TRUST)
    return trust
