"""What the app knows of one run: read-only questions to it, and the decisions beside it."""

from __future__ import annotations

from explorer.data.choices import choices
from explorer.data.dataset import Dataset, Rows
from explorer.data.decisions import Decisions, Group
from explorer.data.item import item_view
from explorer.data.label_items import (
    cluster_numbers,
    label_items,
    letter,
    new_label_of,
    shown_by,
    suggestion_of,
)
from explorer.data.queue import (
    ACCEPT_FROM,
    KINDS,
    Case,
    Kind,
    Part,
    Strays,
    in_words,
    left_by_kind,
    pair_rows,
    plain_case,
    plain_cases,
    strays_of,
    suspects_by_label,
)
from explorer.data.search import find, find_decided, find_seen, folded
from explorer.data.selection import (
    item_facts,
    rows_in,
    selection_csv,
    selection_view,
    suggested_labels,
    words,
)
from explorer.data.services import KEY, Services, newest_services, services
from explorer.data.similar import Similar, similar

__all__ = [
    "ACCEPT_FROM",
    "KEY",
    "KINDS",
    "Case",
    "Dataset",
    "Decisions",
    "Group",
    "Kind",
    "Part",
    "Rows",
    "Services",
    "Similar",
    "Strays",
    "choices",
    "cluster_numbers",
    "find",
    "find_decided",
    "find_seen",
    "folded",
    "in_words",
    "item_facts",
    "item_view",
    "label_items",
    "left_by_kind",
    "letter",
    "new_label_of",
    "newest_services",
    "pair_rows",
    "plain_case",
    "plain_cases",
    "rows_in",
    "selection_csv",
    "selection_view",
    "services",
    "shown_by",
    "similar",
    "strays_of",
    "suggested_labels",
    "suggestion_of",
    "suspects_by_label",
    "words",
]
