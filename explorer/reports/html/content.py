"""From a run and the decisions on it to what the report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.kind_names import kind_words
from embeddings.workspace import GIVEN
from explorer.data import Dataset, letter
from explorer.figures import small_dot_size
from explorer.reports.html.maps import part_map
from explorer.reports.html.pictures import Album, album
from explorer.reports.html.records import Card, Part, Report, Single

MOST_PARTS: Final = 6  # of a label
MOST_SINGLES: Final = 30
MOST_UNREADABLE: Final = 20
MOST_DECIDED: Final = 60  # lines of what was decided


def report_of(dataset: Dataset, decided: Mapping[int, str], *, images: bool) -> Report:
    """Say everything that is worth sending of a run.

    Parameters
    ----------
    decided
        Row → decision in force (``relabel: car``).
    images
        Show pictures.
    """
    classes = dataset.classes
    verdicts = classes[c.VERDICT].to_numpy(dtype=object)
    places = np.flatnonzero(verdicts != "one kind").tolist()
    pictures = album(dataset, len(places), images=images)
    by_label = _by_label(dataset, decided)
    cards = tuple(_card(dataset, place, pictures, by_label) for place in places)
    singles = dataset.singles
    shown = tuple(_single(dataset, int(row), pictures) for row in singles[:MOST_SINGLES])
    notes = dataset.workspace.notes()
    if pictures.left_out:
        notes = (*notes, f"{pictures.left_out:,} pictures were left out, to keep this file small.")
    return Report(
        name=dataset.workspace.name,
        run=dataset.run_id,
        heading=_heading(int((verdicts == "two kinds").sum()), len(classes)),
        facts=_facts(dataset, len(decided)),
        cards=cards,
        whole=tuple(
            (dataset.labels[place], int(classes[c.SIZE].iloc[place]))
            for place in np.flatnonzero(verdicts == "one kind").tolist()
        ),
        singles=shown,
        n_singles=len(singles),
        health=_health(dataset),
        decided=_decided(by_label),
        notes=notes,
    )


def _heading(n_split: int, n_labels: int) -> str:
    if not n_split:
        return "No label hides two kinds of thing"
    verb = "hides" if n_split == 1 else "hide"
    return f"{n_split:,} of {n_labels:,} labels {verb} two kinds of thing"


def _facts(dataset: Dataset, n_decided: int) -> tuple[str, ...]:
    model = dataset.workspace.info.model
    name = model.name if model else GIVEN
    return (
        f"{len(dataset):,} images",
        f"{len(dataset.labels):,} labels",
        "own embeddings" if name == GIVEN else f"seen by {name}",
        *([f"{n_decided:,} images decided"] if n_decided else []),
    )


def _card(
    dataset: Dataset, place: int, pictures: Album, by_label: Mapping[str, Counter[str]]
) -> Card:
    row, label = dataset.classes.iloc[place], dataset.labels[place]
    clusters = dataset.clusters_of(label)
    shown = [one for _, one in clusters.head(MOST_PARTS).iterrows()]
    return Card(
        label=label,
        size=int(row[c.SIZE]),
        score=float(row[c.SPLIT_SCORE]),
        verdict=str(row[c.VERDICT]),
        reason=str(row[c.SPLIT_REASON] or ""),
        evidence=str(row[c.EVIDENCE] or ""),
        parts=tuple(_part(label, one, pictures) for one in shown),
        map=label_map(dataset, label, [int(one[c.CLUSTER]) for one in shown]),
        decided=decision_lines(by_label.get(label, Counter())),
    )


def _part(label: str, cluster: pd.Series[Any], pictures: Album) -> Part:
    number, suggestion = int(cluster[c.CLUSTER]), cluster[c.SUGGESTED_LABEL]
    return Part(
        number=number,
        letter=letter(number),
        size=int(cluster[c.SIZE]),
        is_odd=bool(cluster[c.IS_ODD]),
        suggestion="" if pd.isna(suggestion) else str(suggestion),
        kind=kind_words(cluster),
        pictures=pictures.typical(label, number),
    )


def label_map(dataset: Dataset, label: str, numbers: Sequence[int]) -> str:
    """Draw the map of a label, "" where none of it stands on one."""
    rows = dataset.rows_of(label)
    xy: NDArray[np.float32] = dataset.label_xy[rows]
    there = np.isfinite(xy).all(axis=1)
    if not there.any():
        return ""
    return part_map(
        xy[there], dataset.cluster[rows][there], numbers, small_dot_size(int(there.sum()))
    )


def _single(dataset: Dataset, row: int, pictures: Album) -> Single:
    item = dataset.columns.row(row)
    suggestion = item[c.SUGGESTED_LABEL]
    return Single(
        file=str(item[c.FILE]),
        label=str(item[c.LABEL]),
        suggestion="" if pd.isna(suggestion) else str(suggestion),
        suspicion=float(item[c.SUSPICION]),
        picture=pictures.take(row),
    )


def _health(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    health = dataset.health
    if health is None:
        return ()
    found = [(finding.title, finding.evidence) for finding in health.findings]
    return ((health.summary, health.balance.sentence), *found)


def _by_label(dataset: Dataset, decided: Mapping[int, str]) -> dict[str, Counter[str]]:
    """Count the decisions on the images of each label."""
    found: dict[str, Counter[str]] = {}
    for row, text in decided.items():
        found.setdefault(dataset.label_of(row), Counter())[text] += 1
    return found


def decision_lines(counted: Counter[str]) -> tuple[str, ...]:
    """Say how many were kept, removed, left unsure or relabelled to what, the most first."""
    said = {"keep": "kept as they are", "remove": "removed", "unsure": "left unsure"}
    return tuple(
        f"{count:,} {said.get(text) or 'relabelled to ' + text.removeprefix('relabel: ')}"
        for text, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _decided(by_label: Mapping[str, Counter[str]]) -> tuple[str, ...]:
    ranked = sorted(by_label.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    lines = [
        f"{label}: {', '.join(decision_lines(counted))}" for label, counted in ranked[:MOST_DECIDED]
    ]
    more = len(ranked) - MOST_DECIDED
    return (*lines, f"and {more:,} more labels") if more > 0 else tuple(lines)
