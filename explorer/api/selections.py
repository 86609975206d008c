"""Saved selections over HTTP: items under a name, to be opened, linked to and exported."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from embeddings.decisions import NotInStoreError
from embeddings.errors import UsageError
from explorer.api.images import current
from explorer.api.request_body import posted, refused, reviewer, text, writable
from explorer.data import rows_in, selection_view, services


def register(server: Flask) -> None:
    """Add the addresses to a server."""
    server.add_url_rule("/api/<run>/selections", view_func=saved)
    server.add_url_rule("/api/<run>/selections", view_func=save, methods=["POST"])
    server.add_url_rule("/api/<run>/selections/<path:name>", view_func=one)


def saved(run: str) -> Response:
    """Answer with the names of what is saved."""
    current(run)
    decisions = services().decisions
    known = decisions.store.selections() if decisions else ()
    return jsonify([{"name": s.name, "size": s.size, "by": s.by, "note": s.note} for s in known])


def save(run: str) -> Response:
    """Save the posted ``rows`` under a ``name``; one that exists gets a new version."""
    dataset, decisions = writable(run)
    given = posted()
    rows = rows_in(dataset, given.get("rows"))
    try:
        made = decisions.store.save_selection(
            text(given, "name") or "", dataset.items_at(rows.tolist()), by=reviewer(given)
        )
    except UsageError as error:
        return refused(error, 400)
    return jsonify({"name": made.name, "size": made.size, "version": made.version})


def one(run: str, name: str) -> Response:
    """Answer with the rows of a saved selection; ``gone`` counts items that are here no more."""
    dataset = current(run)
    decisions = services().decisions
    if decisions is None:
        return refused(NotInStoreError("Nothing is saved here."), 404)
    try:
        found = decisions.store.selection(name)
    except (NotInStoreError, UsageError) as error:
        return refused(error, 404)
    rows = decisions.rows_of(found.items)
    return jsonify(
        {
            "name": found.name,
            "gone": found.size - len({i.key for i in found.items if decisions.rows_of([i])}),
            **selection_view(dataset, rows_in(dataset, rows)),
        }
    )
