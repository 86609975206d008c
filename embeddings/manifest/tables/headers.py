"""Lists and tables without a header: which of their columns is the file, the label, a box.

Caffe's ``train.txt`` and ImageNet's ``val_map.txt`` hold a file and a label a line, MXNet's
``.lst`` a number, a label and a file; keras-retinanet's CSV a file, four sides of a box and a
label. None has a header, so the first line is an item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from embeddings.images import IMAGE_SUFFIXES
from embeddings.manifest.entries import some
from embeddings.storage import CsvRows, decoded

LIST_SUFFIXES: Final = (".txt", ".lst")
_MARKS: Final = (",", ";", "\t", "|")
_MOSTLY: Final = 0.9
_LOOKED_AT: Final = 200  # rows by which columns are told apart
_BOX: Final = ("xmin", "ymin", "xmax", "ymax")


def with_header(found: CsvRows, known: frozenset[str], name: str) -> CsvRows:
    """Name the columns of a table whose first row is an item; others are returned as they are.

    Parameters
    ----------
    found
        The table, its first row taken for the header.
    known
        Names of columns, lower case, that make a row a header.
    name
        The name of the file, for the note.
    """
    first = found.header
    if {cell.strip().casefold() for cell in first} & known or not any(map(is_picture, first)):
        return found
    rows = [list(first), *found.rows]
    return _unnamed(rows, [max(1, found.lines[0] - 1) if found.lines else 1, *found.lines],
                    found.delimiter, found.notes, name)  # fmt: skip


def blank_separated(content: bytes, path: Path, known: frozenset[str]) -> CsvRows | None:
    """Read a list whose cells are apart by blanks; None where another mark parts its lines.

    A first line that is only the number of the others is left out. Where lines have different
    numbers of cells, what follows the file is one label: ``1025794 A300 B4``.
    """
    told = decoded(content)
    lines = [(at, line) for at, line in enumerate(told.text.splitlines(), 1) if line.strip()]
    head = [line for _, line in lines[:30]]
    marks = [m for m in _MARKS if sum(m in line for line in head) > _MOSTLY * len(head)]
    begun = sum(is_picture(line.split()[0]) for line in head) > _MOSTLY * len(head)
    if marks and ("\t" in marks or not begun):  # else the marks stand in what follows the file
        return None
    comments = [line for _, line in lines if line.lstrip().startswith("#")]
    lines = [(at, line) for at, line in lines if not line.lstrip().startswith("#")]
    notes = [*told.notes(path.name), f"{path.name} is separated by blanks."]
    if len(lines) > 1 and lines[0][1].strip().isdigit() and len(lines[1][1].split()) > 1:
        lines = lines[1:]
    cells = [line.split() for _, line in lines]
    numbers = [at for at, _ in lines]
    usual = Counter(map(len, cells[1:] or cells)).most_common(1)[0][0] if cells else 0
    header = _header_of(cells, comments, usual, known)
    if header is not None and cells and tuple(cells[0]) in (header, header[1:]):
        cells, numbers = cells[1:], numbers[1:]
    if header is None or any(len(row) != len(header) for row in cells):
        if any(len(row) != usual for row in cells):
            cells = [_file_and_rest(row) for row in cells]
        return _unnamed(cells, numbers, " ", tuple(notes), path.name)
    return CsvRows(header, cells, numbers, " ", tuple(notes))


def is_picture(cell: str) -> bool:
    """Whether a cell is the name of a picture, by its suffix."""
    return PurePosixPath(cell.strip().replace("\\", "/")).suffix.lower() in IMAGE_SUFFIXES


def _header_of(
    cells: Sequence[Sequence[str]], comments: Sequence[str], usual: int, known: frozenset[str]
) -> tuple[str, ...] | None:
    """Return the names of the columns that a first line or a comment gives, None where none."""
    first = list(cells[0]) if cells else []
    if {cell.casefold() for cell in first} & known and not any(map(is_picture, first)):
        return tuple(first)
    regular = usual > 2 and all(len(row) == usual for row in cells[1:])
    if regular and len(first) == usual - 1 and not any(map(is_picture, first)):
        return ("file", *first)  # as R and CelebA write them: no name over the first column
    said = comments[-1].lstrip("# ").split() if comments else []
    return tuple(said) if len(said) == usual > 1 else None


def _file_and_rest(row: Sequence[str]) -> list[str]:
    at = next((n for n, cell in enumerate(row) if is_picture(cell)), 0)
    return [" ".join(row[: at + 1]), " ".join(row[at + 1 :])]


def _unnamed(
    rows: list[list[str]], lines: list[int], mark: str, notes: tuple[str, ...], name: str
) -> CsvRows:
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    header = _names_for(rows[:_LOOKED_AT], width)
    note = f"{name} has no header: its columns are taken for {some(header, 6)}."
    return replace(CsvRows(header, rows, lines, mark, notes), notes=(*notes, note))


def _names_for(rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """Name the columns of rows by what they hold."""
    columns = [[row[at].strip() for row in rows] for at in range(width)]
    pictures = [sum(map(is_picture, cells)) > len(cells) / 2 for cells in columns]
    file = pictures.index(True) if any(pictures) else 0
    names = [f"column {at + 1}" for at in range(width)]
    if width:
        names[file] = "file"
    rest = [at for at in range(width) if at != file]
    sides = [at for at in rest if all(_is_number(cell) or not cell for cell in columns[at])]
    if width == 6 and len(sides) == 4:
        for at, side in zip(sides, _BOX, strict=True):
            names[at] = side
        rest = [at for at in rest if at not in sides]
    elif rest and rest[0] < file and _counts_up(columns[rest[0]]):
        names[rest[0]] = "index"
        rest = rest[1:]
    if len(rest) == 1:
        names[rest[0]] = "label"
    return tuple(names)


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdigit()


def _counts_up(cells: Sequence[str]) -> bool:
    return (
        len(cells) > 1 and all(cell.isdecimal() for cell in cells) and len(set(cells)) == len(cells)
    )
