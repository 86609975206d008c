"""What the page's own script asks for, as JSON: a label's items, one item, a search."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

from explorer.images import current
from explorer.views.find import find
from explorer.views.item import item_view
from explorer.views.label_items import label_items

MOST_TEXT = 200  # characters of a search that are looked at


def register(server: Flask) -> None:
    """Add the addresses to a server."""
    server.add_url_rule("/api/<run>/label/<int:place>", view_func=label)
    server.add_url_rule("/api/<run>/item/<int:row>", view_func=item)
    server.add_url_rule("/api/<run>/find", view_func=find_)


def label(run: str, place: int) -> Response:
    """Answer with the items of a label in the order of its galleries."""
    dataset = current(run)
    if place >= len(dataset.labels):
        return _missing("There is no such label.")
    return jsonify(label_items(dataset, dataset.labels[place]))


def item(run: str, row: int) -> Response:
    """Answer with everything that is known of one item, and its nearest."""
    dataset = current(run)
    if row >= len(dataset.items):
        return _missing("There is no such image.")
    return jsonify(item_view(dataset, row))


def find_(run: str) -> Response:
    """Answer with labels and files that hold the text ``q``."""
    return jsonify(find(current(run), request.args.get("q", "")[:MOST_TEXT]))


def _missing(said: str) -> Response:
    response = jsonify({"error": said})
    response.status_code = 404
    return response
