"""Merges: pairs of labels that are one kind, the opposite of a split.

Where the items of two labels can't be told apart, one kind has two names (*Mushroom* and
*Brown-Cap-Mushroom*). The largest clusters of two labels are compared, for labels that the
cross-check mixes up and for those whose centres lie nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows
from embeddings.neighbors import nearest_of_others
from embeddings.records import MergeFinding
from embeddings.splits import wording
from embeddings.splits.other_labels.likeness import Likeness, likeness
from embeddings.splits.scoring import models

SHOWN_AT: Final = 0.3  # score from which a pair is listed
NEAREST: Final = 2  # other labels that each label is compared with
FEWEST: Final = 4  # items of a label that can be compared
FEATURES: Final = (
    "affinity", "lower_mixing", "higher_mixing", "smallness", "smallness_larger", "accuracy",
    "within",
)  # fmt: skip


def find_merges(
    names: Sequence[str],
    space: NDArray[np.float32],
    members: Sequence[NDArray[np.intp]],
    accuracy: float,
) -> tuple[MergeFinding, ...]:
    """Find pairs of labels that are one kind, likeliest first.

    Parameters
    ----------
    names
        Of the g labels.
    space
        (n, d) float32 items in the shared space.
    members
        Places of the items of the largest cluster of each label, strays left out.
    accuracy
        Mean share of an item's nearest items that are under its label.
    """
    model = models()["merge"]
    found = []
    for a, b in near_pairs(space, members):
        alike = likeness(space[members[a]], space[members[b]])
        features = merge_features(alike, len(members[a]), len(members[b]), accuracy)
        score = model.calibrated(float(model.logit(features[None])[0]))
        if score < SHOWN_AT:
            continue
        mixing = min(alike.mixing_a, alike.mixing_b, 1.0)
        found.append(
            MergeFinding(
                label_a=names[a],
                label_b=names[b],
                score=round(score, 4),
                size_a=len(members[a]),
                size_b=len(members[b]),
                affinity=round(alike.affinity, 4),
                mixing=round(mixing, 4),
                evidence=wording.one_kind(names[a], names[b], mixing),
            )
        )
    return tuple(sorted(found, key=lambda f: (-f.score, f.label_a, f.label_b)))


def near_pairs(
    space: NDArray[np.float32], members: Sequence[NDArray[np.intp]]
) -> list[tuple[int, int]]:
    """Return the pairs of labels whose centres come nearest, each pair once, larger label first."""
    known = [number for number, at in enumerate(members) if len(at) >= FEWEST]
    if len(known) < 2:
        return []
    centres = unit_rows(np.stack([space[members[n]].mean(axis=0) for n in known]))
    near = nearest_of_others(centres, np.arange(len(known)), min(NEAREST, len(known) - 1))
    pairs: set[tuple[int, int]] = set()
    for row, found in enumerate(near.index):
        for other in found[found >= 0]:
            one, two = known[row], known[int(other)]
            larger = (-len(members[one]), one) <= (-len(members[two]), two)
            pairs.add((one, two) if larger else (two, one))
    return sorted(pairs)


def merge_features(
    alike: Likeness, size_a: int, size_b: int, accuracy: float
) -> NDArray[np.float64]:
    """Return (f,) float64 numbers that say if two groups are one kind, as ``FEATURES``."""
    found = {
        "affinity": max(alike.affinity, -0.5),
        "lower_mixing": np.log(min(alike.mixing_a, alike.mixing_b) + 0.02),
        "higher_mixing": np.log(max(alike.mixing_a, alike.mixing_b) + 0.02),
        "smallness": 1 / np.sqrt(min(size_a, size_b)),
        "smallness_larger": 1 / np.sqrt(max(size_a, size_b)),
        "accuracy": np.log((accuracy + 0.01) / (1.01 - accuracy)),
        "within": min(alike.within_a, alike.within_b),
    }
    return np.array([found[name] for name in FEATURES])
