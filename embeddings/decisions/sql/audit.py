"""Audit of a store: is the log complete, are the derived tables right; rebuild them."""

from __future__ import annotations

from sqlalchemy import Connection, case, delete, func, select

from embeddings.decisions.sql.tables import current, decisions, entries, head, undone
from embeddings.decisions.standing import put_back, stand, take_back


def problems(connection: Connection) -> tuple[str, ...]:
    """Compare the store with its own log; empty where all is well."""
    return (*_log_problems(connection), *_derived_problems(connection))


def _log_problems(connection: Connection) -> list[str]:
    said = []
    position, expected = connection.execute(select(head.c.position, head.c.decisions)).one()
    query = select(func.count(), func.coalesce(func.max(decisions.c.id), 0))
    count, last = connection.execute(query.select_from(decisions)).one()
    if (count, last) != (expected, expected):
        said.append(f"{expected} decisions were numbered, {count} are there, the last is {last}")
    latest = connection.execute(select(func.coalesce(func.max(entries.c.position), 0))).scalar_one()
    if latest > position:
        said.append(f"the log goes to position {latest}, the head says {position}")
    sizes = (
        select(decisions.c.batch, func.count().label("n")).group_by(decisions.c.batch).subquery()
    )
    short = (
        select(func.count())
        .select_from(entries)
        .outerjoin(sizes, sizes.c.batch == entries.c.position)
        .where(func.coalesce(sizes.c.n, 0) != entries.c.size)
    )
    if n := connection.execute(short).scalar_one():
        said.append(f"{n} batches lack decisions")
    return said


def _derived_problems(connection: Connection) -> list[str]:
    said = []
    turns = (
        select(entries.c.target, func.max(entries.c.position).label("position"))
        .where(entries.c.kind != "decide")
        .group_by(entries.c.target)
        .subquery()
    )
    truly = connection.execute(
        select(entries.c.target, entries.c.position)
        .join(turns, turns.c.position == entries.c.position)
        .where(entries.c.kind == "undo")
    )
    held = connection.execute(select(undone.c.batch, undone.c.position))
    if {tuple(row) for row in truly} != {tuple(row) for row in held}:
        said.append("the batches held as undone are not those that the log says")
    in_force = func.max(case((undone.c.batch.is_(None), decisions.c.id)))
    derived = (
        select(decisions.c.item, in_force.label("decision"))
        .outerjoin(undone, undone.c.batch == decisions.c.batch)
        .group_by(decisions.c.item)
        .subquery()
    )
    wrong = (
        select(func.count())
        .select_from(derived)
        .outerjoin(current, current.c.item == derived.c.item)
        .where(current.c.item.is_(None) | current.c.decision.is_distinct_from(derived.c.decision))
    )
    if n := connection.execute(wrong).scalar_one():
        said.append(f"{n} items stand otherwise than the log says")
    items = connection.execute(select(func.count(func.distinct(decisions.c.item)))).scalar_one()
    rows = connection.execute(select(func.count()).select_from(current)).scalar_one()
    if rows != items:
        said.append(f"{rows} items are held, {items} were ever decided on")
    return said


def derive_anew(connection: Connection) -> None:
    """Delete everything derived and go through the log from its start."""
    connection.execute(select(head.c.position).with_for_update())
    connection.execute(delete(current))
    connection.execute(delete(undone))
    query = select(
        entries.c.position, entries.c.kind, entries.c.target, entries.c.reviewer
    ).order_by(entries.c.position)
    for position, kind, target, reviewer in connection.execute(query).all():
        if kind == "decide":
            stand(connection, position)
        elif kind == "undo":
            take_back(connection, position, target, reviewer)
        else:
            put_back(connection, position, target)
