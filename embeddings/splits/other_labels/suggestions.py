"""Suggestions: the label that a cluster should have instead, where one is likely right.

The cluster is compared with the largest cluster of the other label, without strays. The probability
is that of a logistic model over the likeness of the two, the labels of their nearest items, and the
cross-check of the items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.cross_check import CrossCheck
from embeddings.splits.other_labels.likeness import likeness
from embeddings.splits.scoring import models

OFFERED_AT: Final = 0.7  # probability from which a label is suggested
FEATURES: Final = (
    "affinity", "mixing", "mixing_back", "smallness", "smallness_other",
    "vote", "under_other", "under_own", "own_of_other", "under_other_relative", "other_under_own",
    "checked", "suspicion", "probability", "probability_own",
    "accuracy", "share", "most_of_label", "within", "within_other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A label for a cluster: its number, and how likely it is right."""

    label: int
    probability: float


@dataclass(frozen=True, slots=True)
class Ground:
    """The data that suggestions are made from; all arrays in the order of the data set.

    ``space`` (n, d) float32; ``group`` (n,) label; ``near`` (n, k) labels of the nearest items of
    other content, -1 for none; ``main`` (n,) bool marks the items of the largest cluster of each
    label, strays left out; ``accuracy`` is the mean share of an item's nearest items that are
    under its label.
    """

    space: NDArray[np.float32]
    group: NDArray[np.intp]
    near: NDArray[np.intp]
    main: NDArray[np.bool_]
    members: Sequence[NDArray[np.intp]]
    check: CrossCheck
    accuracy: float


def candidate_of(ground: Ground, label: int, items: NDArray[np.intp]) -> int:
    """Return the other label that most of the nearest items of a cluster are under, -1 for none."""
    near = ground.near[items]
    votes = np.bincount(near[(near >= 0) & (near != label)], minlength=ground.check.n_labels)
    if votes.max(initial=0) > 0:
        return int(votes.argmax())
    best = ground.check.best[items]
    votes = np.bincount(best[best != label], minlength=ground.check.n_labels)
    return int(votes.argmax()) if votes.max(initial=0) > 0 else -1


def suggestion_features(
    ground: Ground, label: int, items: NDArray[np.intp], other: int
) -> NDArray[np.float64] | None:
    """Return the row of numbers that says if a cluster is what another label mainly is.

    Parameters
    ----------
    ground
        Of the data set.
    label, items
        The label of the cluster, and the places of its items.
    other
        The label asked about.

    Returns
    -------
    (f,) float64, columns as ``FEATURES``; None where either has fewer than two items.
    """
    own = ground.members[other]
    target = own[ground.main[own]]
    if len(items) < 2 or len(target) < 2:
        return None
    alike = likeness(ground.space[items], ground.space[target])
    near, far = ground.near[items], ground.near[target]
    outside = near[(near >= 0) & (near != label)]
    under_other, own_of_other = float((near == other).mean()), float((far == other).mean())
    probability, probability_own = _told(ground.check, items, label, other)
    share = len(items) / len(ground.members[label])
    found = {
        "affinity": max(alike.affinity, -0.5),
        "mixing": np.log(alike.mixing_a + 0.02),
        "mixing_back": np.log(alike.mixing_b + 0.02),
        "smallness": 1 / np.sqrt(len(items)),
        "smallness_other": 1 / np.sqrt(len(target)),
        "vote": float((outside == other).mean()) if len(outside) else 0.0,
        "under_other": under_other,
        "under_own": float((near == label).mean()),
        "own_of_other": own_of_other,
        "under_other_relative": min(under_other / (own_of_other + 0.01), 10.0),
        "other_under_own": float((far == label).mean()),
        "checked": float((ground.check.best[items] == other).mean()),
        "suspicion": float(ground.check.suspicion[items].mean()),
        "probability": probability,
        "probability_own": probability_own,
        "accuracy": np.log((ground.accuracy + 0.01) / (1.01 - ground.accuracy)),
        "share": share,
        "most_of_label": float(share > 0.5),
        "within": alike.within_a,
        "within_other": alike.within_b,
    }
    return np.array([found[name] for name in FEATURES])


def _told(
    check: CrossCheck, items: NDArray[np.intp], label: int, other: int
) -> tuple[float, float]:
    """Return the mean probability of the other and of the own label, from looks alone."""
    at = check.place[items]
    labels, likely = check.found.posterior.label[at], check.found.likely[at]
    return (
        float(np.where(labels == other, likely, 0).sum(axis=1).mean()),
        float(np.where(labels == label, likely, 0).sum(axis=1).mean()),
    )


def suggested(ground: Ground, label: int, items: NDArray[np.intp]) -> Suggestion | None:
    """Return the label that a cluster should have instead, None where none is likely enough."""
    other = candidate_of(ground, label, items)
    if other < 0:
        return None
    features = suggestion_features(ground, label, items, other)
    if features is None:
        return None
    model = models()["suggestion"]
    probability = model.calibrated(float(model.logit(features[None])[0]))
    return Suggestion(other, probability)


def without_mutual(
    offers: Sequence[Suggestion | None], owner: NDArray[np.intp]
) -> list[Suggestion | None]:
    """Drop the less likely of two suggestions that give two labels to each other.

    Parameters
    ----------
    offers, owner
        The suggestion for each cluster, and the label that the cluster is of.
    """
    best: dict[tuple[int, int], float] = {}
    for label, offer in zip(owner.tolist(), offers, strict=True):
        if offer is not None:
            pair = (label, offer.label)
            best[pair] = max(best.get(pair, 0.0), offer.probability)
    kept: list[Suggestion | None] = []
    for label, offer in zip(owner.tolist(), offers, strict=True):
        back = best.get((offer.label, label), 0.0) if offer is not None else 0.0
        kept.append(offer if offer is not None and offer.probability > back else None)
    return kept
