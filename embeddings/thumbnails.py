"""Packed thumbnails: many to a file, found by the hash of the image's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings import columns as c
from embeddings.files import map_arrow, write_arrow


def write_thumbnails(target: Path, keys: Sequence[str], thumbnails: Sequence[bytes]) -> None:
    """Write one file of thumbnails, atomically."""
    import pyarrow as pa

    table = pa.table(
        {c.SHA256: pa.array(keys, pa.string()), c.THUMBNAIL: pa.array(thumbnails, pa.binary())}
    )
    write_arrow(target, table, chunk=256)


def _prefix(sha256: str) -> int:
    return int(sha256[:16], 16)


class ThumbnailIndex:
    """Where each thumbnail lies; files are mapped, not read, and 24 bytes an item are kept.

    Parameters
    ----------
    folder
        The folder of the packed files; it may be missing.
    """

    def __init__(self, folder: Path) -> None:
        self._columns: list[Any] = []
        prefixes, places = [], []
        for file in sorted(folder.glob("*.arrow")):
            table = map_arrow(file)
            keys = table.column(c.SHA256).to_pylist()
            prefixes.append(np.array([_prefix(k) for k in keys], dtype=np.uint64))
            places.append(
                np.stack(
                    [np.full(len(keys), len(self._columns)), np.arange(len(keys))], axis=1
                ).astype(np.int64)
            )
            self._columns.append((table.column(c.SHA256), table.column(c.THUMBNAIL)))
        keys_all = np.concatenate(prefixes) if prefixes else np.empty(0, np.uint64)
        order = np.argsort(keys_all, kind="stable")
        self._prefixes = keys_all[order]
        self._places = np.concatenate(places)[order] if places else np.empty((0, 2), np.int64)

    def __len__(self) -> int:
        return len(self._prefixes)

    def get(self, sha256: str) -> bytes | None:
        """Return the JPEG bytes, or None where this content has no thumbnail."""
        wanted = np.uint64(_prefix(sha256))
        start, stop = np.searchsorted(self._prefixes, wanted, side="left"), len(self._prefixes)
        for place in range(int(start), stop):
            if self._prefixes[place] != wanted:
                return None
            file, row = (int(v) for v in self._places[place])
            keys, thumbnails = self._columns[file]
            if keys[row].as_py() == sha256:
                return bytes(thumbnails[row].as_py())
        return None
