"""A Hugging Face *imagefolder*: folders of subsets (train, test …), or a metadata table.

Layout: https://huggingface.co/docs/datasets/image_dataset#imagefolder. Here the label of an item
is the first folder below its subset, or what ``metadata.csv``, ``.jsonl`` or ``.parquet`` says.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.manifest.entries import Entry, clean_label, some
from embeddings.manifest.folder import Found, found_notes, is_litter, respelt_notes, walk
from embeddings.manifest.table import LABEL_NAMES, Table, place, read_table, table_labels, text

SUBSETS: Final = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
METADATA: Final = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_FILE_NAME: Final = "file_name"


def imagefolder_entries(root: Path, *, labels: bool) -> tuple[list[Entry], list[str]] | None:
    """List the items of an imagefolder, or return None where ``root`` is not one.

    It is one when every folder in it is named like a subset, or when it, or such a folder, holds
    a metadata table with a column ``file_name``.
    """
    subsets = _subset_folders(root)
    tables = _metadata_tables([root, *(root / name for name in subsets)])
    if not subsets and not tables:
        return None
    found = walk(root)
    entries = [by_folder(entry, subsets, labels=labels) for entry in found.images]
    notes = found_notes(found)
    if subsets:
        names = ", ".join(f"{name}/ is {subset}" for name, subset in sorted(subsets.items()))
        notes.append(
            f"Read as a Hugging Face imagefolder ({names}); labels are the folders below, "
            "and the column 'split' says which subset an item is in."
        )
    if labels and not tables:
        notes += respelt_notes(label_folders(found, subsets))
    for table in tables:
        entries, said = _by_table(entries, table, root, subsets, labels=labels)
        notes += said
    return entries, notes


def _subset_folders(root: Path) -> dict[str, str]:
    """Return folder name to subset, empty unless every folder is named like a subset."""
    return subsets_of(
        child.name for child in root.iterdir() if child.is_dir() and not is_litter(child.name)
    )


def subsets_of(folders: Iterable[str]) -> dict[str, str]:
    """Return folder name to subset, empty unless every one of ``folders`` is named like one."""
    subsets = {name: SUBSETS.get(name.casefold(), "") for name in folders}
    return subsets if all(subsets.values()) else {}


def _metadata_tables(folders: list[Path]) -> list[Table]:
    paths = [folder / name for folder in folders for name in METADATA]
    tables = [read_table(path) for path in paths if os.path.isfile(path)]
    return [table for table in tables if table.find((_FILE_NAME,)) is not None]


def by_folder(entry: Entry, subsets: dict[str, str], *, labels: bool) -> Entry:
    """Set subset and label of an entry by the folders that it lies in."""
    folders = entry.file.split("/")[:-1]
    subset = subsets.get(folders[0], "") if folders else ""
    below = folders[1:] if subset else folders
    label = clean_label(below[0]) if below and labels else columns.NO_LABEL
    return replace(entry, label=label, subset=subset)


def label_folders(found: Found, subsets: dict[str, str]) -> set[str]:
    """Return the names of the folders that are labels."""
    folders = (entry.file.split("/")[:-1] for entry in found.images)
    below = (parts[1:] if parts and parts[0] in subsets else parts for parts in folders)
    return {parts[0] for parts in below if parts}


def _by_table(
    entries: list[Entry], table: Table, root: Path, subsets: dict[str, str], *, labels: bool
) -> tuple[list[Entry], list[str]]:
    """Put the labels of a metadata table over those of the folders below it."""
    where = table.path.relative_to(root).as_posix()
    prefix = "" if table.path.parent == root else f"{table.path.parent.name}/"
    column = table.find((_FILE_NAME,)) or _FILE_NAME
    has_labels = labels and table.find(LABEL_NAMES) is not None
    given, notes = table_labels(table, labels=labels) if has_labels else ([""] * table.rows, [])
    named: dict[str, Entry] = {}
    for file, label in zip(table.column(column), given, strict=True):
        if name := text(file):
            entry = place(prefix + name, root, label)
            named.setdefault(entry.file, entry)
    below = {entry.file for entry in entries if entry.file.startswith(prefix)}
    if has_labels:
        label_of = {file: entry.label for file, entry in named.items()}
        entries = [
            replace(entry, label=label_of.get(entry.file, columns.NO_LABEL))
            if entry.file in below
            else entry
            for entry in entries
        ]
        notes.append(f"Labels are taken from {where}.")
        unnamed = sorted(below - named.keys())
        if unnamed:
            notes.append(
                f"{len(unnamed)} images are not in {where}, so have no label: {some(unnamed)}."
            )
    elif labels:
        notes.append(f"{where} has no column 'label': labels are the folders.")
    absent = [by_folder(named[file], subsets, labels=labels) for file in named.keys() - below]
    if has_labels:
        absent = [replace(entry, label=label_of[entry.file]) for entry in absent]
    return entries + sorted(absent, key=lambda entry: entry.file), notes
