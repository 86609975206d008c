"""Deciding over HTTP: one POST is one action, logged before it is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from flask import Flask, Response, jsonify, request

from embeddings.decisions import (
    Action,
    ChangedPictureError,
    ConflictError,
    Context,
    NothingToUndoError,
    NotInStoreError,
    Receipt,
    Store,
    StoreError,
    StoreReadOnlyError,
)
from embeddings.errors import UsageError
from explorer.api.images import current
from explorer.api.request_body import posted, refused, reviewer, text, whole, writable
from explorer.data import Dataset, Decisions, Group, left_by_kind, rows_in, services

log = logging.getLogger(__name__)


def register(server: Flask) -> None:
    """Add the addresses to a server."""
    add = server.add_url_rule
    add("/api/<run>/decide", view_func=decide, methods=["POST"])
    add("/api/<run>/undo", view_func=undo, methods=["POST"])
    add("/api/<run>/redo", view_func=redo, methods=["POST"])
    add("/api/<run>/decisions", view_func=changes)
    add("/api/<run>/assign", view_func=assign, methods=["POST"])
    server.register_error_handler(StoreError, failed)


def failed(error: StoreError) -> Response:
    """Answer that the store can't do it: nothing was written, and the page says so."""
    if isinstance(error, StoreReadOnlyError):
        return refused(error, 403)
    log.error("store.failed", extra={"fields": {"error": type(error).__name__}})
    return refused(error, 503)


def decide(run: str) -> Response:
    """Decide on the posted ``rows``, or on a ``cluster`` of a ``label``.

    ``each`` decides on several groups in one action: a list of objects with ``rows``, ``action``,
    ``to_label``, and ``only_these`` where equal files are to be left alone.
    """
    dataset, decisions = writable(run)
    given = posted()
    groups = _groups(dataset, given)
    expected = given.get("expected")

    def act() -> Receipt:
        return decisions.decide_each(
            groups,
            note=text(given, "note") or "",
            reviewer=reviewer(given),
            context=Context(text(given, "label"), whole(given, "cluster"), run),
            expected=expected if isinstance(expected, int) else None,
        )

    return _answer(decisions, act, expected)


def _groups(dataset: Dataset, given: Mapping[str, Any]) -> list[Group]:
    """Read what is to be decided; what is no object is left out, as rows that do not exist are."""
    each = given.get("each")
    if not isinstance(each, list):
        return [_group(_rows(dataset, given), given)]
    parts = [one for one in each if isinstance(one, dict)]
    return [_group([int(row) for row in rows_in(dataset, one.get("rows"))], one) for one in parts]


def _group(rows: Sequence[int], given: Mapping[str, Any]) -> Group:
    return Group(
        rows,
        cast(Action, str(given.get("action", ""))),
        text(given, "to_label"),
        only_these=given.get("only_these") is True,
    )


def undo(run: str) -> Response:
    """Undo the reviewer's last action, or the posted ``batch``."""
    return _step(run, lambda store: (store.undo, store.undo_batch))


def redo(run: str) -> Response:
    """Redo what the reviewer undid last, or the posted ``batch``."""
    return _step(run, lambda store: (store.redo, store.redo_batch))


Steps = tuple[Callable[[str], Receipt], Callable[[int, str], Receipt]]


def _step(run: str, steps: Callable[[Store], Steps]) -> Response:
    """Take the reviewer's last step, or that of a batch."""
    _, decisions = writable(run)
    given = posted()
    batch, who = whole(given, "batch"), reviewer(given)
    last, of_batch = steps(decisions.store)
    return _answer(
        decisions,
        lambda: last(who) if batch is None else of_batch(batch, who),
        given.get("expected"),
    )


def assign(run: str) -> Response:
    """Give the posted ``label`` to the reviewer who asks for it."""
    dataset, decisions = writable(run)
    given = posted()
    label, who = text(given, "label"), reviewer(given)
    if label not in dataset.places:
        return refused(UsageError("There is no such label."), 400)
    decisions.store.assign([label], who, by=who)
    return jsonify({"label": label, "reviewer": who})


def changes(run: str) -> Response:
    """Answer with what others decided after the position ``since``."""
    current(run)
    decisions = services().decisions
    since = request.args.get("since", default=0, type=int)
    if decisions is None:
        return jsonify({"position": 0, "decided": {}, "left": {}})
    position = decisions.follow()
    return jsonify(
        {
            "position": position,
            "decided": decisions.changed_since(since) if since < position else {},
            "left": left(decisions),
        }
    )


def _answer(decisions: Decisions, act: Any, expected: object) -> Response:
    """Do it, and answer with what stands now, or with why it was not done."""
    try:
        receipt: Receipt = act()
    except ConflictError as error:
        return refused(error, 409, position=error.position)
    except NothingToUndoError as error:
        return refused(error, 409)
    except NotInStoreError as error:
        return refused(error, 404)
    except ChangedPictureError as error:
        return refused(error, 409, changed=[item.file for item in error.items])
    except UsageError as error:
        return refused(error, 400)
    position = decisions.follow()
    since = expected if isinstance(expected, int) else receipt.position - 1
    return jsonify(
        {
            "position": position,
            "words": words(receipt),
            "batch": receipt.batch,
            "decided": decisions.changed_since(min(since, receipt.position - 1)),
            "left": left(decisions),
        }
    )


def left(decisions: Decisions) -> dict[str, int]:
    """Return how many cases of each kind wait, for the counts that every page shows."""
    found = left_by_kind(decisions.dataset.cases, decisions.decided_rows())
    return {str(kind): n for kind, n in found.items()}


def words(receipt: Receipt) -> str:
    """Say what an action did."""
    images = f"{receipt.size:,} image{'' if receipt.size == 1 else 's'}"
    if receipt.kind == "undo":
        return f"Undone for {images}"
    if receipt.action == "relabel":
        return f"{images} {'is' if receipt.size == 1 else 'are'} now {receipt.to_label}"
    done = {
        "keep": "kept as labelled",
        "remove": "left out of exports",
        "unsure": "marked not sure",
    }
    return f"{images} {done.get(receipt.action or '', 'decided, each by itself')}"


def _rows(dataset: Dataset, given: Mapping[str, Any]) -> list[int]:
    label, cluster = text(given, "label"), whole(given, "cluster")
    if "rows" not in given and label in dataset.places and cluster is not None:
        return [int(row) for row in dataset.members(label, cluster)]
    return [int(row) for row in rows_in(dataset, given.get("rows"))]
