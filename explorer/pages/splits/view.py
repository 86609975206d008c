"""The Splits page as plain data: frames in, frozen view model out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.kind_names import kind_words
from explorer.data import letter, new_label_of
from explorer.pages.splits.query import SHOWS, Query

if TYPE_CHECKING:
    from explorer.data import Dataset

THUMBNAILS = 3  # of each cluster
CHUNK = 40  # labels that come at once
BINS = 25
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One cluster on a card; ``images`` are rows, most typical first."""

    number: int
    letter: str
    size: int
    is_odd: bool
    suggestion: str | None
    images: tuple[int, ...]
    kind: str = ""  # what the model's classes call it, and how often
    new: str = ""  # a label that could be made for it where none fits


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
    decided: int = 0  # images of it
    suspects: int = 0  # single images of it that look like another label, undecided


@dataclass(frozen=True, slots=True)
class Bin:
    """Labels with a score in [low, high): how many, and the verdict of most of them."""

    low: float
    high: float
    count: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some labels of the list that was asked for; ``more`` are still to come after ``end``."""

    cards: tuple[LabelView, ...]
    lines: tuple[LabelView, ...]
    end: int
    more: int


@dataclass(frozen=True, slots=True)
class SplitsView:
    """Everything the page says; ``counts`` holds how many labels each filter shows."""

    query: Query
    heading: str
    explanation: str
    counts: dict[str, int]
    bins: tuple[Bin, ...]
    n_found: int
    n_one_kind: int
    n_suspects: int
    first: Chunk
    unreadable: tuple[tuple[str, str], ...]
    n_unreadable: int
    notes: tuple[str, ...]
    may_decide: bool


def splits_view(
    dataset: Dataset,
    query: Query,
    decided: Mapping[str, int] | None = None,
    suspects: Mapping[str, int] | None = None,
) -> SplitsView:
    """Make the view model of the page.

    ``decided`` says how many images of a label are decided; None: nothing can be decided.
    ``suspects`` says how many single images of a label look like another, by label.
    """
    single = suspects or {}
    n_suspects = sum(single.values())
    classes = dataset.classes
    bad = dataset.unreadable()
    found = asked_for(dataset, query, decided)
    whole = (classes[c.VERDICT].iloc[found] == "one kind").sum()
    return SplitsView(
        query=query,
        heading=heading(int(classes[c.IS_SPLIT].sum()), len(classes)),
        explanation=_explanation(classes, n_suspects),
        counts={
            name: int(classes[c.VERDICT].isin(verdicts).sum())
            for name, (_, verdicts) in SHOWS.items()
        },
        bins=bins(
            classes[c.SPLIT_SCORE].to_numpy(dtype=np.float64), classes[c.VERDICT].to_numpy(object)
        ),
        n_found=len(found),
        n_one_kind=int(whole),
        n_suspects=sum(
            single.get(dataset.labels[place], 0)
            for place in found
            if classes[c.VERDICT].iloc[place] == "one kind"
        ),
        first=chunk(dataset, query, 0, decided, single),
        unreadable=tuple(
            (str(f), str(r))
            for f, r in zip(bad[c.FILE].head(MOST_FILES), bad[c.REASON], strict=False)
        ),
        n_unreadable=len(bad),
        notes=dataset.workspace.notes(),
        may_decide=decided is not None,
    )


def asked_for(
    dataset: Dataset, query: Query, decided: Mapping[str, int] | None = None
) -> NDArray[np.intp]:
    """Return the places of the labels that a query shows, in its order.

    Whatever the order, labels that are one kind come after the others: they are lines, not cards.
    """
    classes = dataset.classes
    score = classes[c.SPLIT_SCORE].to_numpy(dtype=np.float64)
    verdicts = classes[c.VERDICT].to_numpy(dtype=object)
    keep = (score >= query.low) & (score <= query.high)
    keep &= classes[c.SIZE].to_numpy() >= query.least
    keep &= np.isin(verdicts, SHOWS[query.show][1])
    if query.done:
        known = decided or {}
        keep &= np.array([(label in known) == (query.done == "yes") for label in dataset.labels])
    if query.q:
        wanted = query.q.casefold()
        keep &= np.array([wanted in label.casefold() for label in dataset.labels], dtype=bool)
    places = np.flatnonzero(keep)
    keys: list[NDArray[np.generic]] = [places]
    if query.sort == "size":
        keys.append(-classes[c.SIZE].to_numpy()[places])
    elif query.sort == "name":
        keys.append(np.array([dataset.labels[p].casefold() for p in places], dtype=str))
    keys.append(verdicts[places] == "one kind")
    return places[np.lexsort(keys)] if len(places) else places


def chunk(
    dataset: Dataset,
    query: Query,
    start: int,
    decided: Mapping[str, int] | None = None,
    suspects: Mapping[str, int] | None = None,
) -> Chunk:
    """Return the labels from ``start`` on."""
    found = asked_for(dataset, query, decided)
    known, single = decided or {}, suspects or {}
    end = min(start + CHUNK, len(found))
    verdicts = dataset.classes[c.VERDICT]
    some = [int(place) for place in found[start:end]]
    whole = [verdicts.iloc[place] == "one kind" for place in some]
    return Chunk(
        cards=tuple(
            _label(dataset, p, known, single, images=THUMBNAILS)
            for p, w in zip(some, whole, strict=True)
            if not w
        ),
        lines=tuple(
            _label(dataset, p, known, single, images=4)
            for p, w in zip(some, whole, strict=True)
            if w
        ),
        end=end,
        more=len(found) - end,
    )


def bins(scores: NDArray[np.float64], verdicts: NDArray[np.object_]) -> tuple[Bin, ...]:
    """Return the distribution of the scores."""
    which = np.clip((scores * BINS).astype(int), 0, BINS - 1)
    out = []
    for number in range(BINS):
        inside = verdicts[which == number]
        names, counts = np.unique(inside.astype(str), return_counts=True)
        most = str(names[counts.argmax()]) if len(names) else "one kind"
        out.append(Bin(number / BINS, (number + 1) / BINS, len(inside), most))
    return tuple(out)


def heading(n_split: int, n_labels: int) -> str:
    """Say in one sentence how many labels are split."""
    if n_split == 0:
        return "No label hides two kinds"
    verb = "hides" if n_split == 1 else "hide"
    return f"{n_split:,} of {n_labels:,} labels {verb} two kinds of thing"


def _explanation(classes: pd.DataFrame, n_suspects: int) -> str:
    if not len(classes):
        return "There are no images yet."
    if not bool(classes[c.IS_SPLIT].any()):
        images = "image" if n_suspects == 1 else "images"
        return f"{n_suspects:,} single {images} may still be wrong." if n_suspects else ""
    return "Most certain first. A is the larger group; B may not belong."


def _label(
    dataset: Dataset,
    place: int,
    decided: Mapping[str, int],
    suspects: Mapping[str, int],
    *,
    images: int,
) -> LabelView:
    row = dataset.classes.iloc[place]
    label = dataset.labels[place]
    clusters = dataset.clusters_of(label)
    size = int(row[c.SIZE])
    return LabelView(
        place=place,
        label=label,
        size=size,
        score=float(row[c.SPLIT_SCORE]),
        verdict=str(row[c.VERDICT]),
        reason=str(row[c.SPLIT_REASON] or ""),
        evidence=f"{row[c.EVIDENCE] or ''} {dataset.right_on(label)}".strip(),
        decided=decided.get(label, 0),
        suspects=suspects.get(label, 0),
        noise=size - int(clusters[c.SIZE].sum()),
        clusters=tuple(
            ClusterView(
                number=int(one[c.CLUSTER]),
                letter=letter(int(one[c.CLUSTER])),
                size=int(one[c.SIZE]),
                kind=kind_words(one),
                new=new_label_of(dataset, label, int(one[c.CLUSTER])) if one[c.IS_ODD] else "",
                is_odd=bool(one[c.IS_ODD]),
                suggestion=None if pd.isna(one[c.SUGGESTED_LABEL]) else str(one[c.SUGGESTED_LABEL]),
                images=tuple(dataset.typical(label, int(one[c.CLUSTER]), images)),
            )
            for _, one in clusters.iterrows()
        ),
    )
