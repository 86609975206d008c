"""A table of items: ``.csv``, ``.tsv``, ``.parquet`` or ``.jsonl`` with a file column and labels.

Paths are relative to the folder of the table, and stay inside it: what is outside is a row with
the reason, and is never opened.
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from embeddings import columns
from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.manifest.entries import Entry, clean_label, is_text, printable, some
from embeddings.manifest.folder import respelt_notes
from embeddings.manifest.unpacked import let_in_table
from embeddings.storage import restored

FILE_NAMES: Final = ("file", "path", "file_name", "filename", "image", "image_path", "filepath")
LABEL_NAMES: Final = ("label", "labels", "class", "class_name", "category")
SUBSET_NAMES: Final = ("split", "subset")
_EACH_LINE: Final = 'Each line is one object, such as {"file": "a.jpg", "label": "crane"}.'
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Table:
    """A table read from disk: its column names, and a way to get one column as Python values.

    ``arrow`` gives a column as a pyarrow array instead, where the table is Parquet.
    """

    path: Path
    names: tuple[str, ...]
    rows: int
    column: Callable[[str], Sequence[Any]]
    notes: tuple[str, ...] = ()
    arrow: Callable[[str], Any] | None = None

    def find(self, wanted: Sequence[str]) -> str | None:
        """Return the first column whose name is in ``wanted``, upper and lower case alike."""
        by_name = {name.strip().casefold(): name for name in reversed(self.names)}
        return next((by_name[name] for name in wanted if name in by_name), None)


def read_table(path: Path) -> Table:
    """Open a table; cells stay text where the format has no types, so that `007` and `NA` survive.

    Raises
    ------
    SourceError
        When the file is not what its name says, naming the line where there is one.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            return _read_parquet(path)
        if suffix in (".jsonl", ".ndjson"):
            return _read_jsonl(path)
        return _read_csv(path)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path} is not UTF-8 text: {one_line(error)}.", hint="Save it again as UTF-8."
        ) from error
    except OSError as error:
        raise SourceError(
            f"{path} can't be read: {one_line(error)}.", hint="Look at the file and its rights."
        ) from error


def table_entries(table: Table, *, labels: bool) -> tuple[list[Entry], list[str]]:
    """List the items of a table, in its order, and what there is to say of it."""
    given = [text(value) for value in table.column(file_column(table))]
    label_of, notes = table_labels(table, labels=labels)
    subset_name = table.find(SUBSET_NAMES)
    subsets = [text(v) for v in table.column(subset_name)] if subset_name else [""] * len(given)
    folder = table.path.parent
    real = lru_cache(maxsize=4096)(os.path.realpath)
    entries = [
        place(file, folder, label, subset, real=real)
        for file, label, subset in zip(given, label_of, subsets, strict=True)
        if file
    ]
    nameless = len(given) - len(entries)
    if nameless:
        notes.append(f"{nameless} rows of {table.path.name} name no file and were left out.")
    return entries, [*table.notes, *notes]


def file_column(table: Table) -> str:
    """Return the name of the column of files, or raise ``SourceError`` that says what is there."""
    name = table.find(FILE_NAMES)
    if name is None:
        raise SourceError(
            f"{table.path} has no column of files; its columns are {some(table.names, 12)}.",
            hint=f"Name one of them {', '.join(FILE_NAMES[:-1])} or {FILE_NAMES[-1]}.",
        )
    return name


def table_labels(table: Table, *, labels: bool) -> tuple[list[str], list[str]]:
    """Return a label per row (``columns.NO_LABEL`` where there is none), and notes."""
    none = [columns.NO_LABEL] * table.rows
    if not labels:
        return none, ["Labels are left aside as asked: all items are in one class."]
    name = table.find(LABEL_NAMES)
    if name is None:
        return none, [
            f"{table.path.name} has no column 'label' (its columns are {some(table.names, 12)}): "
            "all items are in one class."
        ]
    given = [text(value) for value in table.column(name)]
    notes = respelt_notes({label for label in given if label.strip()})
    if name.strip().casefold() != LABEL_NAMES[0]:
        notes.append(f"Labels are taken from the column {name!r}.")
    empty = sum(not label.strip() for label in given)
    if empty:
        notes.append(f"{empty} rows have no label; they are under {columns.NO_LABEL!r}.")
    return [clean_label(label) for label in given], notes


