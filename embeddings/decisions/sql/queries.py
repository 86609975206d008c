"""Queries: read the log and the tables derived from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Connection, Row, Select, func, select

from embeddings import columns as c
from embeddings.decisions.records import (
    Changes,
    Context,
    Decision,
    Entry,
    Item,
    ReviewProgress,
    decision_text,
)
from embeddings.decisions.sql.tables import current, decisions, entries, head, undone

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

KEY: Final = "item_key"
ONLY_THIS_FILE: Final = "only_this_file"
ACTION: Final = "action"
TO_LABEL: Final = "to_label"
NOTE: Final = "note"
REVIEWER: Final = "reviewer"
AT: Final = "at"
BATCH: Final = "batch"
DECISION_ID: Final = "decision_id"
CURRENT_COLUMNS: Final = (
    DECISION_ID,
    BATCH,
    KEY,
    c.SHA256,
    c.FILE,
    c.LABEL,
    ONLY_THIS_FILE,
    ACTION,
    TO_LABEL,
    NOTE,
    REVIEWER,
    AT,
    c.DECISION,
)

_KINDS: Final = {DECISION_ID: "int64", BATCH: "int64", ONLY_THIS_FILE: "bool"}  # others: text
_IN_ONE_QUERY: Final = 5_000  # SQLite takes 32,766 parameters, PostgreSQL 65,535


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a long list of parameters into what one query may have."""
    for start in range(0, len(values), _IN_ONE_QUERY):
        yield values[start : start + _IN_ONE_QUERY]


def position(connection: Connection) -> int:
    """Return the position of the last write."""
    return int(connection.execute(select(head.c.position)).scalar_one())


def select_decisions() -> Select[Any]:
    """Select decisions with who made them and when; rows are for :func:`decision_of`."""
    d = decisions.c
    return select(
        *(d.id, d.batch, d.file, d.label, d.sha256, d.only_this_file),
        *(d.action, d.to_label, d.note, entries.c.reviewer, entries.c.at),
    ).join(entries, entries.c.position == d.batch)


def decision_of(row: Row[Any]) -> Decision:
    """Make the record of a row of :func:`select_decisions`."""
    return Decision(
        id=row.id,
        batch=row.batch,
        item=Item(row.file, row.label, row.sha256, row.only_this_file),
        action=row.action,
        to_label=row.to_label,
        note=row.note,
        reviewer=row.reviewer,
        at=row.at,
    )


def current_frame(connection: Connection) -> pd.DataFrame:
    """Return one row per item with a decision in force, in the order they were decided."""
    import pandas as pd

    d = decisions.c
    fields = {
        DECISION_ID: d.id,
        BATCH: d.batch,
        KEY: d.item,
        c.SHA256: d.sha256,
        c.FILE: d.file,
        c.LABEL: d.label,
        ONLY_THIS_FILE: d.only_this_file,
        ACTION: d.action,
        TO_LABEL: d.to_label,
        NOTE: d.note,
    }
    query = select(*fields.values()).join(current, current.c.decision == d.id).order_by(d.id)
    frame = _frame(connection, query, fields)
    # reviewer and time are stored once per batch, not per item
    batches = select(entries.c.position, entries.c.reviewer, entries.c.at).where(
        entries.c.kind == "decide"
    )
    facts = _frame(connection, batches, (BATCH, REVIEWER, AT)).set_index(BATCH)
    facts = facts.assign(**{AT: pd.to_datetime(facts[AT], utc=True)})
    frame = frame.join(facts, on=BATCH)
    pairs = list(zip(frame[ACTION], frame[TO_LABEL], strict=True))
    texts = {pair: decision_text(*pair) for pair in set(pairs)}
    return frame.assign(**{c.DECISION: pd.Series([texts[p] for p in pairs], dtype="str")})


def _frame(connection: Connection, query: Select[Any], names: Iterable[str]) -> pd.DataFrame:
    import pandas as pd

    names = list(names)
    # column by column: by rows pandas takes three times as long
    columns = list(zip(*connection.execute(query), strict=True)) or [()] * len(names)
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
    kinds = {name: _KINDS.get(name, "str") for name in names if name != AT}
    return frame.astype(kinds)


def current_for(connection: Connection, items: Sequence[Item]) -> list[Decision | None]:
    """Return the decision in force on each item, in their order.

    What was decided on one file alone and what was decided on all its copies both count; the
    later of them is in force.
    """
    candidates = [(item.group, _as_copy(item).key) for item in items]
    keys = sorted({key for pair in candidates for key in pair})
    found: dict[str, Decision] = {}
    for some in in_chunks(keys):
        query = (
            select_decisions()
            .add_columns(current.c.item)
            .join(current, current.c.decision == decisions.c.id)
            .where(current.c.item.in_(some))
        )
        found |= {row.item: decision_of(row) for row in connection.execute(query)}
    return [
        max((found[key] for key in pair if key in found), key=lambda d: d.id, default=None)
        for pair in candidates
    ]


