"""A folder in remote storage, by its address: the same layouts as on disk, from a listing alone."""

from __future__ import annotations

from pathlib import PurePosixPath

from embeddings import columns
from embeddings.images import IMAGE_SUFFIXES
from embeddings.manifest.beside import METADATA
from embeddings.manifest.entries import Entry
from embeddings.manifest.folder import Found, is_litter, listed, place_found
from embeddings.manifest.listing import Listed, Wanted
from embeddings.storage import listed as listed_remotely


def remote_items(url: str, wanted: Wanted) -> Listed:
    """List the items below an address as ``folder_items`` does.

    Raises
    ------
    SourceError
        The address can't be listed.
    """
    found, tables = Found(), []
    for file, where in listed_remotely(url):
        parts = PurePosixPath(file)
        if any(is_litter(part) for part in parts.parts):
            found.ignored["hidden"] += 1
        elif parts.suffix.lower() in IMAGE_SUFFIXES:
            found.images.append(Entry(file, columns.NO_LABEL, where))
        elif parts.name:
            found.ignored[parts.suffix.lower() or "without extension"] += 1
            found.others.append(file)
            if parts.name in METADATA:
                tables.append(file)
    entries, understood = place_found(found, wanted)
    told = listed(found, entries, understood, wanted, url)
    if tables:
        told.notes.append(
            f"{', '.join(tables[:3])}: tables in remote storage are not read; labels are "
            "the folders."
        )
    return told
