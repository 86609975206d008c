"""Compare files with the contents that a run saw.

Findings, thumbnails and decisions belong to a content, known by its SHA-256. Between a run and a
decision a file may be overwritten or moved, or its disk may not be mounted. A reviewer must not
decide on another picture than the one shown, so the file is compared with the content first.
"""

from __future__ import annotations

import hashlib
import os
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from embeddings import columns as c
from embeddings.errors import ImageError
from embeddings.storage import is_remote

PictureState = Literal["same", "changed", "gone", "unknown"]
"""``unknown`` is what lies in remote storage, or has no content to compare with."""

MTIME: Final = "mtime_ns"
_REMEMBERED: Final = 100_000  # digests; some 20 MB
_LOOKED_FOR: Final = 16  # files that are looked for; the folder is there if one of them is
_THREADS: Final = 8
_FEW: Final = 64

Signature = tuple[int, int, int, int]  # bytes, mtime and ctime in ns, inode


class Pictures:
    """Compares the files of a data set with the contents that its run saw.

    Parameters
    ----------
    root
        The folder that files are relative to, or an address of remote storage.
    scanned
        The Parquet file in which the last scan left size, time of change and content of each
        file; it may be missing. A file that has not changed since is not read again.
    """

    def __init__(self, root: str, scanned: Path) -> None:
        self.root = root
        self._file = scanned
        self._lock = threading.Lock()
        self._digests: OrderedDict[str, tuple[Signature, str]] = OrderedDict()

    @property
    def is_remote(self) -> bool:
        """Whether the data set lies in remote storage, where files are not compared."""
        return is_remote(self.root)

    def path(self, file: str) -> Path | None:
        """Where an item's image lies, or None when it is not under the root any more."""
        if self.is_remote:
            return None
        root = Path(self.root).resolve()
        try:
            path = (root / file).resolve()
            return path if path.is_relative_to(root) and path.is_file() else None
        except (OSError, ValueError):  # a name that is too long, a NUL, a disk that fails
            return None

    def is_here(self, files: Sequence[str]) -> bool:
        """Whether the data folder is there: some of ``files``, looked for evenly, lie in it.

        A disk that is not mounted may leave an empty folder behind.
        """
        if self.is_remote or not files:
            return True
        if not os.path.isdir(self.root):
            return False
        step = max(1, len(files) // _LOOKED_FOR)
        return any(self.path(str(file)) is not None for file in files[::step])

    def state(self, file: str, sha256: str) -> PictureState:
        """Say whether ``file`` holds the content ``sha256``, hex."""
        if self.is_remote or not sha256:
            return "unknown"
        path = self.path(file)
        if path is None:
            return "gone"
        try:
            return "same" if self._digest(path, file) == sha256.lower() else "changed"
        except (ImageError, OSError):  # gone since, or it can't be opened
            return "gone"

    def states(self, pairs: Iterable[tuple[str, str]]) -> list[PictureState]:
        """Say it of (file, sha256) pairs, in their order; of many on several threads."""
        asked = list(pairs)
        if len(asked) <= _FEW:
            return [self.state(*pair) for pair in asked]
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="pictures") as pool:
            return list(pool.map(lambda pair: self.state(*pair), asked))

    def is_changed(self, file: str, sha256: str) -> bool:
        """Whether the file is there and holds another picture."""
        return self.state(file, sha256) == "changed"

    def read(self, file: str, sha256: str) -> bytes | None:
        """Return the bytes of a file that holds this content, None where it does not.

        The bytes returned are those that were compared, so they can't change in between.
        """
        from embeddings.images.files import open_regular

        path = self.path(file)
        if path is None:
            return None
        try:
            with open_regular(path) as stream:
                before = _signature(os.fstat(stream.fileno()))
                content = stream.read()
        except (ImageError, OSError):
            return None
        digest = hashlib.sha256(content).hexdigest()
        self._remember(file, before, digest)
        return content if digest == sha256.lower() else None

    def _digest(self, path: Path, file: str) -> str:
        from embeddings.images.files import digest_of

        now = _signature(path.stat())
        with self._lock:
            held = self._digests.get(file)
        if held is not None and held[0] == now:
            return held[1]
        known = self._scanned.find(file)
        size, mtime, ctime, _ = now
        # the time of modification can be set back, the time of the last status change can not
        if known is not None and known[:2] == (size, mtime) and ctime <= self._scanned.at:
            return known[2]
        digest = digest_of(path)
        self._remember(file, now, digest)
        return digest

    def _remember(self, file: str, signature: Signature, digest: str) -> None:
        with self._lock:
            self._digests[file] = signature, digest
            self._digests.move_to_end(file)
            while len(self._digests) > _REMEMBERED:
                self._digests.popitem(last=False)

    @cached_property
    def _scanned(self) -> _Scanned:
        return _read_scanned(self._file)


@dataclass(frozen=True)
class _Scanned:
    """What the last scan saw; ``at`` is when it ended, in ns, by the clock of its disk.

    The columns are pyarrow arrays, ``files`` ascending.
    """

    at: int
    files: Any
    sizes: Any
    mtimes: Any
    contents: Any

    def find(self, file: str) -> tuple[int, int, str] | None:
        """Return size, time of change and content of a file as scanned."""
        place = bisect_left(range(len(self.files)), file, key=lambda n: str(self.files[n]))
        if place == len(self.files) or str(self.files[place]) != file:
            return None
        size, mtime = self.sizes[place].as_py(), self.mtimes[place].as_py()
        return int(size or 0), int(mtime or 0), str(self.contents[place])


def _read_scanned(file: Path) -> _Scanned:
    if not file.is_file():
        return _Scanned(0, (), (), (), ())
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    at = file.stat().st_mtime_ns
    table = pq.read_table(file, columns=[c.FILE, c.BYTES, MTIME, c.SHA256])
    table = table.take(pc.sort_indices(table[c.FILE]))
    columns = (table[name].combine_chunks() for name in (c.FILE, c.BYTES, MTIME, c.SHA256))
    return _Scanned(at, *columns)


def _signature(stat: os.stat_result) -> Signature:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
