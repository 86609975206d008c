"""Pictures over HTTP, by the row of an item: thumbnails, larger views, small maps.

What is shown is the content that the run saw; a file that holds another by now is shown as changed.
A browser may keep a picture, and asks each time: a session may have ended, a file have changed. No
path ever comes from the client.
"""

from __future__ import annotations

from base64 import b64encode

import numpy as np
from flask import Flask, Response, abort, request

from embeddings.errors import ImageError
from explorer.data import Dataset, services
from explorer.figures import small_dot_size, small_map

SIZES = {"large": 1024, "full": 8192}  # px, the long side at most; never more than there is
# What stands for a file that could not be read: a broken frame, grey in both themes.
NO_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 112 112">'
    '<path d="M34 40h44v32H34zM34 66l14'
    '-12 9 8 8-7 13 11M30 30l52 52" fill="none" stroke="#888b92" stroke-width="2.5"/></svg>'
)
_WHOLE = 'width="112" height="112" preserveAspectRatio="xMidYMid slice"'
# A browser keeps pictures and asks if they still hold: for whom, and of which content.
_ASK_EACH_TIME = "private, no-cache"


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
    """Answer with an item's thumbnail, or its picture to the px of a ``?size=`` of ``SIZES``.

    Either is what the run saw. Where the file holds another picture by now, the thumbnail of the
    one before is shown as changed; where it is gone, the thumbnail stands in, and is not kept.
    """
    dataset = current(run)
    if row >= len(dataset):
        abort(404)
    sha256, file = dataset.content(row), dataset.file_of(row)
    pictures = dataset.workspace.pictures
    thumbnail = dataset.workspace.thumbnail(sha256) if sha256 else None
    if not sha256:
        return _checked(Response(NO_PICTURE, mimetype="image/svg+xml"), "no-picture")
    size = request.args.get("size", "")
    large = size in SIZES
    content = large_view(pictures.read(file, sha256), SIZES[size]) if large else thumbnail
    if (content is None or not large) and pictures.is_changed(file, sha256):
        picture = changed_picture(thumbnail)
        return _checked(Response(picture, mimetype="image/svg+xml"), f"{sha256[:32]}-changed")
    if content is not None:
        tag = f"{sha256[:32]}{f'-{size}' if large else ''}"
        return _checked(Response(content, mimetype="image/jpeg"), tag)
    if thumbnail is None:
        return _checked(Response(NO_PICTURE, mimetype="image/svg+xml"), "no-picture")
    response = Response(thumbnail, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


def large_view(content: bytes | None, side: int) -> bytes | None:
    """Return a JPEG of a file's bytes, its long side at most ``side`` px; None if not readable."""
    from embeddings.images import prepare

    if content is None:
        return None
    try:
        return prepare(content, 32, thumbnail_size=side).thumbnail
    except ImageError:
        return None


def changed_picture(thumbnail: bytes | None) -> str:
    """Return the thumbnail of a picture that its file holds no more, marked as that."""
    before = b64encode(thumbnail or b"").decode()
    picture = f'<image href="data:image/jpeg;base64,{before}" {_WHOLE} opacity=".35"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 112 112">{picture}'
        '<rect y="44" width="112" height="24" fill="#8a5a00"/><text x="56" y="61" fill="#fff" '
        'font-family="sans-serif" font-size="14" text-anchor="middle">changed</text></svg>'
    )


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
    return _checked(Response(picture, mimetype="image/svg+xml"), f"{run}-{place}-{cluster}")


def _checked(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = _ASK_EACH_TIME
    response.make_conditional(request)
    return response