def _as_copy(item: Item) -> Item:
    return Item(item.file, item.label, item.sha256, only_this_file=True)


def _select_entries() -> Select[Any]:
    """Select log entries, those of undo and redo with the facts of the batch concerned."""
    batch, first = entries.alias("batch"), decisions.alias("first")
    return (
        select(
            *(entries.c.position, entries.c.kind, entries.c.reviewer, entries.c.at),
            *(batch.c.position.label("batch"), batch.c.size, batch.c.action, batch.c.to_label),
            *(batch.c.note, batch.c.label, batch.c.cluster, batch.c.run, batch.c.source),
            undone.c.batch.is_not(None).label("undone"),
            *(first.c.file, first.c.label.label("item_label"), first.c.sha256),
            first.c.only_this_file,
        )
        .join(batch, batch.c.position == func.coalesce(entries.c.target, entries.c.position))
        .join(first, first.c.id == batch.c.first_id)
        .outerjoin(undone, undone.c.batch == batch.c.position)
    )


def _entry_of(row: Row[Any]) -> Entry:
    return Entry(
        position=row.position,
        kind=row.kind,
        batch=row.batch,
        reviewer=row.reviewer,
        at=row.at,
        size=row.size,
        action=row.action,
        to_label=row.to_label,
        note=row.note,
        context=Context(row.label, row.cluster, row.run, row.source),
        undone=bool(row.undone),
        first=Item(row.file, row.item_label, row.sha256, row.only_this_file),
    )


def history(
    connection: Connection,
    *,
    limit: int,
    before: int | None,
    reviewer: str | None,
    kind: str | None,
    label: str | None,
    item: Item | None,
) -> tuple[Entry, ...]:
    """Return log entries, newest first."""
    query = _select_entries().order_by(entries.c.position.desc()).limit(limit)
    if before is not None:
        query = query.where(entries.c.position < before)
    if reviewer is not None:
        query = query.where(entries.c.reviewer == reviewer)
    if kind is not None:
        query = query.where(entries.c.kind == kind)
    concerned = func.coalesce(entries.c.target, entries.c.position)
    about = select(decisions.c.id).where(decisions.c.batch == concerned)
    if label is not None:
        query = query.where(about.where(decisions.c.label == label).exists())
    if item is not None:
        keys = {item.key, item.group}
        query = query.where(about.where(decisions.c.item.in_(keys)).exists())
    return tuple(_entry_of(row) for row in connection.execute(query))


def batch_decisions(connection: Connection, batch: int) -> tuple[Decision, ...]:
    """Return the decisions of a batch, in the order in which they were given."""
    query = select_decisions().where(decisions.c.batch == batch).order_by(decisions.c.id)
    return tuple(decision_of(row) for row in connection.execute(query))


def since(connection: Connection, seen: int) -> Changes:
    """Return what happened after the position ``seen``."""
    now = position(connection)
    if now <= seen:
        return Changes(now)
    query = _select_entries().where(entries.c.position > seen).order_by(entries.c.position)
    log = tuple(_entry_of(row) for row in connection.execute(query))
    changed = select(current.c.item).where(current.c.changed > seen)
    standing: dict[str, Decision | None] = dict.fromkeys(connection.execute(changed).scalars())
    in_force = (
        select_decisions()
        .add_columns(current.c.item)
        .join(current, current.c.decision == decisions.c.id)
        .where(current.c.changed > seen)
    )
    standing |= {row.item: decision_of(row) for row in connection.execute(in_force)}
    return Changes(now, log, standing)


def progress(connection: Connection) -> ReviewProgress:
    """Count the decisions in force."""
    count = func.count().label("n")
    query = (
        select(decisions.c.action, entries.c.reviewer, decisions.c.label, count)
        .join(current, current.c.decision == decisions.c.id)
        .join(entries, entries.c.position == decisions.c.batch)
        .group_by(decisions.c.action, entries.c.reviewer, decisions.c.label)
    )
    by: tuple[dict[str, int], dict[str, int], dict[str, int]] = ({}, {}, {})
    decided = 0
    for *names, n in connection.execute(query):
        decided += n
        for counts, name in zip(by, names, strict=True):
            counts[name] = counts.get(name, 0) + n
    is_undone = select(undone.c.batch).where(undone.c.batch == entries.c.position).exists()
    batches = select(func.count()).where(entries.c.kind == "decide", ~is_undone)
    return ReviewProgress(
        position=position(connection),
        decided=decided,
        batches=int(connection.execute(batches).scalar_one()),
        by_action=by[0],
        by_reviewer=by[1],
        by_label=by[2],
    )
