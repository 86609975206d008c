"""Records in a console, in a notebook and in a comparison: text, HTML, frames, by value."""

from __future__ import annotations

from embeddings.display.equality import equal_records
from embeddings.display.split_report import items_frame, labels_frame, split_table
from embeddings.display.table import MOST_LINES, Table, counted, table_of

__all__ = [
    "MOST_LINES",
    "Table",
    "counted",
    "equal_records",
    "items_frame",
    "labels_frame",
    "split_table",
    "table_of",
]
