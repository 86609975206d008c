"""Tables of boxes: a row for each, with the picture, the label and the sides.

Roboflow's *Tensorflow Object Detection* (``_annotations.csv``), Open Images, TensorFlow's
``raccoon_labels.csv``, keras-retinanet (without a header), GTSRB.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from embeddings.errors import SourceError, UnclearSourceError, UsageError
from embeddings.manifest.annotations.records import (
    AnnotationFormat,
    Annotations,
    Changes,
    Mark,
    number,
)
from embeddings.manifest.parsed import Parsed
from embeddings.manifest.tables import (
    KNOWN_NAMES,
    Table,
    file_column,
    is_picture,
    label_columns,
    read_table,
    text,
)
from embeddings.storage import decoded

# Names of the sides, left, top, right and bottom, without what may stand before them.
_SIDES: Final = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("x0", "y0", "x1", "y1"),
)
_BEFORE = re.compile(r"^(roi|bbox|box|bb|bndbox|b)(?=[xy])")
_HEAD: Final = 65_536  # bytes
_WRITABLE: Final = (".csv", ".tsv")


def box_columns(table: Table) -> tuple[str, str, str, str] | None:
    """Return the columns of the left, top, right and bottom side; None where there are none."""
    by_name = {}
    for name in reversed(table.names):
        squeezed = re.sub(r"[\W_]+", "", name.casefold())
        by_name[_BEFORE.sub("", squeezed)] = name
    for sides in _SIDES:
        found = [by_name[side] for side in sides if side in by_name]
        if len(found) == 4:
            return found[0], found[1], found[2], found[3]
    return None


def _table(path: Path) -> Table:
    return read_table(path, KNOWN_NAMES)


def is_box_table(path: Path, parsed: Parsed) -> bool:
    """Whether a file is a table of boxes with labels, by its columns."""
    if path.suffix.lower() not in _WRITABLE or not _could_have_boxes(path):
        return False
    try:
        table = parsed.look(path, _table)
        file, _ = file_column(table)
        return box_columns(table) is not None and label_columns(table, file).name is not None
    except (SourceError, UnclearSourceError):
        return False


def _could_have_boxes(path: Path) -> bool:
    """Whether the first line names sides, or is a row without header: a whole table takes long."""
    try:
        with path.open("rb") as stream:
            head = decoded(stream.read(_HEAD)).text.lstrip()
    except OSError:
        return False
    first = re.sub(r"[_\s]", "", head.splitlines()[0].casefold()) if head else ""
    return "xmin" in first or "x1" in first or "x0" in first or is_picture(first.split(",")[0])


def _read(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    notes: list[str] = []
    for path in paths:
        table = parsed.take(path, _table)
        file, said = file_column(table)
        label = label_columns(table, file).name
        notes += [*table.notes, *said]
        sides = [list(map(number, table.column(name))) for name in box_columns(table) or ()]
        if label is None or len(sides) != 4:
            raise SourceError(f"{path} is no table of boxes any more.", hint="Scan it again.")
        named = (text(cell).strip() for cell in table.column(file))
        in_shares = all(0 <= s <= 1 for side in sides for s in side if s == s)
        rows = zip(named, map(text, table.column(label)), *sides, strict=True)
        for at, (image, said_label, left, top, right, bottom) in enumerate(rows):
            images[image] = None
            if said_label.strip():
                box = left, top, right - left, bottom - top
                marks.append(Mark(image, said_label, box, path, (at,), in_shares))
    return Annotations("a table of boxes", tuple(marks), tuple(images), tuple(dict.fromkeys(notes)))


def _relabelled(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    return {path: _with(path, own) for path, own in changes.items()}


def _with(path: Path, changes: Changes) -> str:
    """Return the text of a table with other labels; its delimiter and line ends stay."""
    table = read_table(path, KNOWN_NAMES)
    label = label_columns(table, file_column(table)[0]).name
    at = table.names.index(label) if label is not None else -1
    content = decoded(path.read_bytes()).text
    dialect = _dialect(path, content)
    lines = [row for row in csv.reader(io.StringIO(content, newline=""), dialect) if any(row)]
    if len(lines) - table.rows not in (0, 1) or at < 0:
        raise UsageError(
            f"{path} has lines above its header, so its labels can't be written back.",
            hint="Take them out, and run again.",
        )
    first = len(lines) - table.rows
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect)
    writer.writerows(lines[:first])
    for row, cells in enumerate(lines[first:]):
        wanted = changes.get((row,), "")
        if wanted is not None:
            if wanted:
                cells[at] = wanted
            writer.writerow(cells)
    return out.getvalue()


def _dialect(path: Path, content: str) -> type[csv.Dialect]:
    head = content[:10_000]
    marks = [mark for mark in (",", ";", "\t", "|") if mark in head.partition("\n")[0]]

    class _Own(csv.excel):
        delimiter = max(marks, key=head.count, default=",")
        lineterminator = "\r\n" if "\r\n" in head else "\n"

    return _Own


BOX_TABLE: Final = AnnotationFormat("box_table", "a table of boxes", _read, _relabelled)
