"""Metadata tables of a Hugging Face *imagefolder*: labels for the pictures beside and below them.

Layout: https://huggingface.co/docs/datasets/image_dataset#imagefolder. A ``metadata.csv``,
``.jsonl`` or ``.parquet`` with a column ``file_name`` may lie in any folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.manifest.entries import Entry, some
from embeddings.manifest.listing import Wanted
from embeddings.manifest.tables import (
    KNOWN_NAMES,
    LABEL_NAMES,
    NearlyNamed,
    Table,
    place,
    read_table,
    table_labels,
    text,
)

METADATA: Final = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_FILE_NAME: Final = "file_name"


def metadata_tables(root: Path, files: Iterable[str]) -> list[Table]:
    """Open the metadata tables among ``files``, those without a column ``file_name`` left out."""
    paths = [root / file for file in sorted(files) if file.rpartition("/")[2] in METADATA]
    tables = [read_table(path, KNOWN_NAMES) for path in paths]
    return [table for table in tables if table.find((_FILE_NAME,)) is not None]


def by_metadata(
    entries: list[Entry], table: Table, root: Path, wanted: Wanted
) -> tuple[list[Entry], list[str]]:
    """Put the labels of a metadata table over those of the folders below it.

    Returns
    -------
    entries, notes
        A file that the table names and that is not there is an entry too.
    """
    where = table.path.relative_to(root).as_posix()
    prefix = where.removesuffix(table.path.name)
    column = table.find((_FILE_NAME,)) or _FILE_NAME
    names = [text(value) for value in table.column(column)]
    has_labels = wanted.labels and table.find(LABEL_NAMES) is not None
    given: list[str] = [""] * table.rows
    notes: list[str] = []
    if has_labels:
        given, notes = table_labels(table, column, names, wanted)
    below = {entry.file: entry.subset for entry in entries if entry.file.startswith(prefix)}
    named, found = _entries_of(names, given, prefix, root, below)
    notes += found.notes(where)
    if has_labels:
        entries = [
            replace(
                entry, label=named[entry.file].label if entry.file in named else columns.NO_LABEL
            )
            if entry.file in below
            else entry
            for entry in entries
        ]
        notes.append(f"Labels are taken from {where}.")
        unnamed = sorted(below.keys() - named.keys())
        if unnamed:
            notes.append(
                f"{len(unnamed)} images are not in {where}, so have no label: {some(unnamed)}."
            )
    elif wanted.labels:
        notes.append(f"{where} has no column 'label': labels are the folders.")
    subset = next((s for s in below.values() if s), "")
    absent = [
        replace(named[file], label=named[file].label or columns.NO_LABEL, subset=subset)
        for file in sorted(named.keys() - below.keys())
    ]
    return entries + absent, notes


def _entries_of(
    names: Iterable[str], labels: Iterable[str], prefix: str, root: Path, below: Iterable[str]
) -> tuple[dict[str, Entry], NearlyNamed]:
    """Return an entry by file for each name, one that is nearly a file's taken for it."""
    there = set(below)
    nearly = NearlyNamed(there)
    named: dict[str, Entry] = {}
    for name, label in zip(names, labels, strict=True):
        if not name.strip():
            continue
        entry = place(prefix + name, root, label)
        if entry.file not in there and (file := nearly.find(prefix + name)) is not None:
            entry = replace(entry, file=file, path=root / file)
        named.setdefault(entry.file, entry)
    return named, nearly
