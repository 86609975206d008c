"""Styles that run through labels, as cases: the same difference is decided once for all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings import columns as c
from explorer.data.columns import numbers_in, texts_in
from explorer.data.queue.records import Case, Part

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset

# the words of a style may say in how many labels it is; so does the title
_COUNTED = re.compile(r",? in [\d,]+ labels$")


def style_cases(dataset: Dataset) -> list[Case]:
    """Return a case for each style that a run names, with the labels in which it was found."""
    styles = texts_in(dataset.classes, c.STYLE)
    groups = numbers_in(dataset.classes, c.STYLE_GROUP)
    found: dict[tuple[int, str], list[str]] = {}
    for label, style, group in zip(dataset.labels, styles, groups, strict=True):
        if style:
            # a number says more than the words, which may name how many labels share the style
            found.setdefault((group, "" if group >= 0 else style), []).append(label)
    words = dict(zip(dataset.labels, styles, strict=True))
    cases = []
    for labels in found.values():
        parts = tuple(part for label in labels for part in _parts(dataset, label))
        if parts:
            cases.append(_case(words[labels[0]], labels, parts))
    return cases


def _parts(dataset: Dataset, label: str) -> list[Part]:
    """Return what differs in style: the odd clusters, else all but the largest."""
    parts = []
    numbers = sorted(int(n) for n in dataset.clusters_of(label)[c.CLUSTER] if n >= 0)
    for number in dataset.odd_clusters(label) or numbers[1:]:
        members = tuple(int(row) for row in dataset.members(label, number))
        if members:
            parts.append(Part(label, members, len(members)))
    return parts


def _case(style: str, labels: list[str], parts: tuple[Part, ...]) -> Case:
    n = len(labels)
    where = (f"{n:,} labels", "") if n > 1 else ("", labels[0])
    return Case(
        id=f"style:{labels[0]}",
        kind="style",
        title=(f"One style in {where[0]}", where[1], f": {_COUNTED.sub('', style)}"),
        said="A way of taking pictures, not a kind of thing",
        why="If the labels are right whatever the style, one decision settles all of them.",
        score=0.75 if n > 1 else 0.6,
        parts=parts,
        labels=tuple(labels),
    )
