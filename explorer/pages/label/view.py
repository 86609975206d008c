"""The Class page as plain data: one label, its clusters side by side, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from embeddings import columns as c
from embeddings.kind_names import kind_words
from explorer.data import (
    cluster_numbers,
    in_words,
    label_items,
    letter,
    new_label_of,
    shown_by,
    strays_of,
    suggestion_of,
)
from explorer.figures import Group, Part, Sign, part_groups, part_signs

if TYPE_CHECKING:
    from explorer.data import Dataset

PROOF = 5  # images of the suggested label
SOURCES = {
    "two styles": "The groups differ in colour, size or shape of their files as well: two styles?",
    "near copies": "One group is a series of nearly the same picture.",
}


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
    new: str = ""  # a label that could be made for it where none fits


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
    suspects: tuple[tuple[int, str], ...]  # row of a single suspect, what it looks like
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
    found = _suspects(dataset, label)
    suspects = tuple((row, to) for row, to in found if row not in (decided or {}))
    columns = tuple(_column(dataset, label, n, known.get(n), suspects) for n in numbers)
    on_map = np.isfinite(dataset.label_xy[rows, 0])
    noise = int((on_map & (dataset.cluster[rows] < 0)).sum())
    reason = str(row[c.SPLIT_REASON] or "")
    parts = _parts(dataset, label, columns)
    return LabelView(
        place=place,
        n_labels=len(dataset.labels),
        label=label,
        heading=heading(label, str(row[c.VERDICT]), len(columns)),
        sentence=sentence(columns, len(suspects)),
        verdict=str(row[c.VERDICT]),
        reason=reason,
        score=float(row[c.SPLIT_SCORE]),
        before=dataset.labels[place - 1] if place else None,
        after=dataset.labels[place + 1] if place + 1 < len(dataset.labels) else None,
        columns=columns,
        n_noise=noise,
        n_unreadable=int((~on_map).sum()),
        reasons=(
            *reasons(str(row[c.EVIDENCE] or ""), reason, columns, known),
            *_your_model(dataset.right_on(label)),
        ),
        groups=tuple(part_groups(parts)),
        signs=tuple(part_signs(parts)),
        items=label_items(dataset, label),
        decided=decided or {},
        suspects=suspects,
        may_decide=decided is not None,
    )


def heading(label: str, verdict: str, n_columns: int) -> str:
    """Say in one sentence what the label is."""
    if verdict == "one kind":
        return f"“{label}” is one kind of thing"
    kinds = in_words(max(2, n_columns))
    return f"“{label}” {'is' if verdict == 'two kinds' else 'is perhaps'} {kinds} kinds of thing"


def sentence(columns: tuple[Column, ...], n_suspects: int = 0) -> str:
    """Say what each side shows, and how many single images look like another label."""
    if not columns:
        return "No image of it could be placed."
    odd = [one for one in columns if one.is_odd]
    single = ""
    if n_suspects:
        looks = "image looks" if n_suspects == 1 else "images look"
        single = f" {n_suspects:,} single {looks} like another label."
    if not odd:
        whole = sum(one.size for one in columns)
        rest = "" if single else " Nothing to do here."
        return f"All {whole:,} images form one group.{rest}{single}"
    stays = sum(one.size for one in columns if not one.is_odd)
    named = [f"{_look(one.size)} like {one.suggestion}" for one in odd if one.suggestion]
    alone = sum(one.size for one in odd if not one.suggestion)
    named += [f"{_look(alone)} like no other label"] if alone else []
    together = f"{stays:,} images belong together" if stays != 1 else "1 image stands by itself"
    return f"{together}; {'; '.join(named)}.{single}"


def _look(n: int) -> str:
    return "1 looks" if n == 1 else f"{n:,} look"


def _suspects(dataset: Dataset, label: str) -> list[tuple[int, str]]:
    """Return the single suspects of a label, and what each looks like, "" for nothing known."""
    own = [int(row) for row in dataset.singles if dataset.label_of(int(row)) == label]
    found = strays_of(dataset, np.asarray(own, dtype=np.intp))
    return [(int(row), to) for row, to in zip(found.rows, found.suggested, strict=True)]


def _column(
    dataset: Dataset,
    label: str,
    number: int,
    row: pd.Series | None,
    suspects: tuple[tuple[int, str], ...],
) -> Column:
    members = dataset.members(label, number)
    odd = number in dataset.odd_clusters(label)
    suggestion = suggestion_of(dataset, label, number) if odd else None
    inside = len({one for one, _ in suspects} & set(members.tolist()))
    said = "Looks like no other label."
    if not odd:
        said = "Fits its label. Nothing to do."
        if inside:
            marked = "image is" if inside == 1 else "images are"
            said = f"Fits its label, but {inside:,} single {marked} in question."
    elif suggestion is not None:
        said = f"Looks like images that are labelled {suggestion} already."
    else:
        nearest = None if row is None else row.get(c.NEAREST_LABEL)
        if nearest is not None and not pd.isna(nearest):
            said = f"Looks like no other label; {nearest} comes nearest."
    return Column(
        number=number,
        letter=letter(number),
        size=len(members),
        title=_title(dataset, label, number) if odd else label,
        sentence=said,
        kind=kind_words(row) if row is not None else "",
        new=new_label_of(dataset, label, number) if odd else "",
        suggestion=suggestion,
        proof=_proof(dataset, suggestion),
        is_odd=odd,
    )


def _title(dataset: Dataset, label: str, number: int) -> str:
    """Say what an odd cluster is."""
    if suggestion := suggestion_of(dataset, label, number):
        return f"looks like {suggestion}"
    return shown_by(dataset, label, number) or "another kind"


def _proof(dataset: Dataset, suggestion: str | None) -> tuple[int, ...]:
    """Return images of what carries the suggested label today."""
    if suggestion is None:
        return ()
    return tuple(dataset.typical(suggestion, dataset.main_cluster(suggestion), PROOF))


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
            out.append(Reason("icon-near", "Look-alikes.", alike(share, column.letter, nearest)))
        gap = float(row.get(c.GAP, np.nan))
        if np.isfinite(gap):
            out.append(Reason("icon-gap", "Distance.", _gap(gap, column.letter)))
        stability = float(row.get(c.STABILITY, np.nan))
        if np.isfinite(stability):
            text = (
                f"We hid some images and searched again; {column.letter} appeared "
                f"{again(stability)}."
            )
            out.append(Reason("icon-again", "Repeatable.", text))
    if reason in SOURCES:
        out.append(Reason("icon-file", "The files.", SOURCES[reason]))
    return out


def _your_model(said: str) -> list[Reason]:
    return [Reason("icon-slices", "Your model.", said)] if said else []


def alike(share: float, letter: str, nearest: str) -> str:
    """Say which labels the look-alikes of a cluster carry."""
    steps = ((0.99, "all"), (0.85, "nearly all"), (0.6, "mostly"), (0.4, "in about half the cases"))
    how = next((word for least, word in steps if share >= least), "")
    if not how:
        return f"The images most like {letter} mostly carry its own label."
    return f"The images most like {letter} {how} have other labels; most often {nearest}."


def again(stability: float) -> str:
    """Say how often a cluster came out again."""
    if stability >= 0.95:
        return "every time"
    return "most times" if stability >= 0.6 else "only now and then"


def _gap(gap: float, name: str) -> str:
    if gap >= 0.9:
        return f"{name} and the rest look entirely different."
    if gap >= 0.5:
        return f"{name} and the rest look clearly different."
    return f"{name} and the rest look much alike: a variation?"


def _parts(dataset: Dataset, label: str, columns: tuple[Column, ...]) -> list[Part]:
    """Return what the map shows of the label: its columns, and what is in no group."""
    odd = {one.number for one in columns if one.is_odd}
    return [
        Part(
            number, letter(number), label, number in odd, shown_by(dataset, label, number),
            rows, dataset.label_xy[rows],
        )
        for number in cluster_numbers(dataset, label)
        for rows in (dataset.members(label, number),)
    ]  # fmt: skip
