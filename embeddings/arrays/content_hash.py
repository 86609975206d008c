"""Hashes of rows, so that equal rows (copies of one image) are found in linear time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays.matrix import Rows, blocks
from embeddings.errors import UsageError


def contents(X: Rows) -> NDArray[np.uint64]:
    """Return a number for the content of each row: equal rows have equal numbers.

    (n,) uint64, the BLAKE2b digest of the row in float32, cut to 8 bytes: two of a million
    rows that differ meet with probability 3e-8.
    """
    out = np.empty(len(X), dtype=np.uint64)
    for at, block in blocks(X):
        plain = np.ascontiguousarray(block + np.float32(0))  # -0 is 0
        digests = b"".join(hashlib.blake2b(row, digest_size=8).digest() for row in plain)
        out[at] = np.frombuffer(digests, dtype=np.uint64)
    return out


def different(rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of the different rows, by their hash, and which of them each row is."""
    _, first, place = np.unique(contents(rows), return_index=True, return_inverse=True)
    return first, place.reshape(-1)


def content_numbers(
    rows: Rows, groups: Sequence[Any] | NDArray[Any] | None = None
) -> NDArray[np.intp]:
    """Number the contents, 0 and up: equal rows are one content, or rows of one of ``groups``.

    Contents are numbered in the order of their first two columns, so that folds that are dealt by
    these numbers do not depend on a hash.

    Raises
    ------
    UsageError
        If there are more or fewer groups than rows.
    """
    if groups is None:
        start = np.concatenate([block[:, :2] for _, block in blocks(rows)]) + np.float32(0)
        digests, first, numbers = np.unique(contents(rows), return_index=True, return_inverse=True)
        order = np.lexsort((digests, start[first, -1], start[first, 0]))
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        return np.asarray(rank[numbers.reshape(-1)])
    if len(groups) != len(rows):
        raise UsageError(
            f"There are {len(rows)} embeddings and {len(groups)} groups.",
            hint="Give one group per embedding.",
        )
    names = np.array([str(group) for group in groups])
    return np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.intp)
