"""Text tables as spreadsheets write them: their encoding, what separates cells, their rows.

Data sets and decisions are read by it alike. Encodings: UTF-8 with or without a mark, UTF-16 and
UTF-32 with one, UTF-16 without (told by its zeros), else Windows-1252, which every spreadsheet of
Western Europe writes. Delimiters: comma, semicolon, tab or bar, the one by which header and first
rows agree, or what Excel's first line ``sep=;`` says.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from embeddings.errors import SourceError
from embeddings.storage.spreadsheet import restored

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", ";", "\t", "|")
_LONGEST_CELL: Final = 10_000_000  # characters; masks and polygons are long
_LOOKED_AT: Final = 30  # rows by which the delimiter is told
_EXCELS_FIRST_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CsvRows:
    """A text table: its header, its rows filled up to the header's length, and notes.

    ``lines`` has, for each row, the number of the line of the file that it ends on, from 1.
    """

    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    delimiter: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file; ``guessed`` names its encoding where the file does not settle it."""

    text: str
    guessed: str = ""

    def notes(self, name: str) -> tuple[str, ...]:
        """Return what to note of the file called ``name``."""
        if not self.guessed:
            return ()
        return (
            f"{name} is not UTF-8 and was read as {self.guessed}: where names in it look odd, save "
            "it as CSV UTF-8.",
        )


def decoded(content: bytes) -> Decoded:
    """Decode the text of a file; every sequence of bytes is text in some encoding."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Decoded(content.decode(encoding, "replace"))
    if encoding := _utf16_without_mark(content[:4096]):
        return Decoded(content.decode(encoding, "replace"))
    try:
        return Decoded(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    try:
        return Decoded(content.decode("cp1252"), "Windows-1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return Decoded(content.decode("latin-1"), "Latin-1")


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else ""


def read_csv(path: Path, known_names: frozenset[str], content: bytes | None = None) -> CsvRows:
    """Read a text table whole.

    Lines above the header that begin with ``#`` are left out, unless the last of them is the
    header: it has as many cells as the row below it.

    Parameters
    ----------
    path
        The file.
    known_names
        Names of columns, lower case, by which the header is known among what could be one.
    content
        What the file holds, where it was read already.

    Raises
    ------
    SourceError
        It can't be opened, is empty, or a row does not fit the header.
    """
    try:
        told = decoded(path.read_bytes() if content is None else content)
    except OSError as error:
        raise SourceError(
            f"{path} can't be read: {error.strerror or error}.",
            hint="Look at the file and its rights.",
        ) from error
    text, notes = told.text, [*told.notes(path.name)]
    given = _EXCELS_FIRST_LINE.match(text)
    if given:
        text = text[given.end() :]  # a line less, which the numbers of lines count
    with _long_cells():
        delimiter = given[1] if given else _delimiter(text, known_names, path)
        if delimiter != ("\t" if path.suffix.lower() == ".tsv" else ","):
            notes.append(f"{path.name} is separated by {delimiter!r}.")
        header, rows, lines = _rows(path, text, delimiter, known_names, 1 if given else 0)
    return CsvRows(header, rows, lines, delimiter, tuple(notes))


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST_CELL)  # of the whole process: others want it as it was
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _delimiter(text: str, known_names: frozenset[str], path: Path) -> str:
    """Return the mark by which the first rows have most cells of equal number, by the header."""
    head = "".join(text[:1_000_000].splitlines(keepends=True)[:_LOOKED_AT])

    def merit(mark: str) -> tuple[bool, float, int]:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # said with its line when all is read
            reader = csv.reader(io.StringIO(head, newline=""), delimiter=mark)
            rows.extend(row for row in reader if row)
        rows = [row for row in rows if not row[0].lstrip().startswith("#")] or rows
        if not rows:
            return False, 0.0, 0
        names = {cell.strip().casefold() for cell in rows[0]}
        widths = Counter(len(row) for row in rows)
        usual, often = widths.most_common(1)[0]
        return bool(names & known_names) and usual > 1, often / len(rows) * (usual > 1), usual

    ranked = _DELIMITERS if path.suffix.lower() != ".tsv" else ("\t", *_DELIMITERS)
    return max(ranked, key=merit)


def _rows(
    path: Path, text: str, delimiter: str, known_names: frozenset[str], skipped: int
) -> tuple[tuple[str, ...], list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: tuple[str, ...] = ()
    rows: list[list[str]] = []
    lines: list[int] = []
    comment: list[str] = []
    try:
        for row in reader:
            if not any(row) and (header or not row):
                continue
            if not header and row[0].lstrip().startswith("#"):
                comment = row
                continue
            if not header:
                names = {cell.strip().casefold() for cell in row}
                is_data = len(comment) == len(row) > 1 and not names & known_names
                header = _named([comment[0].lstrip("# "), *comment[1:]] if is_data else row)
                if not is_data:
                    continue
            while len(row) > len(header) and not row[-1].strip():
                row.pop()  # a comma at the end of the line
            if len(row) > len(header):
                raise SourceError(
                    f"{path}, line {skipped + reader.line_num}: {len(row)} fields under a header "
                    f"of {len(header)}.",
                    hint=f"Put quotes around the fields that hold {delimiter!r}.",
                )
            # an apostrophe that guards a spreadsheet from `=…` is no part of the text
            rows.append([*map(restored, row)] + [""] * (len(header) - len(row)))
            lines.append(skipped + reader.line_num)
    except csv.Error as error:
        raise SourceError(
            f"{path} can't be read, line {skipped + reader.line_num}: {error}.",
            hint="Open it in a spreadsheet and save it again as CSV.",
        ) from error
    if not header:
        raise SourceError(f"{path} is empty.", hint="It needs a header with 'file' and 'label'.")
    return header, rows, lines


def _named(row: Sequence[str]) -> tuple[str, ...]:
    """Return the header without the empty names that a comma at its end leaves."""
    names = list(row)
    while len(names) > 1 and not names[-1].strip():
        names.pop()
    return tuple(names)
