"""The four frames as Parquet, the items with their embeddings.

``items.parquet`` holds a column ``embedding`` (fixed-size list of float32, null where an item has
none), written some thousands of rows at a time. It is also a data set with ready-made embeddings
that ``rosette run`` takes. ``README.md`` tells Hugging Face ``datasets`` that each file is a table
of its own. A column has the same type in every export, also where nothing is in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from embeddings import columns as c
from embeddings.export.common.dataset_card import card_head
from embeddings.export.common.source import ExportSource, Written
from embeddings.records import Progress, no_progress
from embeddings.storage import atomic_path, write_text

if TYPE_CHECKING:
    import pandas as pd

_ROWS_AT_ONCE: Final = 4096
# of columns in which nothing stands; all others hold text
_NUMBERS: Final = {
    c.SCORE: pa.float64(),
    c.AFFINITY: pa.float64(),
    c.MIXING: pa.float64(),
    c.SIZE_A: pa.int64(),
    c.SIZE_B: pa.int64(),
}
_README: Final = """\
Findings of Rosette, a table each: `load_dataset("THIS FOLDER")` gives the items,
`load_dataset("THIS FOLDER", "classes")` the labels, and so on.
"""


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
        with atomic_path(path) as temporary:
            pq.write_table(_table(frame), temporary, compression="zstd")
    card = out / "README.md"
    write_text(card, card_head({path.stem: path.name for path in (items, *frames)}) + _README)
    return Written((items, *frames, card))


def _table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame with a type for each column, also for those in which nothing stands."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_type(_NUMBERS.get(field.name, pa.string()))
        if pa.types.is_null(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields, metadata=table.schema.metadata))


def _write_items(path: Path, source: ExportSource, progress: Progress) -> None:
    frame = source.items
    plain = _table(frame)
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
