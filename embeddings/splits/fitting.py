"""Features of all cuts, suggestions and merges of a data set, to fit the models on.

Used by ``benchmarks/fit_weights.py`` alone. The features are made by the functions that a run uses,
so the weights fit what a run computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import by_group, labels_of, rows_of
from embeddings.records import in_turn, no_progress
from embeddings.splits.evidence import FEATURES as CUT_FEATURES
from embeddings.splits.evidence import GROUPS as FEATURE_GROUPS
from embeddings.splits.evidence import cut_features
from embeddings.splits.look import label_evidence, look_at
from embeddings.splits.other_labels import (
    MERGE_FEATURES,
    SUGGESTION_FEATURES,
    Ground,
    candidate_of,
    likeness,
    merge_features,
    near_pairs,
    suggestion_features,
)

__all__ = [
    "CUT_FEATURES",
    "FEATURE_GROUPS",
    "MERGE_FEATURES",
    "SUGGESTION_FEATURES",
    "Evidence",
    "WeighedCut",
    "WeighedOffer",
    "WeighedPair",
    "evidence_of",
]


@dataclass(frozen=True, slots=True)
class WeighedCut:
    """A cut of a label: its ``features``, the places of the items, and which are ``inside``."""

    label: str
    features: NDArray[np.float64]
    items: NDArray[np.intp]
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WeighedOffer:
    """A label suggested for some ``items``: that of the items ``target``."""

    features: NDArray[np.float64]
    items: NDArray[np.intp]
    target: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class WeighedPair:
    """Two labels that may be one kind: places of the items of ``a`` and ``b``."""

    features: NDArray[np.float64]
    a: NDArray[np.intp]
    b: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The features of a data set: of cuts, of suggestions, and of pairs of labels."""

    cuts: tuple[WeighedCut, ...]
    offers: tuple[WeighedOffer, ...]
    pairs: tuple[WeighedPair, ...]


def evidence_of(
    X: NDArray[Any], labels: Sequence[str] | NDArray[Any], *, seed: int = 0
) -> Evidence:
    """Return the features of all cuts, suggestions and pairs of a data set of several labels.

    Parameters
    ----------
    X, labels
        (n, d) embeddings, and the label of each.
    seed
        As of ``find_splits``.
    """
    rows = rows_of(X)
    seen = look_at(
        rows,
        labels_of(labels, len(rows)),
        candidates=None,
        groups=None,
        seed=seed,
        progress=no_progress,
        each=in_turn,
    )
    group, around, works, cuts = seen.group, seen.around, seen.works, seen.cuts
    members = by_group(group, len(seen.names))
    ground = Ground(
        around.space, group, around.near_labels, ~around.stray, members, around.check,
        around.accuracy,
    )  # fmt: skip
    weighed, offers = [], []
    for work, found in zip(works, cuts, strict=True):
        if found is None:
            continue
        items = work.first[work.chosen]
        features = cut_features(label_evidence(work, around, items), seen.data_set, found)
        weighed += [
            WeighedCut(work.name, row, items, inside)
            for row, inside in zip(features, found.inside, strict=True)
        ]
        for side in (found.inside[0], ~found.inside[0]):
            offers += _offers(ground, work.number, items[side])
    kept = [own[~around.stray[own]] for own in members]
    pairs = tuple(
        WeighedPair(
            merge_features(
                likeness(around.space[kept[a]], around.space[kept[b]]),
                len(kept[a]),
                len(kept[b]),
                around.accuracy,
            ),
            kept[a],
            kept[b],
        )
        for a, b in near_pairs(around.space, kept)
    )
    return Evidence(tuple(weighed), tuple(offers), pairs)


def _offers(ground: Ground, label: int, items: NDArray[np.intp]) -> list[WeighedOffer]:
    other = candidate_of(ground, label, items)
    features = suggestion_features(ground, label, items, other) if other >= 0 else None
    if features is None:
        return []
    target = ground.members[other]
    return [WeighedOffer(features, items, target[ground.main[target]])]
