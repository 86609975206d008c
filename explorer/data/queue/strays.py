"""Single items that may carry a wrong label, each with its own suggestion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from explorer.data.queue.records import Case, Part

if TYPE_CHECKING:
    from collections.abc import Collection

    from explorer.data.dataset import Dataset, Rows

ALL = "strays"
ACCEPT_FROM = 0.8  # how sure a suggestion is to be ticked from the start


@dataclass(frozen=True, slots=True)
class Strays:
    """Single suspects, the surest first; the four are parallel.

    ``suggested`` is "" where no other label is likelier; ``sure`` (n,) float32 in [0, 1] is how
    sure the suggestion is.
    """

    rows: Rows
    labels: tuple[str, ...]
    suggested: tuple[str, ...]
    sure: NDArray[np.float32]


def strays_of(dataset: Dataset, rows: Rows | None = None, column: str = "") -> Strays:
    """Return the single suspects of a run, or ``rows`` as if they were.

    The suspicion and the suggestion are the item's own, never its cluster's: items in the odd
    part of a split are left to that split, whose one decision settles them all.

    ``column`` names where else the suggestion stands, such as what the cross-check says.
    """
    held = dataset.singles if rows is None else rows
    labels = dataset.texts_at(c.LABEL, held)
    said = dataset.texts_at(column or c.SUGGESTED_LABEL, held)
    suggested = [to if to != label else "" for to, label in zip(said, labels, strict=True)]
    known = dataset.columns.names
    sure = dataset.suspicion[held]
    if not column and c.SUGGESTED_PROBABILITY in known:
        named = np.nan_to_num(dataset.columns.floats(c.SUGGESTED_PROBABILITY)[held])
        sure = np.where(np.array([bool(to) for to in suggested], dtype=bool), named, sure)
    sure = np.where(np.array([bool(to) for to in suggested], dtype=bool), sure, 0)
    order = np.argsort(-sure, kind="stable")
    return Strays(
        rows=np.asarray(held[order]),
        labels=tuple(labels[n] for n in order),
        suggested=tuple(suggested[n] for n in order),
        sure=np.asarray(sure[order], dtype=np.float32),
    )


def stray_cases(dataset: Dataset) -> list[Case]:
    """Return one case that holds all single suspects; none where there are none."""
    found = strays_of(dataset)
    n = len(found.rows)
    if not n:
        return []
    sure = int((found.sure >= ACCEPT_FROM).sum())
    verb = "image may be" if n == 1 else "images may be"
    return [
        Case(
            id=ALL,
            kind="stray",
            title=(f"{n:,} single {verb} under a wrong label",),
            said=f"{sure:,} of them sure enough to take as they are" if sure else "Look at each",
            why="Each has its own suggestion. Nothing is written before you accept.",
            score=float(np.median(found.sure)),
            parts=(Part("", tuple(int(row) for row in found.rows), n),),
        )
    ]


def suspects_by_label(dataset: Dataset, decided: Collection[int]) -> dict[str, int]:
    """Return how many single suspects of each label are undecided, labels without any left out."""
    counts: dict[str, int] = {}
    for row in dataset.singles.tolist():
        if row not in decided:
            label = dataset.label_of(row)
            counts[label] = counts.get(label, 0) + 1
    return counts
