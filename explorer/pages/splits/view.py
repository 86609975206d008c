"""The Splits page as plain data: frames in, frozen view model out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from embeddings import columns as c

if TYPE_CHECKING:
    from explorer.dataset import Dataset

THUMBNAILS = 3  # of each cluster
MOST_CARDS = 100
MOST_LINES = 100
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One cluster on a card; ``images`` are content hashes, most typical first."""

    number: int
    letter: str
    size: int
    suggestion: str | None
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelView:
    """One label; ``place`` is its place in the ranking."""

    place: int
    label: str
    size: int
    score: float
    verdict: str
    reason: str
    evidence: str
    noise: int
    clusters: tuple[ClusterView, ...]


@dataclass(frozen=True, slots=True)
class SplitsView:
    """Everything the page says."""

    heading: str
    explanation: str
    cards: tuple[LabelView, ...]
    lines: tuple[LabelView, ...]
    left_out: int
    unreadable: tuple[tuple[str, str], ...]
    n_unreadable: int
    notes: tuple[str, ...]


def letter(number: int) -> str:
    """Return the letter of a cluster; A is the main one."""
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")


def splits_view(dataset: Dataset) -> SplitsView:
    """Make the view model of the page."""
    classes = dataset.classes
    shown = classes[classes[c.VERDICT] != "one kind"].head(MOST_CARDS)
    rest = classes[classes[c.VERDICT] == "one kind"]
    places = {str(label): place for place, label in enumerate(classes[c.LABEL])}
    bad = dataset.unreadable()
    return SplitsView(
        heading=heading(int(classes[c.IS_SPLIT].sum()), len(classes)),
        explanation=_explanation(classes),
        cards=tuple(_label(dataset, row, places, images=THUMBNAILS) for _, row in shown.iterrows()),
        lines=tuple(
            _label(dataset, row, places, images=4) for _, row in rest.head(MOST_LINES).iterrows()
        ),
        left_out=max(0, len(rest) - MOST_LINES)
        + max(0, int((classes[c.VERDICT] != "one kind").sum()) - MOST_CARDS),
        unreadable=tuple(
            (str(f), str(r))
            for f, r in zip(bad[c.FILE].head(MOST_FILES), bad[c.REASON], strict=False)
        ),
        n_unreadable=len(bad),
        notes=dataset.workspace.notes(),
    )


def heading(n_split: int, n_labels: int) -> str:
    """Say in one sentence how many labels are split."""
    if n_split == 0:
        return "No label hides two kinds"
    verb = "hides" if n_split == 1 else "hide"
    return f"{n_split:,} of {n_labels:,} labels {verb} two kinds of thing"


def _explanation(classes: pd.DataFrame) -> str:
    if not len(classes):
        return "There are no images yet."
    if not bool(classes[c.IS_SPLIT].any()):
        return "Single images may still be wrong."
    return "Ranked by how sure we are. A is the main group of a label, B the odd one."


def _label(dataset: Dataset, row: pd.Series, places: dict[str, int], *, images: int) -> LabelView:
    label = str(row[c.LABEL])
    clusters = dataset.clusters[dataset.clusters[c.LABEL] == row[c.LABEL]]
    size = int(row[c.SIZE])
    return LabelView(
        place=places[label],
        label=label,
        size=size,
        score=float(row[c.SPLIT_SCORE]),
        verdict=str(row[c.VERDICT]),
        reason=str(row[c.SPLIT_REASON] or ""),
        evidence=str(row[c.EVIDENCE] or ""),
        noise=size - int(clusters[c.SIZE].sum()),
        clusters=tuple(
            ClusterView(
                number=int(one[c.CLUSTER]),
                letter=letter(int(one[c.CLUSTER])),
                size=int(one[c.SIZE]),
                suggestion=None if pd.isna(one[c.SUGGESTED_LABEL]) else str(one[c.SUGGESTED_LABEL]),
                images=tuple(dataset.typical(label, int(one[c.CLUSTER]), images)),
            )
            for _, one in clusters.iterrows()
        ),
    )
