"""The queue: everything found that waits for a decision, as one ranked list of cases."""

from __future__ import annotations

from explorer.data.queue.mixed import pair_rows
from explorer.data.queue.plain import plain_case, plain_cases
from explorer.data.queue.ranked import find_cases, left_by_kind, ranked
from explorer.data.queue.records import KINDS, Case, Kind, Part
from explorer.data.queue.splits import in_words
from explorer.data.queue.strays import (
    ACCEPT_FROM,
    Strays,
    strays_of,
    suspects_by_label,
)

__all__ = [
    "ACCEPT_FROM",
    "KINDS",
    "Case",
    "Kind",
    "Part",
    "Strays",
    "find_cases",
    "in_words",
    "left_by_kind",
    "pair_rows",
    "plain_case",
    "plain_cases",
    "ranked",
    "strays_of",
    "suspects_by_label",
]
