"""Tables that lie in a folder of pictures, or instead of pictures.

===========================  ============================================================
Parquet, Arrow, no pictures  a data set of Hugging Face's hub: its pictures are in the tables
``_classes.csv``             Roboflow's labels of the pictures beside it
any other table of files     asked about: it may give the labels (Kaggle's id–label CSV)
===========================  ============================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.errors import SourceError, UnclearSourceError
from embeddings.manifest.entries import Entry
from embeddings.manifest.layout import Question, subset_of, tokens
from embeddings.manifest.listing import Listed, Wanted, lines_of_entries
from embeddings.manifest.tables import (
    KNOWN_NAMES,
    LIST_SUFFIXES,
    NearlyNamed,
    Table,
    file_column,
    label_columns,
    picture_column,
    read_table,
    table_items,
    table_suffix,
    text,
)

_ROBOFLOW: Final = "_classes.csv"
_PACKED: Final = (".parquet", ".pq", ".arrow", ".feather")
_MOST_LOOKED_AT: Final = 12
_LARGEST: Final = 256 << 20  # bytes of a table that is looked into to ask about it


def items_of_packed_tables(root: Path, others: Sequence[str], wanted: Wanted) -> Listed | None:
    """List the pictures inside the tables below a folder; None where there are no such tables."""
    if wanted.unpack_to is None:
        return None
    base, told = wanted.unpack_to / (root.name or "tables"), []
    for name in sorted(others):
        if not name.lower().endswith(_PACKED):
            continue
        table = read_table(root / name)
        if picture_column(table) is None:
            continue
        above = Path(name).parent
        one = table_items(table, replace(wanted, unpack_to=base / above))
        subset = next((s for part in above.parts if (s := subset_of(part))), "")
        prefix = (above / table.path.stem).as_posix()
        entries = [
            replace(entry, file=f"{prefix}/{entry.file}", subset=entry.subset or subset)
            for entry in one.entries
        ]
        told.append(replace(one, entries=entries))
    if not told:
        return None
    entries = [entry for one in told for entry in one.entries]
    notes = list(dict.fromkeys(note for one in told for note in one.notes))
    where = f"from {len(told)} tables with pictures inside"
    return Listed(entries, notes, base, lines_of_entries(entries, where))


def by_class_tables(
    entries: list[Entry], root: Path, others: Sequence[str], wanted: Wanted
) -> tuple[list[Entry], list[str]] | None:
    """Take labels from Roboflow's tables beside the pictures; None where there are none."""
    names = sorted(name for name in others if name.rpartition("/")[2] == _ROBOFLOW)
    if not names:
        return None
    by_file = {entry.file: entry for entry in entries}
    notes = []
    for name in names:
        prefix = name.removesuffix(_ROBOFLOW)
        one = table_items(read_table(root / name, KNOWN_NAMES), wanted)
        notes += one.notes
        for entry in one.entries:
            file = prefix + entry.file
            before = by_file.get(file)
            subset = entry.subset or (before.subset if before else subset_of(prefix.rstrip("/")))
            by_file[file] = replace(entry, file=file, subset=subset)
    return list(by_file.values()), [*dict.fromkeys(notes), f"Labels are taken from {_ROBOFLOW}."]


def asked_table(root: Path, others: Sequence[str], entries: Sequence[Entry]) -> Question | None:
    """Ask about the table that names most pictures and has a column of labels.

    Tables of a submission, and those with one label for all, come last.
    """
    nearly = NearlyNamed(entry.file for entry in entries)
    found = [
        one
        for name in _could_be_asked_about(others, entries)[:_MOST_LOOKED_AT]
        if (one := _labels_in(root, name, nearly)) is not None
    ]
    if not found:
        return None
    ranked = sorted(found, key=lambda one: one.merit, reverse=True)
    best = ranked[0]
    others_too = [(f"the source {root / one.name}", f"it has {one.column}") for one in ranked[1:3]]
    return Question(
        f"No folder is a label, and {best.name} names the pictures and has {best.column}.",
        (
            (f"the source {root / best.name}", "its labels are meant"),
            *others_too,
            ("--no-labels", "all pictures are one class"),
        ),
    )


@dataclass(frozen=True, slots=True)
class _LabelTable:
    """A table that names pictures: ``column`` says what its labels are in."""

    name: str
    column: str
    merit: tuple[bool, bool, int]


def _could_be_asked_about(others: Sequence[str], entries: Sequence[Entry]) -> list[str]:
    """Return the tables among files, those of text that belong to a single picture left out."""
    stems = {entry.file.rpartition(".")[0].rpartition("/")[2] for entry in entries}
    return [
        name
        for name in sorted(others)
        if table_suffix(Path(name)) not in ("", ".json")
        and not (name.endswith(LIST_SUFFIXES) and Path(name).stem in stems)
    ]


def _labels_in(root: Path, name: str, nearly: NearlyNamed) -> _LabelTable | None:
    """Return a table with labels whose rows mostly name pictures that are known, else None."""
    try:
        if (root / name).stat().st_size > _LARGEST:
            return None
        table = read_table(root / name, KNOWN_NAMES)
        file, _ = file_column(table)
        told = [said for cell in table.head(file, 200) if (said := text(cell))]
        if not told or 2 * sum(nearly.find(one) is not None for one in told) < len(told):
            return None
        column, several = _described(table, file)
    except (SourceError, OSError):
        return None
    if not column:
        return None
    merit = ("submission" not in tokens(name), several, table.rows)
    return _LabelTable(name, column, merit)


def _described(table: Table, file: str) -> tuple[str, bool]:
    """Say what the labels of a table are in, "" where nowhere; and whether they are several."""
    try:
        found = label_columns(table, file)
    except UnclearSourceError:
        return "several columns that could be the label", True
    if found.one_hot:
        return f"a column {found.one_hot[0]!r} and others for each label", True
    if found.name is None:
        return "", False
    return f"a column {found.name!r}", len(set(map(text, table.head(found.name, 200)))) > 1


def without_labels(entries: Sequence[Entry]) -> bool:
    """Whether no item has a label."""
    return all(entry.label == columns.NO_LABEL for entry in entries)
