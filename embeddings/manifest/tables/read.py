"""A table read from disk: CSV, Parquet, Arrow, JSON lines, or a JSON list of objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.machine import collector_paused
from embeddings.manifest.parsed import Parsed
from embeddings.manifest.tables.headers import LIST_SUFFIXES, blank_separated, with_header
from embeddings.manifest.tables.json_tables import rows_of
from embeddings.manifest.tables.packed import PACKED_SUFFIXES, bytes_of
from embeddings.manifest.unpacked import let_in_table
from embeddings.storage import decoded, read_csv

_EACH_LINE: Final = 'Each line is one object, such as {"file": "a.jpg", "label": "crane"}.'
PARQUET_SUFFIXES: Final = (".parquet", ".pq")
ARROW_SUFFIXES: Final = (".arrow", ".feather")
_TEXT_SUFFIXES: Final = (".csv", ".tsv", *LIST_SUFFIXES, ".jsonl", ".ndjson", ".json")
TABLE_SUFFIXES: Final = (*_TEXT_SUFFIXES, *PARQUET_SUFFIXES, *ARROW_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Table:
    """A table read from disk: its column names, and a way to get one column as Python values.

    ``batches`` yields the cells of a column some at a time, without reading it whole. ``arrow``
    gives a column as a pyarrow array, and ``schema`` is the pyarrow schema, where the format has
    types. ``decimal`` is the mark before decimals in cells that are text.
    """

    path: Path
    names: tuple[str, ...]
    rows: int
    column: Callable[[str], Sequence[Any]]
    batches: Callable[[str, int], Iterator[list[Any]]]
    notes: tuple[str, ...] = ()
    arrow: Callable[[str], Any] | None = None
    schema: Any = None
    decimal: str = "."

    def head(self, name: str, most: int) -> list[Any]:
        """Return the first cells of a column, ``most`` at most."""
        return next(self.batches(name, most), [])[:most]

    def kind(self, name: str) -> Any:
        """Return the pyarrow type of a column, None where the format has no types."""
        if self.schema is None:
            return None
        return self.schema.types[self.schema.names.index(name)]

    def find(self, wanted: Sequence[str]) -> str | None:
        """Return the first column whose name is in ``wanted``, upper and lower case alike."""
        by_name = {name.strip().casefold(): name for name in reversed(self.names)}
        return next((by_name[name] for name in wanted if name in by_name), None)


def table_suffix(path: Path) -> str:
    """Return which kind of table a name says, ``.csv`` for ``t.csv.gz``; "" where it is none."""
    suffix = path.suffix.lower()
    if suffix in PACKED_SUFFIXES:
        inner = Path(path.stem).suffix.lower()
        return inner if inner in _TEXT_SUFFIXES else ""
    return suffix if suffix in TABLE_SUFFIXES else ""


@collector_paused()
def read_table(
    path: Path, known_names: frozenset[str] = frozenset(), parsed: Parsed | None = None
) -> Table:
    """Open a table; cells stay text where the format has no types, so that `007` and `NA` survive.

    ``parsed`` has the content of a JSON file where it was parsed already.

    Raises
    ------
    SourceError
        When the file is not what its name says, naming the line where there is one.
    """
    suffix = table_suffix(path)
    try:
        if suffix in PARQUET_SUFFIXES:
            return _read_parquet(path)
        if suffix in ARROW_SUFFIXES:
            return _read_arrow(path)
        if suffix == ".json":
            content = (parsed or Parsed()).take(path, _json_content)
            return _of_json(path, content, known_names)
        if suffix in (".jsonl", ".ndjson"):
            return _read_jsonl(path)
        return _read_text(path, known_names)
    except OSError as error:
        raise SourceError(
            f"{path} can't be read: {one_line(error)}.", hint="Look at the file and its rights."
        ) from error


def _read_text(path: Path, known_names: frozenset[str]) -> Table:
    content = bytes_of(path)
    is_list = table_suffix(path) in LIST_SUFFIXES
    found = blank_separated(content, path, known_names) if is_list else None
    if found is None:
        found = with_header(read_csv(path, known_names, content), known_names, path.name)
    if not found.header:
        raise SourceError(f"{path} is empty.", hint="Give a file and a label a line.")
    at = {name: i for i, name in reversed(list(enumerate(found.header)))}
    rows = found.rows
    decimal = "." if found.delimiter in ", " else ","

    def batches(name: str, size: int) -> Iterator[list[Any]]:
        place = at[name]
        for start in range(0, len(rows), size):
            yield [row[place] for row in rows[start : start + size]]

    def column(name: str) -> list[Any]:
        place = at[name]
        return [row[place] for row in rows]

    header, notes = found.header, found.notes
    return Table(path, header, len(rows), column, batches, notes, decimal=decimal)


def _of_objects(path: Path, rows: list[dict[str, Any]], notes: tuple[str, ...] = ()) -> Table:
    names = tuple(dict.fromkeys(name for row in rows for name in row))

    def batches(name: str, size: int) -> Iterator[list[Any]]:
        for start in range(0, len(rows), size):
            yield [row.get(name) for row in rows[start : start + size]]

    def column(name: str) -> list[Any]:
        return [row.get(name) for row in rows]

    return Table(path, names, len(rows), column, batches, notes)


def _read_jsonl(path: Path) -> Table:
    rows: list[dict[str, Any]] = []
    told = decoded(bytes_of(path))
    for number, line in enumerate(told.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"{path}, line {number} is not JSON: {one_line(error)}.", hint=_EACH_LINE
            ) from error
        if not isinstance(row, dict):
            raise SourceError(f"{path}, line {number} is not an object.", hint=_EACH_LINE)
        rows.append(row)
    return _of_objects(path, rows, told.notes(path.name))


def _json_content(path: Path) -> Any:
    try:
        return json.loads(decoded(bytes_of(path)).text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is not JSON: {one_line(error)}.", hint=_EACH_LINE) from error


def _of_json(path: Path, content: Any, known_names: frozenset[str]) -> Table:
    found = rows_of(content, known_names)
    if found is None:
        raise SourceError(
            f"{path} is no table: neither a list of objects nor an object of columns.",
            hint='Write a list such as [{"file": "a.jpg", "label": "crane"}].',
        )
    rows, how = found
    return _of_objects(path, rows, (f"{path.name} is read as {how}.",) if how else ())


def _chunks(metadata: Any) -> Iterator[tuple[int, int]]:
    """Yield how many values each part of a Parquet file has, and its bytes unpacked."""
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            part = metadata.row_group(group).column(column)
            yield part.num_values, part.total_uncompressed_size


@contextmanager
def broken(path: Path, what: str) -> Iterator[None]:
    """Say in plain words that an Arrow or Parquet file is broken."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        raise SourceError(
            f"{path} is not {what}, or a broken one: {one_line(error)}.", hint="Write it again."
        ) from error


