"""Exports over HTTP: written to a temporary folder, packed, sent, and gone."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from flask import Flask, Response, abort, request
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings import export
from embeddings.decisions import NotInStoreError
from embeddings.errors import RosetteError, UsageError
from embeddings.exchange import export_workspace
from explorer.api.images import current
from explorer.api.request_body import refused
from explorer.data import Dataset, services
from explorer.reports import html_report

CHUNK = 1 << 16  # bytes
MOST, LARGEST = 100, 10_000  # images to collect, unless asked otherwise and at most
NOTES = "notes.txt"  # what was left out or put otherwise, as the command line says it
_TELL_THEMSELVES = ("imagefolder", "imagefolder-copy")  # in a README.md that readers know


def register(server: Flask) -> None:
    """Add the address to a server."""
    server.add_url_rule("/export/<run>/<name>.zip", view_func=download)
    server.add_url_rule("/export/<run>/report.html", view_func=report)
    server.add_url_rule("/export/<run>/collect.csv", view_func=to_collect)


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


def to_collect(run: str) -> Response:
    """Answer with images of the pool worth collecting, as CSV.

    They are for one of ``?slice=``, a slice by its number from 1; ``?label=``, with ``&cluster=``
    a part of it; ``?selection=``, what is saved under a name. ``&most=`` is how many.
    """
    from embeddings.retrieval import collect, collected_csv

    dataset = current(run)
    rows = _asked_for(dataset)
    if not len(rows):
        abort(404)
    most = _number("most") or MOST
    try:
        found = collect(dataset.workspace, dataset.items, rows.tolist(), most=min(most, LARGEST))
    except RosetteError as error:
        return refused(error, 400)
    headers = {"Content-Disposition": 'attachment; filename="collect.csv"'}
    return Response(collected_csv(found), mimetype="text/csv", headers=headers)


def _asked_for(dataset: Dataset) -> NDArray[np.intp]:
    """Return the rows that the address asks about; none where it asks about nothing here."""
    nothing = np.zeros(0, dtype=np.intp)
    if "slice" in request.args:
        number = _number("slice")
        failing = dataset.slices.failing if dataset.slices else ()
        return failing[number - 1].items if 0 < number <= len(failing) else nothing
    if "selection" in request.args:
        decisions = services().decisions
        try:
            saved = decisions.store.selection(request.args["selection"]) if decisions else None
        except (NotInStoreError, UsageError):
            return nothing
        return np.asarray(decisions.rows_of(saved.items) if decisions and saved else [], np.intp)
    rows = dataset.rows_of(request.args.get("label", ""))
    if "cluster" not in request.args or not len(rows):
        return rows
    cluster = dataset.items[c.CLUSTER].to_numpy()[rows]
    return np.asarray(rows[cluster == _number("cluster")], dtype=np.intp)


def _number(name: str) -> int:
    """Return a number of the address; 0 where it is none."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def pack(folder: Path, target: Path) -> Path:
    """Pack a folder; pictures are stored as they are, text is made smaller."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return target
