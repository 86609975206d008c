"""The Class page as plain data: one label, its clusters side by side, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from embeddings import columns as c
from embeddings.kind_names import kind_words
from explorer.data import cluster_numbers, label_items, letter
from explorer.figures import Group, Sign, token

if TYPE_CHECKING:
    from explorer.data import Dataset

PROOF = 5  # images of the suggested label
SOURCES = {
    "two styles": "What the files are like (grey, size or shape) tells the groups apart as well.",
    "near copies": "One group is a series of nearly the same shot.",
}
SHORT = 60  # characters of a label on the map


@dataclass(frozen=True, slots=True)
class Column:
    """One cluster; ``proof`` are rows of what carries the suggested label today."""

    number: int
    letter: str
    size: int
    is_odd: bool
    title: str
    sentence: str
    suggestion: str | None
    proof: tuple[int, ...]
    kind: str = ""  # what the model's classes call it, and how often


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of evidence: ``title`` in bold, then ``text``."""

    icon: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class LabelView:
    """Everything the page says."""

    place: int
    n_labels: int
    label: str
    heading: str
    sentence: str
    verdict: str
    reason: str
    score: float
    before: str | None
    after: str | None
    columns: tuple[Column, ...]
    n_noise: int
    n_unreadable: int
    reasons: tuple[Reason, ...]
    groups: tuple[Group, ...]
    signs: tuple[Sign, ...]
    items: list[dict[str, Any]]  # as of label_items
    decided: dict[int, str]  # row → decision
    may_decide: bool


def label_view(dataset: Dataset, label: str, decided: dict[int, str] | None = None) -> LabelView:
    """Make the view model of a label that the data set has.

    ``decided`` holds what was decided on its items by row; None: none are kept.
    """
    place = dataset.places[label]
    row = dataset.classes.iloc[place]
    clusters = dataset.clusters_of(label)
    rows = dataset.rows_of(label)
    numbers = [n for n in cluster_numbers(dataset, label) if n >= 0]
    known = {int(one[c.CLUSTER]): one for _, one in clusters.iterrows()}
    columns = tuple(_column(dataset, label, n, known.get(n)) for n in numbers)
    on_map = np.isfinite(dataset.label_xy[rows, 0])
    noise = int((on_map & (dataset.cluster[rows] < 0)).sum())
    reason = str(row[c.SPLIT_REASON] or "")
    return LabelView(
        place=place,
        n_labels=len(dataset.labels),
        label=label,
        heading=heading(label, str(row[c.VERDICT]), len(columns)),
        sentence=sentence(columns),
        verdict=str(row[c.VERDICT]),
        reason=reason,
        score=float(row[c.SPLIT_SCORE]),
        before=dataset.labels[place - 1] if place else None,
        after=dataset.labels[place + 1] if place + 1 < len(dataset.labels) else None,
        columns=columns,
        n_noise=noise,
        n_unreadable=int((~on_map).sum()),
        reasons=tuple(reasons(str(row[c.EVIDENCE] or ""), reason, columns, known)),
        groups=tuple(_groups(dataset, label)),
        signs=tuple(_signs(dataset, label, columns)),
        items=label_items(dataset, label),
        decided=decided or {},
        may_decide=decided is not None,
    )


def heading(label: str, verdict: str, n_columns: int) -> str:
    """Say in one sentence what the label is."""
    if verdict == "one kind":
        return f"“{label}” is one kind of thing"
    kinds = {3: "three", 4: "four"}.get(n_columns, "two" if n_columns < 3 else f"{n_columns}")
    return f"“{label}” {'is' if verdict == 'two kinds' else 'is perhaps'} {kinds} kinds of thing"


def sentence(columns: tuple[Column, ...]) -> str:
    """Say what each side shows."""
    if not columns:
        return "No image of it could be placed."
    main, odd = [one for one in columns if not one.is_odd], [one for one in columns if one.is_odd]
    size = sum(one.size for one in main)
    if not odd:
        return f"All {size:,} images hang together."
    named = [f"{one.size:,} look like {one.suggestion}" for one in odd if one.suggestion]
    alone = sum(one.size for one in odd if not one.suggestion)
    named += [f"{alone:,} are like no other label"] if alone else []
    kinds = "one kind" if len(main) == 1 else f"{len(main)} kinds of their own"
    return f"{size:,} images show {kinds}; {'; '.join(named)}."


