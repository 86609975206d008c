"""Ready-made embeddings put beside the items of a source, by file or by order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import columns
from embeddings.errors import SourceError
from embeddings.manifest.entries import Entry, clean_label
from embeddings.manifest.label_names import names_for
from embeddings.manifest.listing import Wanted
from embeddings.manifest.ready_made import ReadyMade, rows_by_file, rows_by_order
from embeddings.records import ScanResult


def put_beside(
    result: ScanResult,
    entries: Sequence[Entry],
    source: Path | str,
    path: Path,
    given: ReadyMade,
    wanted: Wanted,
) -> ScanResult:
    """Put ready-made embeddings beside the items of a source."""
    if given.files is not None:
        rows, notes = rows_by_file(given, result.rows[columns.FILE])
        if not rows:
            raise SourceError(
                f"None of the files that {path} names is an item of {source} (it names "
                f"{given.files[0]!r}, the source {result.rows[columns.FILE][0]!r}).",
                hint="Give paths relative to the root of the data set.",
            )
    else:
        files = [entry.file for entry in entries]
        if (
            isinstance(source, str) or source.is_dir()
        ):  # people list folders with sorted(), where 10.jpg precedes 2.jpg
            files.sort(key=lambda file: file.split("/"))
        rows, notes = rows_by_order(given, files, source, path)
    if wanted.labels and given.labels is not None and not result.labelled:
        of_row = {file: clean_label(given.labels[row]) for file, row in rows.items()}
        called = names_for(of_row.values(), (path.parent,), wanted.label_names, source=path.name)
        of_row = {file: called.names.get(label, label) for file, label in of_row.items()}
        notes += called.notes
        named = [of_row.get(file, columns.NO_LABEL) for file in result.rows[columns.FILE]]
        notes.append(f"Labels are taken from {path.name}, the source having none.")
        result = replace(
            result,
            rows=result.rows | {columns.LABEL: named},
            labelled=any(label != columns.NO_LABEL for label in named),
        )
    return with_embeddings(result, given, rows, notes=(*given.notes, *notes))


def with_embeddings(
    result: ScanResult, given: ReadyMade, rows: dict[str, int], *, notes: Sequence[str]
) -> ScanResult:
    """Align embeddings with the rows of a scan, and let them decide what is usable.

    An image that can't be read does not matter where there is a sound embedding of it; a sound
    image without one does not help.
    """
    files = result.rows[columns.FILE]
    matrix = np.full((len(files), given.matrix.shape[1]), np.nan, dtype=np.float32)
    status, reason, digest = (
        list(result.rows[name]) for name in (columns.STATUS, columns.REASON, columns.SHA256)
    )
    for at, file in enumerate(files):
        if (row := rows.get(file)) is None:
            status[at], reason[at] = columns.UNREADABLE, "there is no embedding of it"
        elif not np.isfinite(given.matrix[row]).all():
            status[at], reason[at] = columns.UNREADABLE, "its embedding holds NaN or infinity"
        else:
            matrix[at] = given.matrix[row]
            if status[at] != columns.OK:
                status[at] = columns.NO_IMAGE
                digest[at] = digest[at] or _digest(matrix[at])
    changed = {columns.STATUS: status, columns.REASON: reason, columns.SHA256: digest}
    return replace(
        result,
        rows=result.rows | changed,
        notes=(*result.notes, *notes),
        embeddings=matrix,
        remedy="Write the embeddings again, a row of finite numbers for each file.",
    )


def _digest(vector: NDArray[np.float32]) -> str:
    """Identify an item that has no image by its embedding, so that equal ones are duplicates."""
    return hashlib.sha256(vector.astype("<f4").tobytes()).hexdigest()
