"""What the decisions make of the items: the labels that they should have, and which stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.decisions import Choice, parse_choice

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
        A cell holds no decision.
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


def _texts(items: pd.DataFrame, column: str) -> list[str]:
    if column not in items:
        return [""] * len(items)
    return [str(text) for text in items[column].fillna("")]
