"""Pictures over HTTP, by the row of an item: thumbnails, larger views, small maps.

A run's pictures never change, so a browser may keep them for good; another run has other addresses.
No path ever comes from the client.
"""

from __future__ import annotations

import numpy as np
from flask import Flask, Response, abort, request

from embeddings.errors import ImageError
from explorer.data import Dataset, services
from explorer.figures import small_dot_size, small_map

LARGE = 1024  # px, the long side of the larger view
# What stands for a file that could not be read: a broken frame, grey in both themes.
NO_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 112 112">'
    '<path d="M34 40h44v32H34zM34 66l14'
    '-12 9 8 8-7 13 11M30 30l52 52" fill="none" stroke="#888b92" stroke-width="2.5"/></svg>'
)
_FOREVER = "public, max-age=31536000, immutable"


def register(server: Flask) -> None:
    """Add the addresses to a server."""
    server.add_url_rule("/img/<run>/<int:row>", view_func=image)
    server.add_url_rule("/map/<run>/<int:place>/<int(signed=True):cluster>.svg", view_func=map_)
    for start in ("img", "map", "api"):  # else Dash would answer with its page
        server.add_url_rule(f"/{start}/<path:rest>", endpoint=f"no-{start}", view_func=nothing)


def nothing(rest: str) -> Response:
    """Answer 404 to whatever looks like an address of ours and is none."""
    abort(404)


def current(run: str) -> Dataset:
    """Return the data set, or answer 404 when ``run`` is not the one that is shown."""
    dataset = services().dataset
    if run != dataset.run_id:
        abort(404)
    return dataset


def image(run: str, row: int) -> Response:
    """Answer with an item's thumbnail, or with ``?size=large`` its picture to ``LARGE`` px."""
    dataset = current(run)
    if row >= len(dataset):
        abort(404)
    sha256, large = dataset.content(row), request.args.get("size") == "large"
    content = large_view(dataset, dataset.file_of(row)) if large else None
    if content is None and sha256:
        content = dataset.workspace.thumbnail(sha256)
    if content is None:
        return _kept(Response(NO_PICTURE, mimetype="image/svg+xml"), "no-picture")
    return _kept(
        Response(content, mimetype="image/jpeg"), f"{sha256[:32]}{'-large' if large else ''}"
    )


def large_view(dataset: Dataset, file: str) -> bytes | None:
    """Return a JPEG of the item's file, or None where the file is gone or can't be read."""
    from embeddings.images import prepare

    path = dataset.workspace.image_path(file)
    if path is None:
        return None
    try:
        return prepare(path, 32, thumbnail_size=LARGE).thumbnail
    except (ImageError, OSError):
        return None


def map_(run: str, place: int, cluster: int) -> Response:
    """Answer with the dots of one cluster of a label."""
    dataset = current(run)
    if place >= len(dataset.labels):
        abort(404)
    label = dataset.labels[place]
    members = dataset.members(label, cluster)
    if not len(members):
        abort(404)
    whole = dataset.label_xy[dataset.rows_of(label)]
    whole = whole[np.isfinite(whole[:, 0])]
    extent = np.stack([whole.min(axis=0), whole.max(axis=0)])
    picture = small_map(dataset.label_xy[members], extent, small_dot_size(len(whole)))
    return _kept(Response(picture, mimetype="image/svg+xml"), f"{run}-{place}-{cluster}")


def _kept(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = _FOREVER
    response.make_conditional(request)
    return response
