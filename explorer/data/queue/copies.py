"""Pictures that are there more than once, as cases: which of each stays is proposed by a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.health import (
    NEAR,
    NEAR_ACROSS_LABELS,
    NEAR_ACROSS_SETS,
    SAME,
    SAME_ACROSS_LABELS,
    SAME_ACROSS_SETS,
)
from embeddings.records import MORE_LIKELY_THAN_NOT
from explorer.data.queue.records import Case, Part

if TYPE_CHECKING:
    from embeddings.health import Finding
    from explorer.data.dataset import Dataset

ACROSS_LABELS: Final = (SAME_ACROSS_LABELS, NEAR_ACROSS_LABELS)
# How sure it is that leaving the copies out is right: equal bytes are equal, likeness is not.
SCORES: Final = {
    SAME: 0.95,
    SAME_ACROSS_SETS: 0.95,
    SAME_ACROSS_LABELS: 0.9,
    NEAR_ACROSS_LABELS: 0.7,
    NEAR_ACROSS_SETS: 0.65,
    NEAR: 0.6,
}
TRAINING = ("train", "training")


@dataclass(frozen=True, slots=True)
class Files:
    """What rules ask of files: ``pixels`` and ``bytes`` (n,) float32, and the data set."""

    dataset: Dataset
    pixels: NDArray[np.float32]
    bytes: NDArray[np.float32]


Rule = Callable[[Files, int], tuple[float, ...]]


def copies_cases(dataset: Dataset) -> list[Case]:
    """Return a case for each finding of copies."""
    files = _files(dataset)
    return [
        _case(files, name, finding)
        for name, finding in dataset.odd.items()
        if finding.kind in SCORES and finding.groups
    ]


def _files(dataset: Dataset) -> Files:
    def column(name: str) -> NDArray[np.float32]:
        if name not in dataset.columns.names:
            return np.zeros(len(dataset), dtype=np.float32)
        return np.nan_to_num(dataset.columns.floats(name))

    return Files(dataset, column(c.WIDTH) * column(c.HEIGHT), column(c.BYTES))


def _case(files: Files, name: str, finding: Finding) -> Case:
    across = finding.kind in ACROSS_LABELS
    rules = tuple(
        (words, tuple(_ordered(files, group, rule, across) for group in finding.groups))
        for words, rule in RULES
    )
    spare = tuple(row for one in rules[0][1] for row in one[1:])
    n = len(finding.groups)
    told = (
        "One picture can't be both: at least one of the labels is wrong"
        if across
        else "A model would count them more than once"
    )
    return Case(
        id=f"copies:{name}",
        kind="copies",
        title=(f"{n:,} picture{' is' if n == 1 else 's are'} here more than once"
               f"{', under different labels' if across else ''}",),
        said=told,
        why="",
        score=SCORES[finding.kind],
        parts=(Part(name, spare, len(spare), rules=rules),),
    )  # fmt: skip


def _ordered(files: Files, rows: Sequence[int], rule: Rule, across: bool) -> tuple[int, ...]:
    """Order copies of one picture; of several labels, one that is suspected comes last."""

    def rank(row: int) -> tuple[float, ...]:
        suspected = float(across and files.dataset.suspicion[row] >= MORE_LIKELY_THAN_NOT)
        return (suspected, *rule(files, row))

    return tuple(sorted((int(row) for row in rows), key=rank))


def pixels(files: Files, row: int) -> tuple[float, ...]:
    """Rank most pixels first, then most bytes."""
    return (-float(files.pixels[row]), -float(files.bytes[row]))


def training(files: Files, row: int) -> tuple[float, ...]:
    """Rank what lies in a folder of the training set first, then most pixels."""
    folders = files.dataset.file_of(row).lower().split("/")
    return (float(not any(name in TRAINING for name in folders)), *pixels(files, row))


def given(files: Files, row: int) -> tuple[float, ...]:
    """Leave the order as it was found."""
    return ()


RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("the largest", pixels),
    ("the one in the training set", training),
    ("the first", given),
)
