"""Apply decisions to the items: the labels they should have, and which are removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.decisions import (
    DECIDED_AT,
    DECIDED_BY,
    DECISION_ALONE,
    DECISION_BATCH,
    Choice,
    parse_choice,
)

if TYPE_CHECKING:
    import pandas as pd

NOTE: Final = "decision_note"  # where the decisions were merged into the items


@dataclass(frozen=True, slots=True)
class Decided:
    """The items after the decisions, rows in the order of the frame given.

    ``label`` (n,) object: the label to have; ``removed`` (n,) bool; ``choice`` has an entry per
    item, None where nothing was decided.
    """

    label: NDArray[np.object_]
    removed: NDArray[np.bool_]
    choice: tuple[Choice | None, ...]


def decided(items: pd.DataFrame) -> Decided:
    """Apply the column ``decision`` to the labels.

    Raises
    ------
    UsageError
        The text of a cell is not a decision.
    """
    given = [str(label) for label in items[c.LABEL]]
    texts, notes = _texts(items, c.DECISION), _texts(items, NOTE)
    known: dict[tuple[str, str], Choice | None] = {}
    choices = []
    for cell in zip(texts, notes, strict=True):
        if cell not in known:
            known[cell] = parse_choice(*cell)
        choices.append(known[cell])
    label = np.empty(len(given), dtype=object)
    label[:] = [
        choice.to_label if choice and choice.to_label is not None else given[place]
        for place, choice in enumerate(choices)
    ]
    removed = np.fromiter(
        (choice is not None and choice.action == "remove" for choice in choices),
        dtype=bool,
        count=len(choices),
    )
    return Decided(label, removed, tuple(choices))


def seen_of(items: pd.DataFrame) -> list[dict[str, int | str]]:
    """Return for each item which decision was in force, by whom and when, for JSON.

    An import compares it with the decisions in force at that time. Empty without a store.
    """
    if DECISION_BATCH not in items:
        return [{} for _ in range(len(items))]
    columns = (items[DECISION_BATCH], items[DECIDED_BY], items[DECIDED_AT], items[DECISION_ALONE])
    return [
        {DECISION_BATCH: int(batch)}
        | ({DECIDED_BY: str(by), DECIDED_AT: str(at)} if batch else {})
        | ({DECISION_ALONE: True} if alone else {})
        for batch, by, at, alone in zip(*columns, strict=True)
    ]


def _texts(items: pd.DataFrame, column: str) -> list[str]:
    if column not in items:
        return [""] * len(items)
    return [str(text) for text in items[column].fillna("")]
