"""Matrices of embeddings read in blocks, from an array or from a file larger than memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

BLOCK = 4096  # rows read at once
_PLAIN = np.int16(0x7FFF)  # a half without its sign
_ENDLESS = 0x7C00  # the smallest half, without its sign, that is infinite or NaN
_ONE_SIGN = np.int32(-0x70000001)  # a float without the three bits after its sign
_EXPONENTS_APART = np.float32(2.0**112)  # exponents of halves start at 15 below 0, of floats at 127


class Rows(Protocol):
    """What can be read like an (n, d) array; a NumPy array is one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (n, d)."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: Any, /) -> Any:
        """Return the rows of a slice or of an index array, as an array."""


class StoredRows:
    """Rows in a file of raw numbers, copied out where they are asked for.

    The file is mapped for each reading and unmapped after it, so that it does not count towards the
    memory of the process; it stays in the cache of the system.

    Parameters
    ----------
    file
        Made by :func:`stored`.
    shape
        (n, d).
    dtype
        Of the numbers in the file.
    """

    def __init__(self, file: Path, shape: tuple[int, int], dtype: Any) -> None:
        self.file, self.shape, self.dtype = file, shape, np.dtype(dtype)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, at: Any, /) -> NDArray[Any]:
        mapped = np.memmap(self.file, dtype=self.dtype, mode="r", shape=self.shape)
        return np.array(mapped[at])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[:], dtype=dtype)


class Picked:
    """Some rows of others, read where they are asked for.

    Parameters
    ----------
    rows
        What they are rows of.
    places
        (m,) which of them, in the order wanted.
    """

    def __init__(self, rows: Rows, places: NDArray[np.intp]) -> None:
        self.rows, self.places = rows, places
        self.shape = (len(places), *rows.shape[1:])

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, at: Any, /) -> Any:
        return self.rows[self.places[at]]


def blocks(rows: Rows, size: int = BLOCK) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield places and rows, float32, in order; what is yielded may be changed only if copied."""
    for start in range(0, len(rows), size):
        at = slice(start, min(len(rows), start + size))
        yield at, wide(rows[at])


def by_group(group: NDArray[np.integer[Any]], n_groups: int) -> list[NDArray[np.intp]]:
    """Return the places of each group, ascending; ``group`` (n,) is in 0..n_groups-1."""
    ends = np.cumsum(np.bincount(group, minlength=n_groups))[:-1]
    return np.split(np.argsort(group, kind="stable"), ends)


def wide(block: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers as float32: as they are, or a copy.

    NumPy widens half precision number by number. Here the bits are moved to their places in all
    at once, and a product sets the exponents right, those of the least numbers too.
    """
    if block.dtype != np.float16 or not block.size:
        return np.asarray(block, dtype=np.float32)
    bits = np.ascontiguousarray(block).view(np.int16)
    if int((bits & _PLAIN).max()) >= _ENDLESS:
        return block.astype(np.float32)  # infinity and NaN have no exponent to set
    moved = bits.astype(np.int32)  # which repeats the sign to the left
    moved <<= 13
    moved &= _ONE_SIGN
    numbers = moved.view(np.float32)
    numbers *= _EXPONENTS_APART
    return numbers
