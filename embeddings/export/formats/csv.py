r"""Findings as CSV: items, classes, clusters and merges, a table each, and how to read them back.

UTF-8 without a byte order mark, ``\n`` between rows, cells quoted where they need it; the same
frames give the same bytes. A missing value is an empty cell, booleans are ``true`` and ``false``,
lists are JSON.

Text that a spreadsheet would run as a formula is made safe (``storage.spreadsheet``).
"""

from __future__ import annotations

import csv
import json
import math
import numbers
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from embeddings import columns as c
from embeddings.errors import SourceError
from embeddings.export.common.folders import text_file
from embeddings.export.common.source import ExportSource, Written
from embeddings.records import Progress, no_progress
from embeddings.storage import neutralised, restored

if TYPE_CHECKING:
    import pandas as pd

ITEM_COLUMNS: Final = (
    c.FILE,
    c.LABEL,
    c.CLUSTER,
    c.CLUSTER_PROBABILITY,
    c.SUSPICION,
    c.SUGGESTED_LABEL,
    c.DECISION,
    c.X,
    c.Y,
    c.STATUS,
    c.REASON,
    c.CLUSTER_SUSPICION,
    c.CLUSTER_SUGGESTED_LABEL,
)
CLASS_COLUMNS: Final = (
    c.LABEL,
    c.SIZE,
    c.N_CLUSTERS,
    c.SPLIT_SCORE,
    c.IS_SPLIT,
    c.VERDICT,
    c.STYLE,
)
CLUSTER_COLUMNS: Final = (
    c.LABEL,
    c.CLUSTER,
    c.SIZE,
    c.SUSPICION,
    c.SUGGESTED_LABEL,
    c.NEAREST_LABEL,
    c.IS_ODD,
    c.KIND_NAME,
)

_TOO_BULKY: Final = frozenset({c.EMBEDDING, c.THUMBNAIL})
_WHOLE: Final = frozenset(
    {
        c.CLUSTER,
        c.SIZE,
        c.N_CLUSTERS,
        c.BYTES,
        c.WIDTH,
        c.HEIGHT,
        c.N_STRAYS,
        c.STYLE_GROUP,
        c.NEAR_COPIES,
        c.SIZE_A,
        c.SIZE_B,
    }
)
_ROWS_AT_ONCE: Final = 4096


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Write items, classes, clusters, merges and, if any, slices, a file each, into ``out``."""
    frames = (source.items, source.classes, source.clusters, source.merges)
    written = export_csv(*frames, out=out, progress=progress)
    if source.slices is None:
        return Written(written)
    slices = out / "slices.csv"
    write_table(slices, source.slices, progress=progress)
    return Written((*written, slices))


def export_csv(
    items: pd.DataFrame,
    classes: pd.DataFrame,
    clusters: pd.DataFrame,
    merges: pd.DataFrame,
    out: Path,
    *,
    progress: Progress = no_progress,
) -> tuple[Path, ...]:
    """Write the four tables into the folder ``out``, each of them whole or not at all.

    Parameters
    ----------
    items
        One row per item of the manifest, unreadable ones included.
    classes, clusters, merges
        One row per label, per cluster, and per pair of labels that are perhaps one kind; classes
        are written ranked by split score.
    out
        A folder, made where it is missing. Files of the four names in it are replaced.

    Returns
    -------
    The paths written. Columns of the contract that a frame lacks are there, empty; its other
    columns follow in their order, without embeddings and thumbnails.
    """
    if c.SPLIT_SCORE in classes:
        classes = classes.sort_values(c.SPLIT_SCORE, ascending=False, kind="stable")
    tables = (
        (out / "items.csv", items, ITEM_COLUMNS),
        (out / "classes.csv", classes, CLASS_COLUMNS),
        (out / "clusters.csv", clusters, CLUSTER_COLUMNS),
        (out / "merges.csv", merges, c.MERGE_COLUMNS),
    )
    for path, frame, first in tables:
        write_table(path, frame, first, progress=progress)
    return tuple(path for path, _, _ in tables)


def read_csv(path: Path) -> pd.DataFrame:
    """Read what ``export_csv`` wrote: every cell as text, with the guards of formulas removed.

    Raises
    ------
    SourceError
        The file is not there, or is not CSV in UTF-8.
    """
    import pandas as pd

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} can't be read: {error}.", hint="Export it again.") from error
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    cells = [[restored(cell) for cell in row] for row in body]
    return pd.DataFrame(cells, columns=pd.Index([restored(name) for name in header]), dtype="str")


def write_table(
    path: Path,
    frame: pd.DataFrame,
    first: Sequence[str] = (),
    *,
    progress: Progress = no_progress,
) -> None:
    """Write one frame as one CSV file, atomically.

    Parameters
    ----------
    first
        Columns to begin with, empty where the frame lacks them; its others follow.
    """
    rest = [str(name) for name in frame.columns if name not in first and name not in _TOO_BULKY]
    # UTF-8 can't hold a lone surrogate: it is escaped, so that the export does not fail
    with text_file(path) as stream:
        plain = csv.writer(stream, lineterminator="\n")
        # the csv module does not quote a lone carriage return, and then can't read it back
        quoted = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
        plain.writerow([neutralised(name) for name in (*first, *rest)])
        for done, row in enumerate(_rows(frame, (*first, *rest)), start=1):
            (quoted if any("\r" in cell for cell in row) else plain).writerow(row)
            if done % _ROWS_AT_ONCE == 0 or done == len(frame):
                progress(done, len(frame), path.name)


def _rows(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the rows as text, some thousands of them in memory at a time."""
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame.iloc[start : start + _ROWS_AT_ONCE]
        texts = [
            [_cell(value, whole=name in _WHOLE) for value in part[name].to_numpy()]
            if name in part
            else [""] * len(part)
            for name in names
        ]
        yield from zip(*texts, strict=True)


def _cell(value: Any, *, whole: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralised(value)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        exact = float(value)
        if math.isnan(exact):
            return ""
        # a column of whole numbers with gaps comes as floats; float32 has its own shortest text
        return str(int(exact)) if whole and exact.is_integer() else str(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple | dict):
        return neutralised(json.dumps(value, ensure_ascii=False))
    return "" if str(value) in ("<NA>", "NaT") else neutralised(str(value))
