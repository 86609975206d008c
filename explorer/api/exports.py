"""Exports over HTTP: written to a temporary folder, packed, sent, and gone."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, abort, request

from embeddings import export
from embeddings.errors import RosetteError
from embeddings.exchange import export_workspace
from explorer.api.images import current
from explorer.api.request_body import refused
from explorer.data import services
from explorer.reports import html_report

CHUNK = 1 << 16  # bytes
NOTES = "notes.txt"  # what was left out or put otherwise, as the command line says it
_TELL_THEMSELVES = ("imagefolder", "imagefolder-copy")  # in a README.md that readers know


def register(server: Flask) -> None:
    """Add the address to a server."""
    server.add_url_rule("/export/<run>/<name>.zip", view_func=download)
    server.add_url_rule("/export/<run>/report.html", view_func=report)


def download(run: str, name: str) -> Response:
    """Answer with an export as a zip file; ``?scope=`` as on the command line."""
    dataset = current(run)
    decisions = services().decisions
    if decisions is None or name not in {entry.name for entry in export.all_formats()}:
        abort(404)
    folder = tempfile.TemporaryDirectory(prefix="rosette-export-")
    out = Path(folder.name) / name
    # a hard link into a folder that is packed and dropped would be of no use
    wanted = "imagefolder-copy" if name == "imagefolder" else name
    try:
        written = export_workspace(
            dataset.workspace,
            decisions.store,
            wanted,
            out,
            scope=request.args.get("scope", "all"),
        )
        if written.notes and name not in _TELL_THEMSELVES:
            (out / NOTES).write_text("\n".join(written.notes) + "\n", encoding="utf-8")
        packed = pack(out, Path(folder.name) / f"{name}.zip")
    except RosetteError as error:
        folder.cleanup()
        return refused(error, 400)

    def send() -> Iterator[bytes]:
        with folder, packed.open("rb") as stream:
            while part := stream.read(CHUNK):
                yield part

    headers = {
        "Content-Disposition": f'attachment; filename="{name}.zip"',
        "Content-Length": str(packed.stat().st_size),
    }
    return Response(send(), mimetype="application/zip", headers=headers)


def report(run: str) -> Response:
    """Answer with the report to send, one HTML file; ``?images=no`` leaves the pictures out."""
    dataset = current(run)
    made = html_report(
        dataset, services().decided(), images=request.args.get("images", "yes") != "no"
    )
    headers = {"Content-Disposition": 'attachment; filename="report.html"'}
    return Response(made, mimetype="text/html", headers=headers)


def pack(folder: Path, target: Path) -> Path:
    """Pack a folder; pictures are stored as they are, text is made smaller."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return target