def _read_parquet(path: Path) -> Table:
    import pyarrow.parquet as pq

    def column(name: str) -> Sequence[Any]:
        column = whole(name)
        with broken(path, "a Parquet file"):  # text that is not UTF-8 shows only now
            values: Sequence[Any] = column.to_pylist()
        return values

    def whole(name: str) -> Any:
        with broken(path, "a Parquet file"):
            found = pq.ParquetFile(path).read(columns=[name]).column(0)
            if len(found) != rows:
                raise ValueError(f"column {name!r} has {len(found)} of {rows} values")
            return found

    def batches(name: str, size: int) -> Iterator[list[Any]]:
        with broken(path, "a Parquet file"):
            for batch in pq.ParquetFile(path).iter_batches(size, columns=[name]):
                yield batch.column(0).to_pylist()

    with broken(path, "a Parquet file"):
        file = pq.ParquetFile(path)
        names, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
        let_in_table(path, _chunks(file.metadata))
    return Table(path, names, rows, column, batches, arrow=whole, schema=file.schema_arrow)


def _read_arrow(path: Path) -> Table:
    """Read an Arrow file or stream (``datasets`` writes streams) without copying it."""
    import pyarrow as pa

    with broken(path, "an Arrow file"):
        source = pa.memory_map(str(path))
        try:
            reader = pa.ipc.open_file(source)
            table = reader.read_all()
        except pa.ArrowInvalid:
            source = pa.memory_map(str(path))
            table = pa.ipc.open_stream(source).read_all()

    def whole(name: str) -> Any:
        return table.column(table.schema.get_field_index(name))

    def column(name: str) -> Sequence[Any]:
        with broken(path, "an Arrow file"):
            values: Sequence[Any] = whole(name).to_pylist()
        return values

    def batches(name: str, size: int) -> Iterator[list[Any]]:
        with broken(path, "an Arrow file"):
            for start in range(0, table.num_rows, size):
                yield whole(name).slice(start, size).to_pylist()

    names, rows = tuple(table.column_names), table.num_rows
    return Table(path, names, rows, column, batches, arrow=whole, schema=table.schema)
