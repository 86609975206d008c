"""Writing to the log: decisions, undo, redo.

Each function takes the next position first, so that other writers wait until the commit, and then
adds one entry; ``standing`` computes what is in force after it. Each statement writes a whole
batch, so that the log is locked for some milliseconds only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from embeddings.decisions.errors import ConflictError, NothingToUndoError, NotInStoreError
from embeddings.decisions.records import Choice, Context, Item, Receipt, storable
from embeddings.decisions.sql.queries import decision_of, in_chunks, select_decisions
from embeddings.decisions.sql.tables import current, decisions, entries, head, undone
from embeddings.decisions.standing import put_back, stand, take_back
from embeddings.errors import UsageError

_mine, _change = decisions.alias("mine"), entries.alias("change")

_ADD_ENTRY: Final = insert(entries)
_ADD_DECISIONS: Final = insert(decisions)
_RESERVE: Final = (
    update(head)
    .values(
        position=head.c.position + 1,
        decisions=head.c.decisions + bindparam("wanted", type_=head.c.decisions.type),
    )
    .returning(head.c.position, head.c.decisions)
)
_OVERLAP: Final = and_(
    current.c.item_group == _mine.c.item_group,
    # decisions on two copies, each on its own file only, do not conflict
    or_(
        current.c.item == _mine.c.item,
        current.c.item == current.c.item_group,
        _mine.c.item == _mine.c.item_group,
    ),
)
_CONFLICTS: Final = (
    select_decisions()
    .join(current, current.c.decision == decisions.c.id)
    .join(_mine, _OVERLAP)
    .join(_change, _change.c.position == current.c.changed)
    .where(
        _mine.c.batch == bindparam("batch_of_mine"),
        current.c.changed > bindparam("expected"),
        entries.c.reviewer != bindparam("reviewer_of_mine"),
        _change.c.reviewer != bindparam("reviewer_of_mine"),
        or_(
            decisions.c.action != _mine.c.action,
            func.coalesce(decisions.c.to_label, "") != func.coalesce(_mine.c.to_label, ""),
        ),
    )
    .order_by(decisions.c.id)
)
_AT_ONCE: Final = 5_000  # rows in one statement


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch before it has a position: one row per item, keys worked out, copies joined."""

    rows: tuple[dict[str, Any], ...]
    copies: int
    choice: Choice | None  # None where the choices differ


def draft(pairs: Sequence[tuple[Item, Choice]]) -> Draft:
    """Prepare a batch, before any lock is held.

    Raises
    ------
    UsageError
        There are no items, or equal files are decided on differently.
    """
    if not pairs:
        raise UsageError("There is nothing to decide on.", hint="Select at least one item.")
    rows: dict[str, dict[str, Any]] = {}
    for item, choice in pairs:
        row = _row(item, choice)
        known = rows.setdefault(row["item"], row)
        if known is not row and (known["action"], known["to_label"]) != (
            row["action"],
            row["to_label"],
        ):
            raise UsageError(
                f"{known['file']} and {item.file} are the same picture under {item.label!r}, and "
                "are decided on differently.",
                hint="Decide alike on both, or on each as only this file.",
            )
    choices = {choice for _, choice in pairs}
    return Draft(
        rows=tuple(rows.values()),
        copies=len(pairs) - len(rows),
        choice=choices.pop() if len(choices) == 1 else None,
    )


def _row(item: Item, choice: Choice) -> dict[str, Any]:
    return {
        "item": item.key,
        "item_group": item.group,
        "sha256": item.sha256.lower(),
        "file": storable(item.file, "file name"),
        "label": item.label,
        "only_this_file": item.only_this_file,
        "action": choice.action,
        "to_label": choice.to_label,
        "note": choice.note,
    }


def reserve(connection: Connection, *, decisions: int = 0) -> tuple[int, int]:
    """Take the next position, and ids for so many decisions; others wait until the commit."""
    position, last = connection.execute(_RESERVE, {"wanted": decisions}).one()
    return position, last - decisions + 1


def append_decisions(
    connection: Connection,
    batch: Draft,
    *,
    reviewer: str,
    at: datetime,
    context: Context,
    expected: int | None,
    only_changes: bool,
) -> Receipt:
    """Add an action to the log.

    Raises
    ------
    ConflictError
        After ``expected`` another reviewer's other decision came into force on one of the items.
    """
    rows: Sequence[Mapping[str, Any]] = batch.rows
    if only_changes:
        # lock the log: two processes that import the same file must not both find it new
        connection.execute(select(head.c.position).with_for_update())
        rows = _new(connection, rows, reviewer)
        if not rows:
            return Receipt("decide", 0, 0, 0, 0, copies=batch.copies)
    position, first_id = reserve(connection, decisions=len(rows))
    choice = batch.choice
    entry: dict[str, Any] = {
        "position": position,
        "kind": "decide",
        "reviewer": reviewer,
        "at": at,
        "first_id": first_id,
        "size": len(rows),
        "action": choice.action if choice else None,
        "to_label": choice.to_label if choice else None,
        "note": choice.note if choice else "",
        "label": context.label,
        "cluster": context.cluster,
        "run": context.run,
        "source": context.source,
    }
    connection.execute(_ADD_ENTRY, entry)
    numbered = [
        {"id": number, "batch": position, **row} for number, row in enumerate(rows, start=first_id)
    ]
    for start in range(0, len(numbered), _AT_ONCE):
        connection.execute(_ADD_DECISIONS, numbered[start : start + _AT_ONCE])
    # nothing was written since, so there can be no conflict
    if expected is not None and expected < position - 1:
        _refuse_conflicts(connection, position, reviewer, expected, len(rows))
    stand(connection, position)
    return Receipt(
        "decide",
        position,
        position,
        size=len(rows),
        changed=len(rows),
        copies=batch.copies,
        action=entry["action"],
        to_label=entry["to_label"],
    )


