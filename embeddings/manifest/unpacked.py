"""Packed files that say how large they become, before they are let in."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from embeddings.errors import SourceError

_VALUE: Final = 2  # bytes that a value takes at least, whatever it is packed to


def memory() -> int | None:
    """Return the bytes of memory that this machine has; None where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return None


def let_in_archive(path: Path) -> None:
    """Refuse a ``.npz`` whose arrays take more than the memory; others are none of its business."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            _let_in(path, sum(part.file_size for part in archive.infolist()))


def let_in_table(path: Path, chunks: Iterable[tuple[int, int]]) -> None:
    """Refuse a table whose chunks, each of so many values and bytes, take more than the memory."""
    _let_in(path, sum(max(size, _VALUE * values) for values, size in chunks))


def _let_in(path: Path, unpacked: int) -> None:
    there = memory()
    if there is not None and unpacked > there:
        raise SourceError(
            f"{path} is {path.stat().st_size / 2**30:.1f} GB packed and {unpacked / 2**30:,.0f} GB "
            f"unpacked, more than the {there / 2**30:.0f} GB of memory here.",
            hint="If it is what you meant: write float16, in parts, or use a larger machine.",
        )
