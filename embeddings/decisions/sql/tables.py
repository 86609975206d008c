"""The tables of the decision store.

The log, which the database itself refuses to change (triggers of the first migration):

==================  =============================================================================
``entries``         one row per action, undo or redo, by ``position``
``decisions``       one row per item of an action; ids without gaps, those of a batch in a row
``assignments``     who looks after a label
``selections``      versions of saved selections, and ``selection_items``
==================  =============================================================================

Derived from it in the same transaction, and rebuilt from it by ``Store.rebuild``:

=====================  ==========================================================================
``current_decisions``  per item ever decided: the decision in force (or none), and since when
``undone``             the batches that are undone, by which entry
``head``               one row: the last position and decision id; writers queue for it
=====================  ==========================================================================
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, also where the database keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring to UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        if value is None or value.tzinfo is not None:
            return None if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


# A BIGINT primary key would cost SQLite a second tree beside its row ids.
BIG = BigInteger().with_variant(Integer, "sqlite")
KEY = String(32)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BIG, nullable=False),
    Column("decisions", BIG, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("position", BIG, primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # of an undo or redo: the batch concerned
    Column("target", BIG, ForeignKey("entries.position")),
    # of a decision; action is null where those of the items differ
    Column("first_id", BIG),
    Column("size", Integer, nullable=False),
    Column("action", String(8)),
    Column("to_label", Text),
    Column("note", Text, nullable=False),
    Column("label", Text),
    Column("cluster", Integer),
    Column("run", Text, nullable=False),
    Column("source", Text, nullable=False),
    Index(None, "reviewer", "kind", "position"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("batch", BIG, ForeignKey("entries.position"), nullable=False),
    Column("item", KEY, nullable=False),
    Column("item_group", KEY, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("only_this_file", Boolean, nullable=False),
    Column("action", String(8), nullable=False),
    Column("to_label", Text),
    Column("note", Text, nullable=False),
    UniqueConstraint("item", "batch"),
    Index(None, "batch"),
)

current = Table(
    "current_decisions",
    metadata,
    Column("item", KEY, primary_key=True),
    Column("item_group", KEY, nullable=False),
    Column("decision", BIG, ForeignKey("decisions.id")),
    Column("changed", BIG, ForeignKey("entries.position"), nullable=False),
    Index(None, "item_group"),
    Index(None, "decision"),
    Index(None, "changed"),
)

undone = Table(
    "undone",
    metadata,
    Column("batch", BIG, ForeignKey("entries.position"), primary_key=True, autoincrement=False),
    Column("position", BIG, ForeignKey("entries.position"), nullable=False),
    Column("reviewer", Text, nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    Column("position", BIG, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("label", Text, nullable=False),
    Column("reviewer", Text),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

selections = Table(
    "selections",
    metadata,
    Column("position", BIG, primary_key=True, autoincrement=False),
    Column("name_key", KEY, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("size", Integer, nullable=False),
    Column("dropped", Boolean, nullable=False),
    UniqueConstraint("name_key", "version"),
)

selection_items = Table(
    "selection_items",
    metadata,
    Column("selection", BIG, ForeignKey("selections.position"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("only_this_file", Boolean, nullable=False),
)

APPEND_ONLY = ("entries", "decisions", "assignments", "selections", "selection_items")
