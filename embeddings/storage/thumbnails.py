"""Packed thumbnails: many in one file, found by the hash of the image's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.storage.atomic import write_arrow
from embeddings.storage.mapped import MappedBytes, MappedFile, beginnings


def write_thumbnails(target: Path, keys: Sequence[str], thumbnails: Sequence[bytes]) -> None:
    """Write one file of thumbnails, atomically."""
    import pyarrow as pa

    table = pa.table(
        {c.SHA256: pa.array(keys, pa.string()), c.THUMBNAIL: pa.array(thumbnails, pa.binary())}
    )
    write_arrow(target, table, chunk=256)


class ThumbnailIndex:
    """Where each thumbnail lies; files are mapped, not read, and 40 bytes an item are kept.

    Parameters
    ----------
    folder
        The folder of the packed files; it may be missing.
    """

    def __init__(self, folder: Path) -> None:
        self._files = MappedBytes(sorted(folder.glob("*.arrow")))
        prefixes, places = [], []
        for number, file in enumerate(self._files.files):
            mapped = MappedFile(file)
            prefixes.append(beginnings(mapped.table.column(c.SHA256)))
            keys = _spans(mapped, c.SHA256)
            places.append(
                np.column_stack([np.full(len(keys), number), keys, _spans(mapped, c.THUMBNAIL)])
            )
        prefix = np.concatenate(prefixes) if prefixes else np.empty(0, np.uint64)
        order = np.argsort(prefix, kind="stable")
        self._prefixes = prefix[order]
        # file, start and length of the key, start and length of the picture
        self._places = np.concatenate(places)[order] if places else np.empty((0, 5), np.int64)

    def __len__(self) -> int:
        return len(self._prefixes)

    def get(self, sha256: str) -> bytes | None:
        """Return the JPEG bytes, or None where this content has no thumbnail."""
        wanted = np.uint64(int(sha256[:16], 16))
        start = int(np.searchsorted(self._prefixes, wanted, side="left"))
        for place in range(start, len(self._prefixes)):
            if self._prefixes[place] != wanted:
                return None
            file, key, key_length, picture, length = self._places[place].tolist()
            if self._files.read(file, key, key_length) == sha256.encode():
                return self._files.read(file, picture, length)
        return None


def _spans(mapped: MappedFile, column: str) -> NDArray[np.int64]:
    """Return (n, 2) where in the file each value of a column begins, and its length."""
    spans = []
    for chunk in mapped.table.column(column).chunks:
        _, offsets, data = chunk.buffers()
        bounds = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        starts = bounds[:-1].astype(np.int64) + (mapped.offset(data) if data else 0)
        spans.append(np.column_stack([starts, np.diff(bounds)]))
    return np.concatenate(spans) if spans else np.empty((0, 2), np.int64)
