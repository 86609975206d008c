"""Text tables that are packed: ``.csv.gz``, ``.jsonl.zst`` and the like, unpacked into memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.manifest.unpacked import memory

_BLOCK: Final = 1 << 24  # bytes
_SHARE: Final = 4  # a table may take this part of the memory: its cells take more than its text
_ERRORS = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


def _zstd(path: Path) -> Any:
    import pyarrow as pa

    return pa.input_stream(str(path), compression="zstd")


_OPENERS: Final[dict[str, Callable[[Path], Any]]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _zstd,
}
PACKED_SUFFIXES: Final = tuple(_OPENERS)


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where its name says that it is packed.

    Raises
    ------
    SourceError
        It is broken, or takes more than a quarter of the memory of this machine unpacked.
    """
    opener = _OPENERS.get(path.suffix.lower())
    if opener is None:
        return path.read_bytes()
    most = (memory() or 1 << 34) // _SHARE
    blocks: list[bytes] = []
    size = 0
    try:
        with opener(path) as stream:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > most:
                    raise SourceError(
                        f"{path} takes more than {most >> 20:,} MiB unpacked, a quarter of the "
                        "memory here.",
                        hint="Write it as Parquet, which is read in parts.",
                    )
                blocks.append(block)
    except _ERRORS as error:
        raise SourceError(
            f"{path} can't be unpacked: {one_line(error)}.", hint="Copy it again."
        ) from error
    return b"".join(blocks)
