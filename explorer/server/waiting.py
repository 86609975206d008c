"""What is served until a workspace has its first findings: how far the run is, and its pictures."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, abort, jsonify, request, send_from_directory

from embeddings import columns as c
from embeddings.workspace import Workspace
from explorer.components import assets_folder
from explorer.logs import UNITS, Told, duration, read_progress
from explorer.security import Policy, protect

OWN: Final = re.compile(r"/waiting/(progress|picture/\d+/\d+)$")
PICTURES: Final = 60  # on the page at most, the newest first

SILENT: Final = 20  # s after which it is said that nothing was heard of the run
WORDS: Final = {
    "draw": "The pictures are drawn.",
    "scan": "The files are listed and hashed.",
    "embed": "The images are looked at.",
    "first findings": "Findings are made on the images seen so far.",
}
FINDINGS: Final = "The findings are made."

PAGE: Final = """<!DOCTYPE html>
<html lang="en" data-prefix="{prefix}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name} · Rosette</title>
<link rel="stylesheet" href="{prefix}/assets/00-tokens.css">
<link rel="stylesheet" href="{prefix}/assets/10-frame.css">
<link rel="stylesheet" href="{prefix}/assets/20-parts.css">
<link rel="stylesheet" href="{prefix}/assets/waiting.css">
<script src="{prefix}/assets/theme.js"></script>
<script src="{prefix}/assets/waiting.js" defer></script></head>
<body><main class="waiting">
<h1>{name}</h1>
<p>The first findings come when some hundred images have been looked at. This page then shows them
by itself; they settle while the rest is looked at.</p>
<div role="status"><b id="stage">The run begins.</b> <span id="told"></span></div>
<progress id="bar" aria-label="Progress" max="1"></progress>
<p id="silent" hidden></p>
<div id="pictures" class="pictures" aria-label="Images as they are read"></div>
</main></body></html>
"""


class Waiting:
    """A WSGI app: the page that waits while a workspace has no findings, then the app itself.

    Parameters
    ----------
    workspace
        The folder; it may be missing yet.
    policy
        Who may do what, as with the app.
    make
        Makes the app, once there are findings.
    """

    def __init__(
        self, workspace: Path, policy: Policy, make: Callable[[], WSGIApplication]
    ) -> None:
        self._workspace, self._make = workspace, make
        self._before: WSGIApplication = waiting_page(workspace, policy)
        self._app: WSGIApplication | None = None
        self._making = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; the page that waits is told by its own address when it may go."""
        own = OWN.search(environ.get("PATH_INFO", ""))
        return (self._before if own else self._current())(environ, start_response)

    def _current(self) -> WSGIApplication:
        if self._app is None and has_findings(self._workspace):
            with self._making:
                if self._app is None:
                    self._app = self._make()
        return self._app or self._before


def has_findings(workspace: Path) -> bool:
    """Whether there is a run to look at."""
    return Workspace.exists(workspace) and Workspace.open(workspace).info.run_id is not None


def waiting_page(workspace: Path, policy: Policy) -> WSGIApplication:
    """Make the server of the page that waits."""
    server = Flask(__name__, static_folder=None)

    @server.get("/assets/<path:file>")
    def asset(file: str) -> Response:
        return send_from_directory(assets_folder(), file)

    @server.get("/waiting/progress")
    def progress() -> Response:
        return jsonify(
            {
                "ready": has_findings(workspace),
                **said(read_progress(workspace)),
                "pictures": _newest(workspace),
            }
        )

    @server.get("/waiting/picture/<int:file>/<int:row>")
    def picture(file: int, row: int) -> Response:
        files = _packed(workspace)
        table = _table(files[file]) if file < len(files) else None
        if table is None or row >= table.num_rows:
            abort(404)
        content = table.column(c.THUMBNAIL)[row].as_py()
        return Response(content, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})

    @server.get("/")
    @server.get("/<path:path>")
    def page(path: str = "") -> Response:
        name = Workspace.open(workspace).name if Workspace.exists(workspace) else ""
        words = {"prefix": request.script_root, "name": name or workspace.resolve().name}
        return Response(
            PAGE.format_map({key: escape(word) for key, word in words.items()}),
            headers={"Cache-Control": "no-store"},
        )

    protect(server, policy, evaluates=False)
    return server


def said(told: Told | None) -> dict[str, str | float]:
    """Return how far the run is, in words and as a share of the stage it is at."""
    if told is None:
        return {"stage": "Nothing was heard of a run yet.", "told": "", "share": 0.0, "silent": ""}
    words = f"{told.done:,} of {told.total:,} {UNITS.get(told.stage, 'done')}"
    if told.rate:
        left = duration((told.total - told.done) / told.rate)
        words += f", {told.rate:,.0f} a second, {left} left"
    silent = f"Nothing was heard of the run for {duration(told.age)}." if told.age > SILENT else ""
    return {
        "stage": WORDS.get(told.stage, FINDINGS),
        "told": words,
        "share": told.done / max(told.total, 1),
        "silent": silent,
    }


def _packed(workspace: Path) -> list[Path]:
    return sorted((workspace / "thumbnails").glob("*.arrow"))


def _table(file: Path) -> Any:
    from embeddings.storage import map_arrow

    return map_arrow(file)


def _newest(workspace: Path) -> list[tuple[int, int]]:
    """Return (file, row) of the newest pictures, the newest first."""
    found: list[tuple[int, int]] = []
    for number, file in reversed(list(enumerate(_packed(workspace)))):
        rows = _table(file).num_rows
        found += [(number, row) for row in range(rows - 1, -1, -1)][: PICTURES - len(found)]
        if len(found) >= PICTURES:
            break
    return found
