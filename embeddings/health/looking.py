"""Measure every packed thumbnail once, file by file, so that it can be stopped and resumed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embeddings import columns as c
from embeddings.health.measures import Measures, measure
from embeddings.records import Progress, no_progress
from embeddings.storage import map_arrow, write_frame

if TYPE_CHECKING:
    import pandas as pd

VERSION: Final = 1  # of the measures; another version is in other files, so all are measured again
MEASURED: Final = ("dark", "light", "brightness", "spread", "sharpness", "phash", "patch")


def measure_all(
    thumbnails: Path, target: Path, *, threads: int = 2, progress: Progress = no_progress
) -> pd.DataFrame:
    """Measure every packed thumbnail that was not measured yet.

    Each file of thumbnails makes a Parquet file of its own in ``target``, written whole or not at
    all; a run that was stopped goes on after the last. In memory is one file at a time, and the
    measures, some 700 bytes a picture.

    Parameters
    ----------
    thumbnails
        The folder of packed thumbnails; it may be missing.
    target
        The folder of the measures.
    threads
        That decode.
    progress
        Called as ``progress(done, total, what)``, in files.

    Returns
    -------
    A frame with one row per content: ``sha256`` and the fields of ``Measures``.
    """
    import pandas as pd

    packed = sorted(thumbnails.glob("*.arrow"))
    parts = []
    for number, file in enumerate(packed):
        progress(number, len(packed), "looks")
        out = target / f"{file.stem}.v{VERSION}.parquet"
        if not out.is_file():
            write_frame(out, _measured(file, threads))
        parts.append(pd.read_parquet(out))
    progress(len(packed), len(packed), "looks")
    if not parts:
        return pd.DataFrame(columns=[c.SHA256, *MEASURED])
    return pd.concat(parts, ignore_index=True).drop_duplicates(c.SHA256, ignore_index=True)


def _measured(file: Path, threads: int) -> pd.DataFrame:
    table = map_arrow(file)
    with ThreadPoolExecutor(threads, thread_name_prefix="look") as pool:
        found = list(pool.map(measure, table.column(c.THUMBNAIL).to_pylist()))
    return measures_frame(table.column(c.SHA256).to_pylist(), found)


def measures_frame(keys: list[str], found: list[Measures]) -> pd.DataFrame:
    """Put measures into a frame, one row per content, in the order given."""
    import numpy as np
    import pandas as pd

    columns: dict[str, object] = {c.SHA256: keys}
    for name in MEASURED:
        values = [getattr(m, name) for m in found]
        kind = {"phash": np.uint64, "patch": object}.get(name, np.float32)
        columns[name] = np.array(values, dtype=kind)
    return pd.DataFrame(columns)
