"""Search by words of the model and of decisions, by sentence, by a picture, which is not kept."""

from __future__ import annotations

import base64
import binascii
import threading
from typing import Any, Final
from weakref import WeakKeyDictionary

from flask import Flask, Response, abort, jsonify

from embeddings.errors import RosetteError
from embeddings.retrieval import LARGEST_PICTURE, Alike, Query, model_of, pixels_of
from explorer.api.images import current
from explorer.api.request_body import posted, refused, text
from explorer.data import Dataset, find_decided, find_seen, services

MOST: Final = 100  # images of an answer
MOST_DECIDED: Final = 200


def register(server: Flask) -> None:
    """Add the address to a server."""
    models = _Models()

    def like_picture(run: str) -> Response:
        """Answer with the rows of the images most like the posted picture, and their cosines."""
        dataset = current(run)
        picture = _picture(text(posted(), "image") or "")
        try:
            found = models.nearest(dataset, picture)
        except RosetteError as error:
            return refused(error, 400)
        alike = {
            row: round(float(cosine), 4)
            for key, cosine in zip(found.keys, found.cosine, strict=True)
            for row in dataset.holding(key)
        }
        return jsonify({"rows": list(alike)[:MOST], "alike": list(alike.values())[:MOST]})

    server.add_url_rule("/api/<run>/like-picture", view_func=like_picture, methods=["POST"])


def found_otherwise(dataset: Dataset, asked: str) -> dict[str, Any]:
    """Return what a text finds besides labels and files.

    ``seen`` by the model, ``decided``, and ``sentence``: the text model that it can be searched by,
    "" for none. That search is done when its images are asked for, not at every key.
    """
    decisions = services().decisions
    rows: list[int] = []
    if decisions is not None and decisions.any_decided():
        rows = find_decided(decisions.decided(), asked)
    return {
        "seen": find_seen(dataset, asked),
        "sentence": dataset.sentences.model if asked.strip() else "",
        "decided": {"n": len(rows), "rows": rows[:MOST_DECIDED]},
    }


class _Models:
    """The models of the runs that are shown, each loaded when first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # one search at a time: each may decode a large picture
        self._of: WeakKeyDictionary[Dataset, Query] = WeakKeyDictionary()

    def nearest(self, dataset: Dataset, picture: bytes) -> Alike:
        """Return the contents most like a picture.

        Raises
        ------
        ImageError, ModelError, UsageError
            The picture can't be read, or the run's model not be loaded from what the workspace
            knows.
        """
        with self._lock:
            pixels_of(picture, 1)  # what is no picture need not wait for the model
            if dataset not in self._of:
                extractor = model_of(dataset.workspace)
                store = dataset.workspace.store(extractor.fingerprint)
                self._of[dataset] = Query(extractor, store)
            return self._of[dataset].nearest(picture, MOST)


def _picture(encoded: str) -> bytes:
    """Return the bytes of a picture, or answer 400 or 413."""
    if len(encoded) > LARGEST_PICTURE * 4 // 3 + 4:
        abort(413)
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        abort(400)
