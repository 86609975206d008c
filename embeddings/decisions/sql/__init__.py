"""The SQL side of the decision store: tables, log, queries, schema versions."""

from __future__ import annotations

from embeddings.decisions.sql.database import WAIT_S, Database
from embeddings.decisions.sql.frozen import FrozenDatabase, ReadOnlyDatabase, is_writable
from embeddings.decisions.sql.schema import bring_up_to_date, refuse_other_versions
from embeddings.decisions.sql.tables import current, decisions, entries, undone

__all__ = [
    "WAIT_S",
    "Database",
    "FrozenDatabase",
    "ReadOnlyDatabase",
    "bring_up_to_date",
    "current",
    "decisions",
    "entries",
    "is_writable",
    "refuse_other_versions",
    "undone",
]
