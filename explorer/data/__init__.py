"""What the app knows of one run: read-only questions to it, and the decisions beside it."""

from __future__ import annotations

from explorer.data.dataset import Dataset, Rows
from explorer.data.decisions import Decisions
from explorer.data.item import item_view
from explorer.data.label_items import cluster_numbers, label_items
from explorer.data.letters import letter
from explorer.data.search import find, find_decided, find_labels, find_seen
from explorer.data.selection import rows_in, selection_csv, selection_view, words
from explorer.data.services import KEY, Services, newest_services, services

__all__ = [
    "KEY",
    "Dataset",
    "Decisions",
    "Rows",
    "Services",
    "cluster_numbers",
    "find",
    "find_decided",
    "find_labels",
    "find_seen",
    "item_view",
    "label_items",
    "letter",
    "newest_services",
    "rows_in",
    "selection_csv",
    "selection_view",
    "services",
    "words",
]
