"""The four frames as Parquet, the items with their embeddings.

``items.parquet`` holds a column ``embedding`` (fixed-size list of float32, null where an item has
none), written some thousands of rows at a time. It is also a data set with ready-made embeddings
that ``rosette run`` takes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from embeddings import columns as c
from embeddings.export.common.source import ExportSource, Written
from embeddings.records import Progress, no_progress
from embeddings.storage import atomic_path, write_frame

_ROWS_AT_ONCE: Final = 4096


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Write items, classes, clusters, merges and, if any, slices, a file each, into ``out``."""
    items = out / "items.parquet"
    _write_items(items, source, progress)
    frames = {
        out / "classes.parquet": source.classes,
        out / "clusters.parquet": source.clusters,
        out / "merges.parquet": source.merges,
    }
    if source.slices is not None:
        frames[out / "slices.parquet"] = source.slices
    for path, frame in frames.items():
        write_frame(path, frame)
    return Written((items, *frames))


def _write_items(path: Path, source: ExportSource, progress: Progress) -> None:
    frame = source.items
    plain = pa.Table.from_pandas(frame, preserve_index=False)
    vector = pa.list_(pa.float32(), source.width)
    schema = plain.schema.append(pa.field(c.EMBEDDING, vector)).remove_metadata()
    rows = np.arange(len(frame), dtype=np.intp)
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for part, matrix in source.batches(rows, _ROWS_AT_ONCE):
            missing = ~np.isfinite(matrix).all(axis=1)
            vectors = pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(matrix).ravel()),
                type=vector,
                mask=pa.array(missing),
            )
            chunk = plain.slice(int(part[0]), len(part)).append_column(
                pa.field(c.EMBEDDING, vector), vectors
            )
            writer.write_table(chunk.replace_schema_metadata(None))
            progress(int(part[-1]) + 1, len(frame), path.name)
        if not len(frame):
            writer.write_table(schema.empty_table())