def place(
    given: str,
    folder: Path,
    label: str,
    subset: str = "",
    *,
    real: Callable[[str], str] = os.path.realpath,
) -> Entry:
    """Make an entry of a path as a table gives it, relative to ``folder`` or absolute inside it.

    ``real`` resolves the links of a folder; with many files a cached one saves most of the time.
    """

    def refused(reason: str) -> Entry:
        return Entry(printable(given), label, None, subset, columns.UNREADABLE, reason)

    if not is_text(given) or "\0" in given:
        return refused("its name is not valid text")
    if "://" in given:
        return refused("a web address, not a file: download it first")
    path = given
    if "\\" in given and not os.path.lexists(folder / given):
        if PureWindowsPath(given).drive:
            return refused("a path of another computer")
        path = given.replace("\\", "/")
    base, inside = str(folder), real(str(folder))
    if os.path.isabs(path):
        path = os.path.normpath(path)
        if not path.startswith(os.path.join(base, "")):  # perhaps by way of a linked folder
            path, base = _with_real_folder(path, real), inside
        path = os.path.relpath(path, base)
    path = os.path.normpath(path)
    if path == os.pardir or path.startswith(os.pardir + os.sep):
        return refused("outside the folder of the table, not opened")
    full = os.path.join(base, path)
    resolved = os.path.realpath(full) if os.path.islink(full) else _with_real_folder(full, real)
    if not resolved.startswith(os.path.join(inside, "")):
        return refused("a link to a file outside the data set, not followed")
    return Entry(Path(path).as_posix(), label, folder / path, subset)


def _with_real_folder(path: str, real: Callable[[str], str]) -> str:
    return os.path.join(real(os.path.dirname(path)), os.path.basename(path))


def text(value: object) -> str:
    """Return a cell as text: nothing for None and NaN, `3` for the 3.0 that a missing cell left."""
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, dict):  # how Hugging Face keeps an image: its bytes and its path
        return text(value.get("path"))
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def _read_csv(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.readline()
        stream.seek(0)
        separator = next((mark for mark in ",;\t" if mark in head), ",")
        reader = csv.reader(stream, delimiter=separator, strict=True)
        try:
            names = tuple(next(reader, ()))
            rows = []
            for row in reader:
                if len(row) > len(names):
                    raise SourceError(
                        f"{path}, line {reader.line_num}: {len(row)} fields under a header of "
                        f"{len(names)}.",
                        hint="Quote the fields that hold a comma.",
                    )
                if row:  # an apostrophe that guards a spreadsheet from `=…` is no part of the text
                    cells = [restored(cell) for cell in row]
                    rows.append(cells + [""] * (len(names) - len(row)))
        except csv.Error as error:
            raise SourceError(
                f"{path}, line {reader.line_num}: {error}.", hint="Save it again as CSV."
            ) from error
    if not names:
        raise SourceError(f"{path} is empty.", hint="It needs a header with 'file' and 'label'.")
    notes = () if separator == "," else (f"{path.name} is separated by {separator!r}.",)
    at = {name: i for i, name in reversed(list(enumerate(names)))}
    return Table(path, names, len(rows), lambda name: [row[at[name]] for row in rows], notes)


def _read_jsonl(path: Path) -> Table:
    rows: list[dict[str, Any]] = []
    with path.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise SourceError(
                    f"{path}, line {number} is not JSON: {one_line(error)}.",
                    hint='Each line is one object, such as {"file": "a.jpg", "label": "x"}.',
                ) from error
            if not isinstance(row, dict):
                raise SourceError(
                    f"{path}, line {number} is not an object.",
                    hint='Each line is one object, such as {"file": "a.jpg", "label": "x"}.',
                )
            rows.append(row)
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(path, names, len(rows), lambda name: [row.get(name) for row in rows])


def _chunks(metadata: Any) -> Iterator[tuple[int, int]]:
    """Yield how many values each part of a Parquet file has, and its bytes unpacked."""
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            part = metadata.row_group(group).column(column)
            yield part.num_values, part.total_uncompressed_size


def _read_parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def column(name: str) -> Sequence[Any]:
        column = whole(name)
        with broken():  # text that is not UTF-8 shows only now
            values: Sequence[Any] = column.to_pylist()
        return values

    def whole(name: str) -> Any:
        with broken():
            found = pq.ParquetFile(path).read(columns=[name]).column(0)
            if len(found) != rows:
                raise ValueError(f"column {name!r} has {len(found)} of {rows} values")
            return found

    @contextmanager
    def broken() -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, ValueError) as error:
            raise SourceError(
                f"{path} is not a Parquet file, or a broken one: {one_line(error)}.",
                hint="Write it again.",
            ) from error

    with broken():
        file = pq.ParquetFile(path)
        names, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
        let_in_table(path, _chunks(file.metadata))
    return Table(path, names, rows, column, arrow=whole)