def _column(dataset: Dataset, label: str, number: int, row: pd.Series | None) -> Column:
    size = len(dataset.members(label, number))
    odd = row is not None and bool(row[c.IS_ODD])
    wanted = None if row is None else row[c.SUGGESTED_LABEL]
    suggestion = None if wanted is None or pd.isna(wanted) else str(wanted)
    said = "No other label comes close." if odd else "Fits its label. Nothing to do."
    if suggestion is not None and row is not None:
        said = f"Looks like images that are labelled {suggestion} already."
    nearest = None if row is None else row.get(c.NEAREST_LABEL)
    if odd and suggestion is None and nearest is not None and not pd.isna(nearest):
        said = f"Like no other label; the nearest is {nearest}."
    return Column(
        number=number,
        letter=letter(number),
        size=size,
        is_odd=odd,
        title=label if not odd else f"looks like {suggestion}" if suggestion else "another kind",
        sentence=said,
        kind=kind_words(row) if row is not None else "",
        suggestion=suggestion,
        proof=tuple(dataset.typical(suggestion, dataset.main_cluster(suggestion), PROOF))
        if suggestion
        else (),
    )


def reasons(
    evidence: str, reason: str, columns: tuple[Column, ...], known: dict[int, pd.Series]
) -> list[Reason]:
    """Return the lines of evidence, strongest first."""
    out = [Reason("icon-split", "Seen.", evidence)] if evidence else []
    for column in (one for one in columns if one.is_odd):
        row = known.get(column.number)
        if row is None:
            continue
        share, nearest = float(row.get(c.OUTSIDE_SHARE, np.nan)), row.get(c.NEAREST_LABEL)
        if np.isfinite(share) and nearest is not None and not pd.isna(nearest):
            text = (
                f"Of what lies nearest to {column.letter} outside of it, {amount(share)} is under "
                f"other labels; the nearest label is {nearest}."
            )
            out.append(Reason("icon-near", "Neighbours.", text))
        gap = float(row.get(c.GAP, np.nan))
        if np.isfinite(gap):
            out.append(Reason("icon-gap", "Gap.", _gap(gap, column.letter)))
        stability = float(row.get(c.STABILITY, np.nan))
        if np.isfinite(stability):
            text = (
                f"Looked for in parts of the images, {column.letter} came out {again(stability)}."
            )
            out.append(Reason("icon-again", "Steady.", text))
    if reason in SOURCES:
        out.append(Reason("icon-file", "The source.", SOURCES[reason]))
    return out


def amount(share: float) -> str:
    """Say a share in words."""
    steps = ((0.99, "all"), (0.85, "nearly all"), (0.6, "most"), (0.4, "about half"), (0.1, "some"))
    return next((word for least, word in steps if share >= least), "hardly any")


def again(stability: float) -> str:
    """Say how often a cluster came out again."""
    if stability >= 0.95:
        return "every time"
    return "most times" if stability >= 0.6 else "only now and then"


def _gap(gap: float, name: str) -> str:
    if gap >= 0.9:
        return f"{name} has nothing in common with the rest of the label."
    if gap >= 0.5:
        return f"{name} stands well apart from the rest of the label."
    return f"{name} is close to the rest of the label: a variation?"


def _groups(dataset: Dataset, label: str) -> list[Group]:
    out = []
    for number in sorted(cluster_numbers(dataset, label)):  # noise first, so that it lies below
        rows = dataset.members(label, number)
        name = "in neither" if number < 0 else letter(number)
        xy = dataset.label_xy[rows]
        out.append(Group(name, token(number), rows, xy, opacity=0.6 if number < 0 else 0.85))
    return out


def _signs(dataset: Dataset, label: str, columns: tuple[Column, ...]) -> list[Sign]:
    signs = []
    for column in columns:
        xy = dataset.label_xy[dataset.members(label, column.number)]
        name = f"{column.suggestion}?" if column.suggestion else "" if column.is_odd else label
        text = f"{column.letter} · {name[:SHORT]}" if name else column.letter
        signs.append(Sign(text, float(np.median(xy[:, 0])), float(xy[:, 1].max()), strong=True))
    return signs
