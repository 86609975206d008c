"""Pairs of labels that get mixed up, as cases: no split and no wrong label explains them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from embeddings import columns as c
from embeddings.label_errors import CHECKED
from explorer.data.queue.records import Case, Part

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset, Rows

LEAST = 3  # images of a pair, in both directions together
MOST = 100  # pairs; those that come after are seldom worth a look


def pair_rows(dataset: Dataset, given: str, looks: str, column: str = CHECKED) -> Rows:
    """Return the items labelled ``given`` that look like ``looks``, the least typical first."""
    rows = dataset.rows_of(given)
    if column not in dataset.columns.names or not len(rows):
        return rows[:0]
    names, held = dataset.columns.groups(column)
    if looks not in names:
        return rows[:0]
    return np.asarray(rows[held[rows] == names.index(looks)])


def mixed_cases(dataset: Dataset) -> list[Case]:
    """Return a case for each pair of labels that are taken for each other."""
    if CHECKED not in dataset.columns.names:
        return []
    labels, given = dataset.columns.groups(c.LABEL)
    names, looks = dataset.columns.groups(CHECKED)
    number = {label: n for n, label in enumerate(labels)}
    # what each look is among the labels; -2 is none of them, and no row's label
    known = np.array([*(number.get(name, -2) for name in names), -2], dtype=np.int32)
    differs = (looks >= 0) & (known[looks] != given) & ~dataset.in_odd_part
    differs[dataset.singles] = False
    found: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(differs).tolist():
        found.setdefault((labels[given[row]], names[looks[row]]), []).append(row)
    return _cases(found)


def _cases(found: dict[tuple[str, str], list[int]]) -> list[Case]:
    counts: Counter[tuple[str, str]] = Counter()
    for (given, looks), rows in found.items():
        counts[min(given, looks), max(given, looks)] += len(rows)
    wanted = sorted(
        (pair for pair, n in counts.items() if n >= LEAST), key=lambda pair: (-counts[pair], pair)
    )
    return [_case(a, b, found) for a, b in wanted[:MOST]]


def _case(a: str, b: str, found: dict[tuple[str, str], list[int]]) -> Case:
    if len(found.get((a, b), [])) < len(found.get((b, a), [])):
        a, b = b, a
    there, back = found.get((a, b), []), found.get((b, a), [])
    parts = [Part(f"{a}, looks like {b}", tuple(there), len(there), to=b)]
    if back:
        parts.append(Part(f"{b}, looks like {a}", tuple(back), len(back), to=a))
    said = f"{len(there):,} {a} look like {b}"
    if back:
        said += f", {len(back):,} the other way round"
    return Case(
        id=f"mixed:{a}\x1f{b}",
        kind="mixed",
        title=("", a, " and ", b, " get mixed up"),
        said=said,
        why="Some of these may be wrong labels, some are hard to tell apart. Look at each.",
        score=0.5,
        parts=tuple(parts),
        labels=(a, b),
    )
