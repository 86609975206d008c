"""Computed once before labels are cut: the shared space, neighbours, cross-check and strays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows, shared_space
from embeddings.cross_check import CrossCheck, cross_check
from embeddings.neighbors import Neighbours, Wanted, search
from embeddings.records import Progress
from embeddings.splits.evidence import find_strays

NEIGHBOURS: Final = 10  # nearest items of other content of each item
ELSEWHERE: Final = 3  # nearest items under other labels
# Share of nearest items under the own label beyond chance, in standard errors and absolutely, below
# which the labels can't be told apart at all.
TELLS_APART_ERRORS: Final = 4.0
TELLS_APART_AT_LEAST: Final = 0.03


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the items before any label is cut; arrays in the order of the data set."""

    space: NDArray[np.float32]
    group: NDArray[np.intp]
    content: NDArray[np.intp]
    near: Neighbours
    elsewhere: Neighbours
    near_labels: NDArray[np.intp]
    check: CrossCheck
    stray: NDArray[np.bool_]
    accuracy: float
    chance: float


def look_around(
    rows: Rows, group: NDArray[np.intp], content: NDArray[np.intp], seed: int, progress: Progress
) -> Surroundings:
    """Place the items in one space, find their neighbours, cross-check the labels."""
    n_labels = int(group.max()) + 1
    counted = np.zeros(len(group), dtype=bool)
    counted[np.unique(content * n_labels + group, return_index=True)[1]] = True
    space = shared_space(rows, group, counted)
    near, elsewhere = search(
        space,
        [Wanted(content, NEIGHBOURS), Wanted(group, ELSEWHERE)],
        seed=seed,
        progress=progress,
    )
    near_labels = np.where(near.index >= 0, group[near.index], -1)
    check = cross_check(rows, group, content, near.index, seed=seed, progress=progress)
    stray = find_strays(space, group, content, elsewhere.similarity, check)
    asked = near_labels >= 0
    accuracy = float((near_labels == group[:, None]).sum() / max(int(asked.sum()), 1))
    shares = np.bincount(group[counted]) / int(counted.sum())
    return Surroundings(
        space, group, content, near, elsewhere, near_labels, check, stray,
        accuracy, float((shares**2).sum()),
    )  # fmt: skip


def tell_apart(around: Surroundings) -> bool:
    """Say whether the labels can be told apart at all, better than by chance."""
    n = len(around.check.first)
    error = np.sqrt(around.chance * (1 - around.chance) / max(n, 1))
    least = max(TELLS_APART_ERRORS * error, TELLS_APART_AT_LEAST * (1 - around.chance))
    return bool(around.accuracy - around.chance > least)
