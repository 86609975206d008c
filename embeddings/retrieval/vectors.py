"""The stored embeddings nearest to one that is not stored, read from the shards in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import unit_rows
from embeddings.storage import KEY, EmbeddingStore

_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Alike:
    """Contents by their ``keys``, the likest first, and their ``cosine`` (m,) float32."""

    keys: tuple[str, ...]
    cosine: NDArray[np.float32]


def nearest_to(store: EmbeddingStore, vector: NDArray[np.float32], most: int) -> Alike:
    """Return the ``most`` contents whose embeddings have the highest cosine with ``vector``.

    Exact; every shard is read once, in blocks, so that memory holds little of it.

    Parameters
    ----------
    vector
        (width,) float32.
    """
    asked = unit_rows(vector[None].astype(np.float32))[0]
    keys: list[str] = []
    cosines = np.zeros(0, dtype=np.float32)
    for table in store.tables():
        column = table.column(c.EMBEDDING)
        present = np.flatnonzero(np.asarray(column.is_valid()))
        values = column.combine_chunks().flatten().to_numpy().reshape(-1, len(asked))
        found = np.concatenate(
            [np.zeros(0, np.float32)]
            + [
                unit_rows(values[start : start + _ROWS_AT_ONCE].astype(np.float32)) @ asked
                for start in range(0, len(values), _ROWS_AT_ONCE)
            ]
        )
        best = np.argsort(-found, kind="stable")[:most]
        keys += table.column(KEY).take(present[best]).to_pylist()
        cosines = np.concatenate([cosines, found[best]])
        order = np.argsort(-cosines, kind="stable")[:most]
        keys, cosines = [keys[place] for place in order], cosines[order]
    return Alike(tuple(keys), cosines)
