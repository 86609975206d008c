"""Pictures over HTTP, by opaque keys: thumbnails by content, small maps by place in the ranking.

A run's pictures never change, so a browser may keep them for good; another run has other addresses.
"""

from __future__ import annotations

import re

import numpy as np
from flask import Flask, Response, abort, request

from explorer.figures.small_map import dot_size, small_map
from explorer.services import services

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOREVER = "public, max-age=31536000, immutable"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
}


def register(server: Flask) -> None:
    """Add the addresses to a server."""
    server.add_url_rule("/img/<run>/<sha256>", view_func=image)
    server.add_url_rule("/map/<run>/<int:place>/<int(signed=True):cluster>.svg", view_func=map_)
    server.after_request(_secured)


def image(run: str, sha256: str) -> Response:
    """Answer with the thumbnail of a content."""
    dataset = services().dataset
    if run != dataset.run_id or not _SHA256.fullmatch(sha256):
        abort(404)
    content = dataset.workspace.thumbnail(sha256)
    if content is None:
        abort(404)
    return _kept(Response(content, mimetype="image/jpeg"), sha256[:32])


def map_(run: str, place: int, cluster: int) -> Response:
    """Answer with the dots of one cluster of a label."""
    dataset = services().dataset
    label = dataset.label_at(place)
    if run != dataset.run_id or label is None:
        abort(404)
    whole = dataset.rows(label)[["x", "y"]].dropna().to_numpy(dtype=np.float32)
    points = dataset.points(label, cluster)
    if not len(points):
        abort(404)
    extent = np.stack([whole.min(axis=0), whole.max(axis=0)])
    picture = small_map(points, extent, dot_size(len(whole)))
    return _kept(Response(picture, mimetype="image/svg+xml"), f"{run}-{place}-{cluster}")


def _kept(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = _FOREVER
    response.make_conditional(request)
    return response


def _secured(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
