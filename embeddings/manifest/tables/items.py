"""The items of a table: its files, found on the disk, with their labels and subsets.

Paths are relative to the folder of the table, or to the one that is named instead, and stay inside
it: what is outside is a row with the reason, and is never opened. A name that is no file is looked
for once more (``nearly``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from embeddings import columns
from embeddings.errors import SourceError
from embeddings.images import IMAGE_SUFFIXES
from embeddings.machine import collector_paused
from embeddings.manifest.entries import (
    Entry,
    clean_label,
    is_text,
    printable,
    respelt_notes,
)
from embeddings.manifest.layout import Rule, subset_of
from embeddings.manifest.listing import Listed, Wanted, lines_of_entries
from embeddings.manifest.tables.cells import (
    labels_of_cells,
    no_label_notes,
    refuse_mostly_several,
    several_notes,
    text,
)
from embeddings.manifest.tables.nearly import NearlyNamed
from embeddings.manifest.tables.pictures import class_names, picture_column, write_pictures
from embeddings.manifest.tables.read import Table
from embeddings.manifest.tables.roles import (
    address_column,
    denied_rows,
    file_column,
    is_yes,
    label_columns,
    subset_column,
)
from embeddings.storage import paths_meant

# A path that normpath would not change: it is called for each of a million rows otherwise.
_PLAIN_PATH: Final = re.compile(r"[^/.][^/]*(/[^/.][^/]*)*").fullmatch
_MOST_FILES: Final = 3_000_000  # looked through for names that are nearly right


@collector_paused()
def table_items(table: Table, wanted: Wanted) -> Listed:
    """List the items of a table, in its order, and what there is to say of it.

    Raises
    ------
    SourceError
        It has no column of files, or most of its rows have several labels.
    UnclearSourceError
        Several columns could be the label.
    """
    if (pictures := picture_column(table)) is not None:
        return _with_pictures(table, pictures, wanted)
    file_name, notes = file_column(table)
    given = [text(value) for value in table.column(file_name)]
    label_of, said = table_labels(table, file_name, given, wanted)
    subsets = _subsets(table, given, wanted)
    folder = wanted.root or table.path.parent
    real = lru_cache(maxsize=4096)(os.path.realpath)
    denied = denied_rows(table) if wanted.labels else frozenset()
    entries = [
        place(file, folder, label, subset, real=real)
        for at, (file, label, subset) in enumerate(zip(given, label_of, subsets, strict=True))
        if at not in denied and file.strip()
    ]
    _refuse_several_rows(entries, table.path)
    entries, found = found_again(entries, table.path, folder)
    if denied:
        said.append(
            f"{len(denied)} rows of {table.path.name} say with a confidence of 0 that their label "
            "is not there, and were left out."
        )
    entries = _with_remedy(entries, table, file_name)
    nameless = sum(not file.strip() for at, file in enumerate(given) if at not in denied)
    if nameless:
        notes.append(f"{nameless} rows of {table.path.name} name no file and were left out.")
    lines = lines_of_entries(entries, f"from {table.path.name}")
    return Listed(entries, [*table.notes, *notes, *said, *found], folder, lines)


def _refuse_several_rows(entries: Sequence[Entry], path: Path) -> None:
    """Refuse a table in which most files have rows with different labels.

    Raises
    ------
    SourceError
        More than half of the files are such.
    """
    first: dict[str, str] = {}
    several = {e.file for e in entries if first.setdefault(e.file, e.label) != e.label}
    if 2 * len(several) > len(first):
        example = next(e.file for e in entries if e.file in several)
        raise SourceError(
            f"{path} gives several labels to {len(several):,} of {len(first):,} files, in a row "
            f"each (such as {example!r}), and an item has one.",
            hint="Leave one row for each file, or say --no-labels.",
        )


def _with_remedy(entries: list[Entry], table: Table, file_name: str) -> list[Entry]:
    """Say where pictures are to be put that only a web address leads to."""
    address = address_column(table)
    if address is None:
        return entries
    under = "" if address == file_name else f", under the names in {file_name!r}"
    remedy = (
        f"The column {address!r} holds web addresses: download the pictures into the folder of the "
        f"table first{under}."
    )
    return [replace(entry, remedy=entry.remedy or remedy) for entry in entries]


def _with_pictures(table: Table, column: str, wanted: Wanted) -> Listed:
    """List the items of a table that has its pictures inside."""
    if wanted.unpack_to is None:
        raise SourceError(
            f"{table.path} has its pictures inside (column {column!r}), and there is no folder to "
            "write them to.",
            hint="Give a workspace, or unpack_to=FOLDER.",
        )
    folder = wanted.unpack_to / table.path.stem
    held = list(write_pictures(table, column, folder))
    names = [one.path or one.file for one in held]
    label_of, notes = table_labels(table, column, names, wanted)
    subsets = _subsets(table, names, wanted)
    entries = []
    for one, label, subset in zip(held, label_of, subsets, strict=True):
        if one.file:
            entries.append(Entry(one.file, label, folder / one.file, subset))
        else:
            file = printable(one.path) or f"row without a picture {len(entries)}"
            reason = "the table holds no picture for it"
            entries.append(Entry(file, label, None, subset, columns.MISSING, reason))
    written = sum(bool(one.file) for one in held)
    said = f"{written:,} pictures lay inside {table.path.name} and were written to {folder}."
    lines = lines_of_entries(entries, f"from {table.path.name}")
    return Listed(entries, [*table.notes, said, *notes], folder, lines)


def table_labels(
    table: Table, file: str, files: Sequence[str], wanted: Wanted
) -> tuple[list[str], list[str]]:
    """Return a label per row (``columns.NO_LABEL`` where there is none), and notes.

    Parameters
    ----------
    file
        The column of files, which is no label.
    files
        Its cells as text.
    """
    if not wanted.labels:
        none = [columns.NO_LABEL] * table.rows
        return none, ["Labels are left aside as asked: all items are in one class."]
    rule = wanted.label_from
    if rule is not None and rule.kind != "column":
        return [clean_label(rule.value(_posix(name)) or "") for name in files], []
    found = label_columns(table, file, asked=rule.text if rule else "")
    notes = list(found.notes)
    if found.one_hot:
        cells: Sequence[Any] = _of_one_hot(table, found.one_hot)
    elif found.name is None:
        return [columns.NO_LABEL] * table.rows, notes
    else:
        cells = _named_classes(table, found.name, notes)
    labels = labels_of_cells(cells)
    where = f"{table.path.name}: the column {found.name!r}" if found.name else table.path.name
    refuse_mostly_several(labels, where)
    notes += several_notes(labels)
    notes += no_label_notes(labels.labels)
    notes += respelt_notes({cell for cell in cells if isinstance(cell, str) and cell.strip()})
    empty = sum(label == columns.NO_LABEL for label in labels.labels) - labels.several
    if empty:
        notes.append(f"{empty} rows have no label; they are under {columns.NO_LABEL!r}.")
    return labels.labels, notes


def _named_classes(table: Table, name: str, notes: list[str]) -> Sequence[Any]:
    """Return the cells of a column, numbers of a ``ClassLabel`` as their names."""
    cells = table.column(name)
    names = class_names(table, name)
    if names is None:
        return cells
    notes.append(f"Labels are the names that {table.path.name} gives for the numbers in {name!r}.")
    return [
        names[cell] if isinstance(cell, int) and 0 <= cell < len(names) else "" for cell in cells
    ]


def _of_one_hot(table: Table, names: Sequence[str]) -> list[list[str]]:
    hot = [[is_yes(v) for v in table.column(n)] for n in names]
    names = [name.strip() for name in names]
    return [
        [n for n, is_hot in zip(names, row, strict=True) if is_hot]
        for row in zip(*hot, strict=True)
    ]


def _subsets(table: Table, files: Sequence[str], wanted: Wanted) -> list[str]:
    rule: Rule | None = wanted.subset_from
    if rule is not None and rule.kind != "column":
        return [rule.value(_posix(name)) or "" for name in files]
    name = table.find((rule.text.casefold(),)) if rule else subset_column(table)
    if name is not None:
        return [text(value) for value in table.column(name)]
    return [subset_of(table.path.stem)] * table.rows


def found_again(entries: list[Entry], table: Path, folder: Path) -> tuple[list[Entry], list[str]]:
    """Look once more, below ``folder``, for the files that are not there as the table spells them.

    Files in a folder of the table's own subset (``train/`` for ``train.csv``) go first.
    """
    absent = {
        at
        for at, entry in enumerate(entries)
        if not os.path.lexists(entry.path if isinstance(entry.path, Path) else folder / entry.file)
    }
    if not absent:
        return entries, []
    files = list(_pictures_below(folder))
    own = subset_of(table.stem)
    finders = [NearlyNamed(files)]
    if own:
        within = [f for f in files if any(subset_of(part) == own for part in f.split("/")[:-1])]
        finders.insert(0, NearlyNamed(within))
    out = list(entries)
    for at in absent:
        entry = entries[at]
        tried = ((finder, name) for finder in finders for name in paths_meant(entry.file))
        file = next((f for finder, name in tried if (f := finder.find(name)) is not None), None)
        if file is not None:
            again = place(file, folder, entry.label, entry.subset)
            out[at] = again if again.path is not None else entry  # it may be a link out of here
    return out, [note for finder in finders for note in finder.notes(table.name)]


def _pictures_below(folder: Path) -> Iterator[str]:
    count = 0
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        within = os.path.relpath(at, folder)
        for name in names:
            if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES:
                file = name if within == "." else f"{Path(within).as_posix()}/{name}"
                if is_text(file):
                    yield file
                    count += 1
        if count > _MOST_FILES:
            return


def _posix(name: str) -> str:
    return name.replace("\\", "/")


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
    if not _PLAIN_PATH(path):
        path = os.path.normpath(path)
    if path.startswith(os.pardir + os.sep):  # perhaps out of the folder and into it again
        path = os.path.relpath(os.path.normpath(os.path.join(base, path)), base)
    if path == os.pardir or path.startswith(os.pardir + os.sep):
        return refused("outside the folder of the table, not opened")
    full = f"{base}{os.sep}{path}"
    resolved = os.path.realpath(full) if os.path.islink(full) else _with_real_folder(full, real)
    if not resolved.startswith(os.path.join(inside, "")):
        return refused("a link to a file outside the data set, not followed")
    return Entry(path.replace(os.sep, "/"), label, folder / path, subset)


def _with_real_folder(path: str, real: Callable[[str], str]) -> str:
    above, _, name = path.rpartition(os.sep)
    folder = real(above or os.sep)
    return f"{folder}{name}" if folder.endswith(os.sep) else f"{folder}{os.sep}{name}"
