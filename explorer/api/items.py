"""What the page's own script asks for, as JSON: one item, a search, a selection in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flask import Flask, Response, jsonify, request

from embeddings import columns as c
from embeddings.label_errors import CHECKED
from explorer.api.images import current
from explorer.api.search import found_otherwise
from explorer.data import (
    Rows,
    choices,
    find,
    item_facts,
    item_view,
    pair_rows,
    plain_case,
    rows_in,
    selection_csv,
    selection_view,
    services,
)

COMPARED = 6  # images of each label of a pair, to compare with
MOST_TEXT = 200  # characters of a search that are looked at


def register(server: Flask) -> None:
    """Add the addresses to a server."""
    server.add_url_rule("/api/<run>/item/<int:row>", view_func=item)
    server.add_url_rule("/api/<run>/find", view_func=find_)
    server.add_url_rule("/api/<run>/labels", view_func=labels)
    server.add_url_rule("/api/<run>/case", view_func=case)
    server.add_url_rule("/api/<run>/pair", view_func=pair)
    server.add_url_rule("/api/<run>/selection", view_func=selection, methods=["POST"])
    server.add_url_rule("/api/<run>/facts", view_func=facts, methods=["POST"])
    server.add_url_rule("/api/<run>/selection.csv", view_func=selection_table, methods=["POST"])


def item(run: str, row: int) -> Response:
    """Answer with everything that is known of one item, and its nearest."""
    dataset = current(run)
    if row >= len(dataset):
        return _missing("There is no such image.")
    return jsonify({**item_view(dataset, row), "decision": _decided([row]).get(row, "")})


def find_(run: str) -> Response:
    """Answer with labels and files that hold the text ``q``."""
    dataset = current(run)
    text = request.args.get("q", "")[:MOST_TEXT]
    if "exact" in request.args:
        return jsonify({"rows": dataset.rows_of(text).tolist()})
    return jsonify({**find(dataset, text), **found_otherwise(dataset, text)})


def labels(run: str) -> Response:
    """Answer with labels to choose from that hold the text ``q``, and those spelled nearly so."""
    dataset, decisions = current(run), services().decisions
    invented = decisions.new_labels() if decisions else {}
    return jsonify(choices(dataset, request.args.get("q", "")[:MOST_TEXT], invented))


def case(run: str) -> Response:
    """Answer with the case ``id`` of the queue, its rows among it."""
    dataset, wanted = current(run), request.args.get("id", "")
    found = next((one for one in dataset.cases if one.id == wanted), None)
    if found is None:
        return _missing("There is no such finding.")
    rows = [row for part in found.parts for row in part.rows]
    return jsonify({**plain_case(found), "decided": _decided(rows)})


def pair(run: str) -> Response:
    """Answer with the images labelled ``given`` that look like ``looks``, and the other way."""
    dataset = current(run)
    given, looks = request.args.get("given", ""), request.args.get("looks", "")
    if given not in dataset.places or looks not in dataset.places:
        return _missing("There is no such label.")
    column = c.PREDICTED if request.args.get("by") == "model" else CHECKED
    there, back = (pair_rows(dataset, *two, column) for two in ((given, looks), (looks, given)))
    decided = _decided(np.concatenate([there, back]))
    smaller = given if len(dataset.rows_of(given)) <= len(dataset.rows_of(looks)) else looks
    return jsonify(
        {
            "there": there.tolist(),
            "back": back.tolist(),
            "today": {
                name: dataset.typical(name, dataset.main_cluster(name), COMPARED)
                for name in (given, looks)
            },
            "sizes": {name: len(dataset.rows_of(name)) for name in (given, looks)},
            "smaller": smaller,
            "smaller_rows": dataset.rows_of(smaller).tolist(),
            "decided": decided,
        }
    )


def selection(run: str) -> Response:
    """Answer with what the posted ``rows`` are."""
    dataset = current(run)
    rows = rows_in(dataset, _posted())
    return jsonify({**selection_view(dataset, rows), "decided": _decided(rows)})


def facts(run: str) -> Response:
    """Answer with what the posted ``rows`` are sorted and filtered by."""
    dataset = current(run)
    return jsonify(item_facts(dataset, rows_in(dataset, _posted())))


def selection_table(run: str) -> Response:
    """Answer with the posted ``rows`` as CSV."""
    dataset = current(run)
    rows = rows_in(dataset, _posted())
    table = selection_csv(dataset, rows, _decided(rows))
    return Response(table, mimetype="text/csv")


def _decided(rows: Sequence[int] | Rows) -> dict[int, str]:
    """Return row → decision in force, for those of ``rows`` that are decided."""
    decisions = services().decisions
    if decisions is None:
        return {}
    decisions.follow()
    return decisions.texts(rows)


def _posted() -> object:
    content = request.get_json(silent=True)
    return content.get("rows") if isinstance(content, dict) else None


def _missing(said: str) -> Response:
    response = jsonify({"error": said})
    response.status_code = 404
    return response
