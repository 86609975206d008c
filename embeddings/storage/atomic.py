"""Atomic writes to the disk, and a folder lock that lets one process write at a time."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import WorkspaceError

if TYPE_CHECKING:
    import pandas as pd


LOCK_FILE = ".lock"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target`` that takes its place when the block ends well.

    The file is flushed to the disk before the rename, and the folder after it. A block that
    raises leaves ``target`` as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.part")
    try:
        yield temporary
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        temporary.replace(target)
        if os.name == "nt":  # a folder can't be opened there
            return
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        temporary.unlink(missing_ok=True)


def drop_parts(workspace: Path) -> None:
    """Delete the unfinished files that a killed process left; the lock must be held."""
    # only here: other files in the folder may be the user's own
    for folder in ("", "thumbnails/", "labels/", "looks/", "embeddings/*/", "runs/*/"):
        for part in workspace.glob(f"{folder}.*.part"):
            part.unlink()


def write_text(target: Path, text: str) -> None:
    """Write ``text`` as UTF-8, atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_frame(target: Path, frame: pd.DataFrame) -> None:
    """Write a frame as Parquet, atomically and with the same bytes for the same frame."""
    with atomic_path(target) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def write_arrow(target: Path, table: Any, *, chunk: int | None = None) -> None:
    """Write a pyarrow table as an Arrow file in chunks of ``chunk`` rows, atomically."""
    import pyarrow as pa

    with (
        atomic_path(target) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table, max_chunksize=chunk)


def map_arrow(file: Path) -> Any:
    """Open an Arrow file as a table whose columns are mapped from the disk, not read."""
    import pyarrow as pa

    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()


@contextmanager
def lock_folder(path: Path) -> Iterator[None]:
    """Hold the folder ``path`` (made where missing) for writing.

    The operating system lets go when the process dies, however it dies.

    Raises
    ------
    WorkspaceError
        Another process holds it, or the disk keeps no locks.
    """
    from filelock import FileLock, Timeout

    path.mkdir(parents=True, exist_ok=True)
    # no fallback to a lock that is only a file: it would outlive a process that dies
    lock = FileLock(path / LOCK_FILE, blocking=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise WorkspaceError(
            f"Another run is writing to {path}.",
            hint="Wait until it ends, or choose another workspace with -w.",
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        raise WorkspaceError(
            f"The disk of {path} keeps no locks ({error.strerror}); is it a network drive?",
            hint="Put the workspace on a disk of this machine; the images may stay there.",
        ) from error
    try:
        yield
    finally:
        lock.release()
