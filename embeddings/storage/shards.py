"""Embeddings on disk: one folder per model, in shards that are written whole or not at all.

A shard is an Arrow file of at most ``SHARD_SIZE`` rows, one for each content, also for those that
could not be decoded. Contents in a shard are done: a run that was killed resumes after the last
whole shard and cuts the rest in the same places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import StoredRows
from embeddings.storage.atomic import map_arrow, write_arrow

SHARD_SIZE = 512
KEY = "key"
# Half precision keeps three decimals between these; outside of them full precision is kept.
HALF_SMALLEST, HALF_LARGEST = 1e-3, 6e4


@dataclass(frozen=True, slots=True)
class ShardRow:
    """The result for one content: an embedding (width,) float32, or the reason for having none.

    ``classes`` and ``probabilities`` are the likeliest classes of the model, best first, empty
    where it has no head.
    """

    key: str
    embedding: NDArray[np.float32] | None
    status: str = c.OK
    reason: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    grey: bool = False
    classes: tuple[int, ...] = ()
    probabilities: tuple[float, ...] = ()


def _fits_half(matrix: NDArray[np.float32]) -> bool:
    largest = np.abs(matrix).max(axis=1)
    nonzero = largest[largest > 0]
    return bool((largest < HALF_LARGEST).all() and (nonzero >= HALF_SMALLEST).all())


def shard_table(rows: Sequence[ShardRow], width: int) -> Any:
    """Make the Arrow table of one shard; embeddings are float16 where that loses nothing."""
    import pyarrow as pa

    matrix = np.zeros((len(rows), width), dtype=np.float32)
    for place, row in enumerate(rows):
        if row.embedding is not None:
            matrix[place] = row.embedding
    stored = matrix.astype(np.float16) if _fits_half(matrix) else matrix
    embeddings = pa.FixedSizeListArray.from_arrays(
        pa.array(stored.ravel()),
        width,
        mask=pa.array([row.embedding is None for row in rows], pa.bool_()),
    )
    return pa.table(
        {
            KEY: pa.array([r.key for r in rows], pa.string()),
            c.STATUS: pa.array([r.status for r in rows], pa.string()),
            c.REASON: pa.array([r.reason for r in rows], pa.string()),
            c.WIDTH: pa.array([r.width for r in rows], pa.int32()),
            c.HEIGHT: pa.array([r.height for r in rows], pa.int32()),
            c.FORMAT: pa.array([r.format for r in rows], pa.string()),
            c.GREY: pa.array([r.grey for r in rows], pa.bool_()),
            c.EMBEDDING: embeddings,
            c.PREDICTED_CLASSES: pa.array([r.classes for r in rows], pa.list_(pa.int32())),
            c.PREDICTED_PROBABILITIES: pa.array(
                [r.probabilities for r in rows], pa.list_(pa.float32())
            ),
        }
    )


class EmbeddingStore:
    """The shards of one model.

    Parameters
    ----------
    folder
        Where the shards lie; made when the first is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> list[Path]:
        """Return the whole shards, in the order of writing."""
        return sorted(self.folder.glob("shard-*.arrow"))

    def next_number(self) -> int:
        """Return the number that the next shard will have."""
        files = self.files()
        return int(files[-1].stem.split("-")[1]) + 1 if files else 0

    def write(self, number: int, rows: Sequence[ShardRow], width: int) -> Path:
        """Write shard ``number``, atomically."""
        target = self.folder / f"shard-{number:06d}.arrow"
        write_arrow(target, shard_table(rows, width))
        return target

    def tables(self) -> Iterable[Any]:
        """Yield the shards as Arrow tables, mapped rather than read."""
        for file in self.files():
            yield map_arrow(file)

    def done(self) -> set[str]:
        """Return the keys of every content that need not be embedded again."""
        keys: set[str] = set()
        for table in self.tables():
            keys.update(table.column(KEY).to_pylist())
        return keys

    def reasons(self) -> dict[str, str]:
        """Return the reason for each content that could not be embedded the last time."""
        facts = self.facts()
        failed = facts[facts[c.STATUS] != c.OK]
        return dict(zip(map(str, failed.index), map(str, failed[c.REASON]), strict=True))

    def facts(self) -> Any:
        """Return everything but the embeddings as a pandas frame, indexed by key.

        Of a content that occurs twice, the later row counts.
        """
        import pandas as pd

        parts = [table.drop_columns([c.EMBEDDING]).to_pandas() for table in self.tables()]
        if not parts:
            return pd.DataFrame(columns=[KEY, c.STATUS, c.REASON]).set_index(KEY)
        return pd.concat(parts, ignore_index=True).drop_duplicates(KEY, keep="last").set_index(KEY)

    def places(self, keys: Any) -> NDArray[np.int32]:
        """Find where the embeddings of n ``keys``, a pyarrow array of strings, lie.

        Returns
        -------
        (n, 2) int32: the place of the file in ``files()`` and the row in it; -1 where there is
        no embedding.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        held, lies = [], []
        for number, table in enumerate(self.tables()):
            present = np.flatnonzero(np.asarray(table.column(c.EMBEDDING).is_valid()))
            held += table.column(KEY).take(present).cast(pa.large_string()).chunks
            lies.append(np.column_stack([np.full(len(present), number), present]))
        lies.append(np.full((1, 2), -1))  # what index -1 means
        found = pc.index_in(
            keys.cast(pa.large_string()), value_set=pa.chunked_array(held, pa.large_string())
        )
        every = np.concatenate(lies).astype(np.int32)
        return np.asarray(every[found.fill_null(-1).to_numpy()])

    def matrix(self, keys: Sequence[str], width: int) -> NDArray[np.float32]:
        """Read the embeddings of ``keys``.

        Returns
        -------
        (n, width) float32, row order as ``keys``; NaN rows for keys that have no embedding.
        """
        out = np.full((len(keys), width), np.nan, dtype=np.float32)
        self._read(keys, out)
        return out

    def stored(self, keys: Sequence[str], width: int, file: Path) -> StoredRows:
        """Gather the embeddings of ``keys`` in a file of half precision, or single where needed.

        For sets that are larger than memory.

        Returns
        -------
        (n, width) rows as of :meth:`matrix`, in the order of ``keys``.
        """
        kinds = {table.schema.field(c.EMBEDDING).type.value_type for table in self.tables()}
        dtype = np.float32 if any(str(kind) != "halffloat" for kind in kinds) else np.float16
        shape = (len(keys), width)
        file.parent.mkdir(parents=True, exist_ok=True)
        out = np.memmap(file, dtype=dtype, mode="w+", shape=shape)
        out[:] = np.nan
        self._read(keys, out)
        out.flush()
        return StoredRows(file, shape, dtype)

    def _read(self, keys: Sequence[str], out: NDArray[Any]) -> None:
        """Put the embeddings of ``keys`` in the rows of ``out``."""
        width = out.shape[1]
        wanted: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            wanted.setdefault(key, []).append(place)
        for table in self.tables():
            column = table.column(c.EMBEDDING)
            present = np.flatnonzero(np.asarray(column.is_valid()))
            keys_here = table.column(KEY).take(present).to_pylist()
            # flatten() leaves the missing rows out
            values = column.combine_chunks().flatten().to_numpy().reshape(-1, width)
            for row, key in enumerate(keys_here):
                for place in wanted.get(key, ()):
                    out[place] = values[row]
