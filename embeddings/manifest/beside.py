"""Tables that lie in a folder of pictures, or instead of pictures.

===========================  ============================================================
Parquet, Arrow, no pictures  a data set of Hugging Face's hub: its pictures are in the tables
``_classes.csv``             Roboflow's labels of the pictures beside it
any other table of files     asked about: it may give the labels (Kaggle's id–label CSV)
===========================  ============================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.errors import SourceError
from embeddings.manifest.entries import Entry
from embeddings.manifest.layout import Question, subset_of
from embeddings.manifest.listing import Listed, Wanted, lines_of_entries
from embeddings.manifest.tables import (
    KNOWN_NAMES,
    TABLE_SUFFIXES,
    NearlyNamed,
    file_column,
    label_columns,
    picture_column,
    read_table,
    table_items,
    text,
)

_ROBOFLOW: Final = "_classes.csv"
_PACKED: Final = (".parquet", ".pq", ".arrow", ".feather")
_ASKED_ABOUT: Final = tuple(s for s in TABLE_SUFFIXES if s != ".json")
_MOST_LOOKED_AT: Final = 12
_LARGEST: Final = 256 << 20  # bytes of a table that is looked into to ask about it
_MOSTLY: Final = 0.5


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
    """Ask about a table that names the pictures and has a column of labels."""
    nearly = NearlyNamed(entry.file for entry in entries)
    candidates = [name for name in sorted(others) if name.lower().endswith(_ASKED_ABOUT)]
    for name in candidates[:_MOST_LOOKED_AT]:
        label = _label_column(root / name, nearly)
        if label:
            return Question(
                f"No folder is a label, and {name} names the pictures and has a column {label!r}.",
                (
                    (f"the source {root / name}", "its labels are meant"),
                    ("--no-labels", "all pictures are one class"),
                ),
            )
    return None


def _label_column(path: Path, nearly: NearlyNamed) -> str:
    """Return the column of labels of a table that names most pictures it knows, "" otherwise."""
    try:
        if path.stat().st_size > _LARGEST:
            return ""
        table = read_table(path, KNOWN_NAMES)
        file, _ = file_column(table)
        found = label_columns(table, file)
        told = [said for cell in table.head(file, 200) if (said := text(cell))]
    except (SourceError, OSError):
        return ""
    known = sum(nearly.find(name) is not None for name in told)
    if not told or known < _MOSTLY * len(told):
        return ""
    return found.name or (found.one_hot[0] if found.one_hot else "")


def without_labels(entries: Sequence[Entry]) -> bool:
    """Whether no item has a label."""
    return all(entry.label == columns.NO_LABEL for entry in entries)
