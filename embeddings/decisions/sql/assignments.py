"""Assignments of labels to reviewers: append-only, the latest one counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from embeddings.decisions.records import Assignment
from embeddings.decisions.sql.log import reserve
from embeddings.decisions.sql.tables import assignments


def append_assignments(
    connection: Connection, labels: Sequence[str], *, reviewer: str | None, by: str, at: datetime
) -> int:
    """Assign labels to a reviewer, or to nobody; return the position."""
    position, _ = reserve(connection)
    rows = [
        {
            "position": position,
            "number": number,
            "label": label,
            "reviewer": reviewer,
            "by": by,
            "at": at,
        }
        for number, label in enumerate(dict.fromkeys(labels))
    ]
    connection.execute(insert(assignments), rows)
    return position


def current_assignments(connection: Connection) -> dict[str, Assignment]:
    """Return the latest assignment of each label, without those that no reviewer has now."""
    last = (
        select(assignments.c.label, func.max(assignments.c.position).label("position"))
        .group_by(assignments.c.label)
        .subquery()
    )
    query = (
        select(assignments)
        .join(
            last,
            (last.c.label == assignments.c.label) & (last.c.position == assignments.c.position),
        )
        .where(assignments.c.reviewer.is_not(None))
        .order_by(assignments.c.label)
    )
    return {row.label: _assignment(row) for row in connection.execute(query)}


def assignment_history(connection: Connection, *, limit: int) -> tuple[Assignment, ...]:
    """Return all assignments ever made, newest first."""
    query = (
        select(assignments)
        .order_by(assignments.c.position.desc(), assignments.c.number)
        .limit(limit)
    )
    return tuple(_assignment(row) for row in connection.execute(query))


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(row.position, row.label, row.reviewer, row.by, row.at)
