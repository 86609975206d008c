"""What lies in a folder beside its pictures, or instead of them.

============  ==============================================================
``tables``    tables that give labels or hold the pictures
``metadata``  Hugging Face's metadata tables
``foreign``   formats that are not read, and what helps
============  ==============================================================
"""

from __future__ import annotations

from embeddings.manifest.beside.foreign import foreign_format, foreign_notes
from embeddings.manifest.beside.metadata import METADATA, by_metadata, metadata_tables
from embeddings.manifest.beside.tables import (
    asked_table,
    by_class_tables,
    items_of_packed_tables,
    without_labels,
)

__all__ = [
    "METADATA",
    "asked_table",
    "by_class_tables",
    "by_metadata",
    "foreign_format",
    "foreign_notes",
    "items_of_packed_tables",
    "metadata_tables",
    "without_labels",
]
