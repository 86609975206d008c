"""Hashes of rows, so that equal rows (copies of one image) are found in linear time."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays.matrix import Rows, blocks


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
    """Return places of the different rows, in an order of their own, and which each row is."""
    _, first, place = np.unique(contents(rows), return_index=True, return_inverse=True)
    return first, place.reshape(-1)
