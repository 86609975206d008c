"""Arrays and frames as a data set: written into the workspace as the file that a scan reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from embeddings.arrays import labels_of, rows_of
from embeddings.columns import FILE, FILE_NAMES, LABEL
from embeddings.errors import UsageError
from embeddings.images import one_line

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
    target = _target(workspace, ".npz")
    np.savez(target, **arrays)
    return target


def names_files(source: Any, files: Any = None, root: Any = None) -> bool:
    """Whether a source in memory is a frame that names image files, rather than embeddings.

    It is where a ``root`` is given, where a column but ``file`` and ``label`` is not of numbers,
    and where there is no other column.
    """
    if not hasattr(source, "columns"):
        return False
    rest = source.drop(columns=[n for n in (FILE, LABEL) if n in source.columns])
    if not len(rest.columns):
        return files is not None or FILE in source.columns
    return root is not None or len(rest.select_dtypes("number").columns) < len(rest.columns)


def written_table(
    frame: Any,
    workspace: Path,
    *,
    files: Any = None,
    labels: Any = None,
    root: str | Path | None = None,
) -> tuple[Path, Path]:
    """Write a frame that names image files into the workspace; return the table and its root.

    Without a ``root`` it is the folder that all paths lie in where they are absolute, else the
    current one. ``files`` and ``labels`` go before the columns of the frame.

    Raises
    ------
    UsageError
        ``files`` and ``labels`` are not as many as its rows, or a column holds what no table does.
    """
    import pyarrow as pa

    given = {FILE: files, LABEL: None if labels is None else labels_of(labels, len(frame))}
    for name, values in given.items():
        if values is not None and len(values) != len(frame):
            raise UsageError(
                f"The frame has {len(frame)} rows, and there are {len(values)} {name}s.",
                hint="Give one for each row.",
            )
    frame = frame.assign(**{name: list(v) for name, v in given.items() if v is not None})
    frame = frame.rename(columns=str)
    for name in frame.columns[[dtype.kind == "O" for dtype in frame.dtypes]]:
        frame[name] = frame[name].map(lambda cell: str(cell) if isinstance(cell, Path) else cell)
    target = _target(workspace, ".parquet")
    try:
        frame.to_parquet(target, index=False)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise UsageError(
            f"The frame can't be written as a table: {one_line(error)}.",
            hint="Leave only the columns of files, labels and subsets.",
        ) from error
    return target, _root_of(frame) if root is None else Path(root)


def _root_of(frame: Any) -> Path:
    """Return what the paths of a frame are relative to where nobody says."""
    named = next((name for name in frame.columns if name.strip().casefold() in FILE_NAMES), None)
    paths = [] if named is None else [cell for cell in frame[named] if isinstance(cell, str)]
    if paths and all(os.path.isabs(path) for path in paths):
        return Path(os.path.commonpath([os.path.dirname(path) for path in paths]))
    return Path.cwd()


def _target(workspace: Path, suffix: str) -> Path:
    """Return the file to write a source to; a data set is called after its file."""
    target = workspace / FOLDER / f"{workspace.resolve().name}{suffix}"
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _of(frame: Any, column: str) -> Any:
    return frame[column] if column in frame.columns else None
