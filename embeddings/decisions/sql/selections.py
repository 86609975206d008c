"""Saved selections: items under a name; each save is a new version, and all are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from embeddings.decisions.errors import NotInStoreError
from embeddings.decisions.records import Item, Selection, storable
from embeddings.decisions.sql.log import reserve
from embeddings.decisions.sql.tables import selection_items, selections


def append_selection(
    connection: Connection,
    name: str,
    items: Sequence[Item],
    *,
    note: str,
    by: str,
    at: datetime,
    dropped: bool = False,
) -> Selection:
    """Save the next version of a selection; one that is ``dropped`` ends it until the next."""
    position, _ = reserve(connection)
    version = _last_version(connection, name) + 1
    row = {
        "position": position,
        "name_key": _name_key(name),
        "name": name,
        "version": version,
        "note": note,
        "by": by,
        "at": at,
        "size": len(items),
        "dropped": dropped,
    }
    connection.execute(insert(selections), row)
    rows = [
        {
            "selection": position,
            "number": number,
            "sha256": item.sha256.lower(),
            "file": storable(item.file, "file name"),
            "label": storable(item.label, "label"),
            "only_this_file": item.only_this_file,
        }
        for number, item in enumerate(items)
    ]
    if rows:
        connection.execute(insert(selection_items), rows)
    return Selection(name, version, note, by, at, len(items), dropped, tuple(items))


def read_selection(connection: Connection, name: str, version: int | None) -> Selection:
    """Return a version with its items, the last one where None is named.

    Raises
    ------
    NotInStoreError
        There is no such selection or version, or the last version dropped it.
    """
    query = select(selections).where(selections.c.name_key == _name_key(name))
    if version is not None:
        query = query.where(selections.c.version == version)
    row = connection.execute(query.order_by(selections.c.version.desc()).limit(1)).first()
    if row is None or (version is None and row.dropped):
        which = name if version is None else f"{name}, version {version}"
        known = ", ".join(s.name for s in list_selections(connection)) or "none"
        raise NotInStoreError(f"There is no selection {which}.", hint=f"There are: {known}.")
    members = (
        select(selection_items)
        .where(selection_items.c.selection == row.position)
        .order_by(selection_items.c.number)
    )
    items = tuple(
        Item(r.file, r.label, r.sha256, r.only_this_file) for r in connection.execute(members)
    )
    return replace(_selection(row), items=items)


def list_selections(connection: Connection) -> tuple[Selection, ...]:
    """Return the last version of each selection by name, without items or what was dropped."""
    last = select(func.max(selections.c.position)).group_by(selections.c.name_key).scalar_subquery()
    query = select(selections).where(selections.c.position.in_(last), ~selections.c.dropped)
    return tuple(_selection(r) for r in connection.execute(query.order_by(selections.c.name)))


def selection_versions(connection: Connection, name: str) -> tuple[Selection, ...]:
    """Return all versions of a selection without their items, newest first."""
    query = (
        select(selections)
        .where(selections.c.name_key == _name_key(name))
        .order_by(selections.c.version.desc())
    )
    return tuple(_selection(row) for row in connection.execute(query))


def _last_version(connection: Connection, name: str) -> int:
    query = select(func.max(selections.c.version)).where(selections.c.name_key == _name_key(name))
    return int(connection.execute(query).scalar_one() or 0)


def _name_key(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


def _selection(row: Row[Any]) -> Selection:
    return Selection(row.name, row.version, row.note, row.by, row.at, row.size, row.dropped)