def _new(
    connection: Connection, rows: Sequence[Mapping[str, Any]], reviewer: str
) -> list[Mapping[str, Any]]:
    """Leave out choices that equal this reviewer's decisions in force."""
    said = {}
    for keys in in_chunks([row["item"] for row in rows]):
        query = (
            select(current.c.item, decisions.c.action, decisions.c.to_label, decisions.c.note)
            .join(decisions, decisions.c.id == current.c.decision)
            .join(entries, entries.c.position == decisions.c.batch)
            .where(current.c.item.in_(keys), entries.c.reviewer == reviewer)
        )
        said.update({key: tuple(rest) for key, *rest in connection.execute(query)})
    return [
        row
        for row in rows
        if said.get(row["item"]) != (row["action"], row["to_label"], row["note"])
    ]


def _refuse_conflicts(
    connection: Connection, position: int, reviewer: str, expected: int, asked: int
) -> None:
    values = {"batch_of_mine": position, "expected": expected, "reviewer_of_mine": reviewer}
    against = {row.id: decision_of(row) for row in connection.execute(_CONFLICTS, values)}
    if against:
        raise ConflictError(tuple(against.values()), asked=asked, position=position - 1)


def append_undo(
    connection: Connection, *, reviewer: str, at: datetime, batch: int | None
) -> Receipt:
    """Undo a batch, or where None is named the reviewer's latest that is not undone yet.

    Raises
    ------
    NothingToUndoError, NotInStoreError
        There is none, it is undone already, or it is no batch.
    """
    position, _ = reserve(connection)
    target = _batch(connection, batch) if batch else _latest_of(connection, reviewer)
    if target is None:
        raise NothingToUndoError(f"{reviewer} has nothing to undo.")
    already = connection.execute(select(undone).where(undone.c.batch == target.position)).first()
    if already is not None:
        raise NothingToUndoError(f"{already.reviewer} has undone this already.")
    _append_turn(connection, "undo", position, target.position, reviewer, at)
    changed = take_back(connection, position, target.position, reviewer)
    return _turned("undo", position, target, changed)


def append_redo(
    connection: Connection, *, reviewer: str, at: datetime, batch: int | None
) -> Receipt:
    """Redo a batch, or where None is named what the reviewer undid last since deciding last.

    Raises
    ------
    NothingToUndoError, NotInStoreError
        There is none, it is not undone, or it is no batch.
    """
    position, _ = reserve(connection)
    if batch:
        target: Row[Any] | None = _batch(connection, batch)
    else:
        target = _latest_undone_by(connection, reviewer)
    if target is None:
        raise NothingToUndoError(f"{reviewer} has nothing to redo.")
    if connection.execute(select(undone).where(undone.c.batch == target.position)).first() is None:
        raise NothingToUndoError("This is not undone.")
    _append_turn(connection, "redo", position, target.position, reviewer, at)
    changed = put_back(connection, position, target.position)
    return _turned("redo", position, target, changed)


def _turned(kind: Any, position: int, target: Row[Any], changed: int) -> Receipt:
    return Receipt(
        kind,
        position,
        target.position,
        size=target.size,
        changed=changed,
        action=target.action,
        to_label=target.to_label,
    )


def _append_turn(
    connection: Connection, kind: str, position: int, target: int, reviewer: str, at: datetime
) -> None:
    entry = {
        "position": position,
        "kind": kind,
        "reviewer": reviewer,
        "at": at,
        "target": target,
        "size": 0,
        "note": "",
        "run": "",
        "source": "",
    }
    connection.execute(_ADD_ENTRY, entry)


def _batch(connection: Connection, batch: int) -> Row[Any]:
    query = select(entries).where(entries.c.position == batch, entries.c.kind == "decide")
    row = connection.execute(query).first()
    if row is None:
        raise NotInStoreError(f"There is no batch {batch}.", hint="See the history for those.")
    return row


def _latest_of(connection: Connection, reviewer: str) -> Row[Any] | None:
    is_undone = select(undone.c.batch).where(undone.c.batch == entries.c.position).exists()
    query = (
        select(entries)
        .where(entries.c.reviewer == reviewer, entries.c.kind == "decide", ~is_undone)
        .order_by(entries.c.position.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def _latest_undone_by(connection: Connection, reviewer: str) -> Row[Any] | None:
    decided_last = (
        select(func.coalesce(func.max(entries.c.position), 0))
        .where(entries.c.reviewer == reviewer, entries.c.kind == "decide")
        .scalar_subquery()
    )
    top = (
        select(undone.c.batch)
        .where(undone.c.reviewer == reviewer, undone.c.position > decided_last)
        .order_by(undone.c.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    return connection.execute(select(entries).where(entries.c.position == top)).first()
