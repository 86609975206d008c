"""Compute which decision is in force on each item, from the entries of the log.

The rule: *of an item's decisions, the latest whose batch is not undone is in force*. Undoing a
batch puts the earlier decision on each item in force again. Redoing it puts the batch back in its
old place, before later decisions. So undo followed by redo changes nothing, in whatever order
several reviewers do it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from embeddings.decisions.sql import current, decisions, entries, undone

_NEW: Final = select(
    decisions.c.item, decisions.c.item_group, decisions.c.id, decisions.c.batch
).where(decisions.c.batch == bindparam("new_batch"))
_IS_UNDONE: Final = select(undone.c.batch).where(undone.c.batch == decisions.c.batch).exists()
_LATEST: Final = (
    select(func.max(decisions.c.id))
    .where(decisions.c.item == current.c.item, ~_IS_UNDONE)
    .scalar_subquery()
)
_TAKE_BACK: Final = (
    update(current)
    .where(current.c.decision.between(bindparam("first"), bindparam("last")))
    .values(decision=_LATEST, changed=bindparam("at_position"))
)
_OF_BATCH: Final = (
    select(decisions.c.id)
    .where(decisions.c.item == current.c.item, decisions.c.batch == bindparam("old_batch"))
    .scalar_subquery()
)
_ITEMS: Final = select(decisions.c.item).where(
    decisions.c.id.between(bindparam("first"), bindparam("last"))
)
_PUT_BACK: Final = (
    update(current)
    .where(
        current.c.item.in_(_ITEMS),
        or_(current.c.decision.is_(None), current.c.decision < bindparam("first")),
    )
    .values(decision=_OF_BATCH, changed=bindparam("at_position"))
)


def _stand_statement(dialect: Any) -> Any:
    """Make an insert-or-replace statement; the two dialects have no common class for it."""
    statement = dialect.insert(current).from_select(
        ["item", "item_group", "decision", "changed"], _NEW
    )
    return statement.on_conflict_do_update(
        index_elements=[current.c.item],
        set_={"decision": statement.excluded.decision, "changed": statement.excluded.changed},
    )


_STAND: Final = {"sqlite": _stand_statement(sqlite), "postgresql": _stand_statement(postgresql)}


def stand(connection: Connection, batch: int) -> None:
    """Put a new batch in force: it is the latest of all."""
    connection.execute(_STAND[connection.dialect.name], {"new_batch": batch})


def take_back(connection: Connection, position: int, batch: int, reviewer: str) -> int:
    """Undo a batch by the entry at ``position``; return of how many items that was in force."""
    connection.execute(insert(undone), {"batch": batch, "position": position, "reviewer": reviewer})
    first, last = _ids(connection, batch)
    values = {"first": first, "last": last, "at_position": position}
    return connection.execute(_TAKE_BACK, values).rowcount


def put_back(connection: Connection, position: int, batch: int) -> int:
    """Redo a batch by the entry at ``position``; return of how many items it is in force now."""
    connection.execute(delete(undone).where(undone.c.batch == batch))
    first, last = _ids(connection, batch)
    values = {"first": first, "last": last, "old_batch": batch, "at_position": position}
    return connection.execute(_PUT_BACK, values).rowcount


def _ids(connection: Connection, batch: int) -> tuple[int, int]:
    """Return the first and the last id of a batch's decisions; they have no gaps."""
    query = select(entries.c.first_id, entries.c.size).where(entries.c.position == batch)
    first, size = connection.execute(query).one()
    return first, first + size - 1
