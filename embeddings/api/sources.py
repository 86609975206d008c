"""Embeddings in memory as a data set: written into the workspace as the file that a scan reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from embeddings.arrays import labels_of, rows_of
from embeddings.columns import FILE, LABEL
from embeddings.errors import UsageError

FOLDER: Final = "source"  # of a workspace: what was given as an array or a frame


def written_embeddings(
    source: Any, workspace: Path, *, files: Any = None, labels: Any = None
) -> Path:
    """Write an array or a frame of embeddings into the workspace, and return the file.

    Columns ``file`` and ``label`` of a frame name and label its rows; the others are numbers.

    Raises
    ------
    UsageError
        It holds no numbers, or ``files`` and ``labels`` are not as many as its rows.
    """
    if hasattr(source, "columns"):
        files = _of(source, FILE) if files is None else files
        labels = _of(source, LABEL) if labels is None else labels
        named = [name for name in (FILE, LABEL) if name in source.columns]
        source = source.drop(columns=named)
        if not len(source.columns):
            raise UsageError(
                "The frame holds no embeddings, only files and labels.",
                hint="Write it as a table beside the images, `frame.to_csv(…)`, and run on that.",
            )
    rows = rows_of(source)
    arrays: dict[str, Any] = {"embeddings": np.asarray(rows[:], dtype=np.float32)}
    if files is not None:
        names = [Path(file).as_posix() for file in files]
        if len(names) != len(rows):
            raise UsageError(
                f"There are {len(rows)} embeddings and {len(names)} files.",
                hint="Give one file per embedding.",
            )
        arrays["files"] = np.array(names)
    if labels is not None:
        arrays["labels"] = labels_of(labels, len(rows))
    # a data set is called after its file
    target = workspace / FOLDER / f"{workspace.resolve().name}.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez(target, **arrays)
    return target


def _of(frame: Any, column: str) -> Any:
    return frame[column] if column in frame.columns else None
