"""The items of a run as columns, each read when it is first asked for.

A frame of a million rows takes seconds to read, and the first page needs six of its columns.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c

if TYPE_CHECKING:
    import pandas as pd

EACH_ITS_OWN = (c.FILE, c.SHA256)  # columns of strings that hardly repeat


class ItemColumns:
    """One Parquet file by columns; what was read is kept, and shared with the frame.

    Parameters
    ----------
    file
        The items of a run.
    """

    def __init__(self, file: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        # held open: a new run deletes the file, and pages of the old one are still answered
        self._source = pa.OSFile(str(file))
        whole = pq.ParquetFile(self._source)
        self.names: tuple[str, ...] = tuple(whole.schema_arrow.names)
        self._n = int(whole.metadata.num_rows)
        self._lock = threading.RLock()
        self._read: dict[str, Any] = {}
        self._frame: pd.DataFrame | None = None

    def __len__(self) -> int:
        return self._n

    def arrow(self, name: str) -> Any:
        """Return a column as one pyarrow array.

        Strings of which few differ, that is all but names of files and hashes, are
        dictionary-encoded: four bytes a row.
        """
        held = self._read.get(name)
        if held is not None:
            return held
        import pyarrow as pa
        import pyarrow.parquet as pq

        with self._lock:
            if name not in self._read:
                repeated = [] if name in EACH_ITS_OWN else [name]
                file = pq.ParquetFile(self._source, read_dictionary=repeated)
                column = file.read([name], use_threads=False).column(0)
                if pa.types.is_dictionary(column.type):
                    column = column.unify_dictionaries()
                whole = column.combine_chunks()
                if pa.types.is_string(whole.type):
                    whole = whole.cast(pa.large_string())  # as pandas keeps it: shared, not copied
                self._read[name] = whole
            return self._read[name]

    def row(self, row: int) -> dict[str, Any]:
        """Return all that is known of one item."""
        return {name: self.arrow(name)[row].as_py() for name in self.names}

    def floats(self, name: str) -> NDArray[np.float32]:
        """Return a column of numbers as float32, NaN where there is none."""
        return np.asarray(self.arrow(name).to_numpy(zero_copy_only=False), dtype=np.float32)

    def groups(self, name: str) -> tuple[list[str], NDArray[np.int32]]:
        """Return the values of a column of strings, and (n,) which of them each row holds.

        Rows without a value hold -1.
        """
        column = self.arrow(name)
        held = column.indices.fill_null(-1).to_numpy().astype(np.int32)
        return [str(value) for value in column.dictionary.to_pylist()], held

    def frame(self) -> pd.DataFrame:
        """Return all of it as a frame, as ``Workspace.items`` does."""
        import pandas as pd

        with self._lock:
            if self._frame is None:
                import pyarrow as pa

                columns = {}
                for name in self.names:
                    values = self.arrow(name)
                    if pa.types.is_dictionary(values.type):
                        values = values.dictionary_decode().cast(pa.large_string())
                    columns[name] = (
                        pd.Series(pd.array(values, dtype="str"))
                        if pa.types.is_large_string(values.type)
                        else pa.chunked_array([values]).to_pandas()
                    )
                self._frame = pd.DataFrame(columns, copy=False)
            return self._frame


def texts_in(frame: pd.DataFrame, name: str) -> list[str]:
    """Return a column as texts, "" where there is nothing, or where an older run has none."""
    if name not in frame:
        return [""] * len(frame)
    return [value if isinstance(value, str) else "" for value in frame[name].astype(object)]


def numbers_in(frame: pd.DataFrame, name: str) -> list[int]:
    """Return a column as whole numbers, -1 for nothing, or a column that an older run lacks."""
    if name not in frame:
        return [-1] * len(frame)
    return [int(n) for n in np.nan_to_num(frame[name].to_numpy(dtype=float), nan=-1.0)]
