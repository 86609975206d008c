"""A folder in remote storage: ``label/…/file`` below an address, subsets as an imagefolder has.

A file is an item by its suffix: to look at the first bytes of all others would be a request each.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from embeddings import columns
from embeddings.manifest.entries import Entry
from embeddings.manifest.folder import (
    IMAGE_SUFFIXES,
    Found,
    entries_of,
    found_notes,
    is_litter,
    respelt_notes,
)
from embeddings.manifest.imagefolder import METADATA, by_folder, label_folders, subsets_of
from embeddings.storage import listed


def remote_entries(url: str, *, labels: bool) -> tuple[list[Entry], list[str]]:
    """List the items below an address, as ``folder_entries`` and ``imagefolder_entries`` do.

    Raises
    ------
    SourceError
        The address can't be listed.
    """
    found = Found()
    for file, where in listed(url):
        parts = PurePosixPath(file)
        if any(is_litter(part) for part in parts.parts):
            found.ignored["hidden"] += 1
        elif parts.suffix.lower() in IMAGE_SUFFIXES:
            found.images.append(Entry(file, columns.NO_LABEL, where))
        elif parts.name:
            found.ignored[parts.suffix.lower() or "without extension"] += 1
            if parts.name in METADATA:
                found.tables.append(file)
    entries, notes = _read(found, labels=labels)
    if found.tables:
        notes.append(
            f"{', '.join(found.tables[:3])}: tables in remote storage are not read; labels are "
            "the folders."
        )
    return entries, notes


def _read(found: Found, *, labels: bool) -> tuple[list[Entry], list[str]]:
    first = {entry.file.partition("/")[0] for entry in found.images if "/" in entry.file}
    subsets = subsets_of(first)
    if not subsets:
        return entries_of(found, labels=labels)
    names = ", ".join(f"{name}/ is {subset}" for name, subset in sorted(subsets.items()))
    notes = [*found_notes(found), f"Read as a Hugging Face imagefolder ({names})."]
    if labels:
        notes += respelt_notes(label_folders(found, subsets))
    return [by_folder(entry, subsets, labels=labels) for entry in found.images], notes
