"""The log, what is derived from it, and triggers that keep the log from being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(32)
MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = ("entries", "decisions", "assignments", "selections", "selection_items")


def upgrade() -> None:
    """Make a new store."""
    head = op.create_table(
        "head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("decisions", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_head"),
    )
    op.bulk_insert(head, [{"id": 1, "position": 0, "decisions": 0}])
    _log()
    _derived()
    _assignments_and_selections()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _log() -> None:
    op.create_table(
        "entries",
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("target", BIG),
        sa.Column("first_id", BIG),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(8)),
        sa.Column("to_label", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("cluster", sa.Integer()),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_entries"),
        sa.ForeignKeyConstraint(["target"], ["entries.position"], name="fk_entries_target"),
    )
    op.create_index(
        "ix_entries_reviewer_kind_position", "entries", ["reviewer", "kind", "position"]
    )
    op.create_table(
        "decisions",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("item", KEY, nullable=False),
        sa.Column("item_group", KEY, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("only_this_file", sa.Boolean(), nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("to_label", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.ForeignKeyConstraint(["batch"], ["entries.position"], name="fk_decisions_batch"),
        sa.UniqueConstraint("item", "batch", name="uq_decisions_item_batch"),
    )
    op.create_index("ix_decisions_batch", "decisions", ["batch"])


def _derived() -> None:
    op.create_table(
        "current_decisions",
        sa.Column("item", KEY, nullable=False),
        sa.Column("item_group", KEY, nullable=False),
        sa.Column("decision", BIG),
        sa.Column("changed", BIG, nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_current_decisions"),
        sa.ForeignKeyConstraint(
            ["decision"], ["decisions.id"], name="fk_current_decisions_decision"
        ),
        sa.ForeignKeyConstraint(
            ["changed"], ["entries.position"], name="fk_current_decisions_changed"
        ),
    )
    for column in ("item_group", "decision", "changed"):
        op.create_index(f"ix_current_decisions_{column}", "current_decisions", [column])
    op.create_table(
        "undone",
        sa.Column("batch", BIG, autoincrement=False, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("batch", name="pk_undone"),
        sa.ForeignKeyConstraint(["batch"], ["entries.position"], name="fk_undone_batch"),
        sa.ForeignKeyConstraint(["position"], ["entries.position"], name="fk_undone_position"),
    )


def _assignments_and_selections() -> None:
    op.create_table(
        "assignments",
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("position", "number", name="pk_assignments"),
    )
    op.create_table(
        "selections",
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_selections"),
        sa.UniqueConstraint("name_key", "version", name="uq_selections_name_key_version"),
    )
    op.create_table(
        "selection_items",
        sa.Column("selection", BIG, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("only_this_file", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("selection", "number", name="pk_selection_items"),
        sa.ForeignKeyConstraint(
            ["selection"], ["selections.position"], name="fk_selection_items_selection"
        ),
    )


def _refuse_changes(table: str) -> None:
    """Have the database itself refuse to change or delete what the log holds."""
    message = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
