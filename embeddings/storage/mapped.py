"""Arrow files mapped into memory; the pages that were read are released after use.

A mapped page that was read counts as memory of the process for as long as the map lives, though the
system may drop it. A server that runs for weeks would seem to use the memory of every file that it
read. So code that reads at random reports what it read, and those pages are released.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

AROUND = 65_536  # bytes that the system maps around one that is read
MOST_TOUCHED = 128 * 2**20  # bytes, before they are released


class MappedFile:
    """One Arrow file.

    Parameters
    ----------
    file
        Mapped, not read.
    """

    __slots__ = ("_whole", "table")

    def __init__(self, file: Path) -> None:
        import pyarrow as pa

        source = pa.memory_map(str(file))
        self._whole = source.read_buffer()
        self.table = pa.ipc.open_file(pa.BufferReader(self._whole)).read_all()

    def offset(self, buffer: Any) -> int:
        """Return where in the file a buffer of one of the table's columns begins."""
        return int(buffer.address - self._whole.address)


class MappedBytes:
    """Bytes of many files, mapped when first asked for.

    Parameters
    ----------
    files
        Named by their place in this list.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = list(files)
        self._maps: dict[int, tuple[mmap.mmap, Any]] = {}  # and each as a pyarrow buffer
        self._touched: set[int] = set()
        self._bytes = 0

    def whole(self, file: int) -> Any:
        """Return all of a file as a pyarrow buffer; nothing is read yet."""
        held = self._maps.get(file)
        if held is None:
            import pyarrow as pa

            with self.files[file].open("rb") as handle:
                whole = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
            held = self._maps[file] = (whole, pa.py_buffer(whole))
        return held[1]

    def read(self, file: int, start: int, length: int) -> bytes:
        """Return some bytes of a file."""
        content = bytes(self.whole(file).slice(start, length))
        self.touched(file, AROUND + length)
        return content

    def touched(self, file: int, length: int) -> None:
        """Note that some bytes of a file were read; when they are many, all pages are released."""
        self._touched.add(file)
        self._bytes += length
        if self._bytes > MOST_TOUCHED:
            read, self._touched, self._bytes = self._touched, set(), 0
            for number in read:
                give_back(self._maps[number][0])


class MappedVectors:
    """Rows of a column of vectors that lies in many Arrow files, one record batch each.

    Parameters
    ----------
    files, column
        A fixed-size list of float16 or float32 in each file.
    """

    def __init__(self, files: Sequence[Path], column: str) -> None:
        self._files = MappedBytes(files)
        self._column = column
        self._tables: dict[int, Any] = {}

    def table(self, file: int) -> Any:
        """Return all of a file as a pyarrow table, not read yet."""
        held = self._tables.get(file)
        if held is None:
            import pyarrow as pa

            reader = pa.ipc.open_file(pa.BufferReader(self._files.whole(file)))
            held = self._tables[file] = reader.read_all()
        return held

    def view(self, file: int) -> NDArray[Any]:
        """Return the (n, width) vectors of a file, not read yet; rows without one hold anything."""
        lists = self.table(file).column(self._column).chunk(0)
        return np.asarray(lists.values.to_numpy().reshape(-1, lists.type.list_size))

    def rows(self, lies: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return (n, width) the vectors at (n, 2) places, each a file and a row in it; n > 0."""
        order = np.argsort(lies[:, 0], kind="stable")
        ends = np.flatnonzero(np.diff(lies[order, 0])) + 1
        out: NDArray[np.float32] | None = None
        for at in np.split(order, ends):
            file = int(lies[at[0], 0])
            found = self.view(file)[lies[at, 1]]
            if out is None:
                out = np.empty((len(lies), found.shape[1]), np.float32)
            out[at] = found
            self._files.touched(file, len(at) * AROUND)
        assert out is not None
        return out


def give_back(whole: mmap.mmap) -> None:
    """Let the system drop the pages of a mapped file; an array over it reads them again."""
    if hasattr(mmap, "MADV_DONTNEED"):
        whole.madvise(mmap.MADV_DONTNEED)


def beginnings(keys: Any) -> NDArray[np.uint64]:
    """Return (n,) the first 16 hex digits of each key as a number.

    Parameters
    ----------
    keys
        A pyarrow array or chunked array of n hex strings of at least 16 digits, without nulls.

    Raises
    ------
    ValueError
        A key is shorter, or no hex.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(keys, pa.ChunkedArray):
        parts = [beginnings(chunk) for chunk in keys.chunks]
        return np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    cut = pc.utf8_lower(pc.utf8_slice_codeunits(keys, 0, 16)).cast(pa.large_binary())
    data = cut.buffers()[2]
    offsets = np.frombuffer(cut.buffers()[1], np.int64)[cut.offset : cut.offset + len(cut) + 1]
    if len(cut) and (np.diff(offsets) != 16).any():
        raise ValueError("keys are hex of at least 16 digits")
    signs = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]] if len(cut) else np.zeros(0)
    nibbles = np.asarray(_NIBBLE[signs.astype(np.intp)].reshape(-1, 16))
    if (nibbles > 15).any():
        raise ValueError("keys are hex of at least 16 digits")
    return np.asarray(
        ((nibbles[:, ::2] << 4) | nibbles[:, 1::2]).astype(np.uint8).copy().view(">u8").ravel(),
        dtype=np.uint64,
    )


_NIBBLE = np.full(256, 255, dtype=np.uint8)
_NIBBLE[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)
