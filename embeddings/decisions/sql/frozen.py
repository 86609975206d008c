"""Read-only stores: where nothing can be written, or nothing may be.

SQLite has to write beside a file to read it safely. So the file is copied and the copy is read;
after a change the file is copied again. A store on a server is read directly.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from sqlalchemy import URL, Connection

from embeddings.decisions.address import FILE_NAME, Address
from embeddings.decisions.errors import StoreBusyError, StoreReadOnlyError
from embeddings.decisions.sql.database import Database
from embeddings.decisions.sql.schema import bring_up_to_date

REFRESH_S: Final = 1.0  # at least, between two copies
_ATTEMPTS: Final = 50  # to copy a file while somebody writes to it
_ENDINGS: Final = ("", "-wal")

Stamp = tuple[tuple[int, int, int] | None, ...]


def is_writable(address: Address) -> bool:
    """Whether this process may write to a store; for a store on a server, the server decides."""
    if not address.is_sqlite:
        return True
    file = Path(str(address.url.database))
    return os.access(file.parent, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))


class ReadOnlyDatabase(Database):
    """Reads a store and refuses to write."""

    read_only = True

    def writing(self) -> NoReturn:
        """Refuse.

        Raises
        ------
        StoreReadOnlyError
            Always.
        """
        raise StoreReadOnlyError(
            f"{self.address.shown} can't be written, so nothing can be decided.",
            hint="Check the rights of the folder, keep decisions elsewhere by --store, or leave "
            "--read-only out.",
        )


class FrozenDatabase(ReadOnlyDatabase):
    """Reads a copy of a file, made again when the file has changed; refuses to write.

    Parameters
    ----------
    original
        The file that is not written; where there is none, nothing was decided.
    clock
        Seconds that only grow: a file is copied once in ``REFRESH_S`` at most.
    """

    def __init__(self, original: Address, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.address = original
        self._clock = clock
        self._folder = Path(tempfile.mkdtemp(prefix="rosette-store-"))
        self._drop = weakref.finalize(self, shutil.rmtree, str(self._folder), ignore_errors=True)
        self._copying = threading.Lock()
        self._number = 0
        self._inner, self._stamp = self._copied()
        self._looked = clock()

    def close(self) -> None:
        """Let go of the copy."""
        self._inner.close()
        self._drop()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to the newest copy."""
        self._refresh()
        with self._inner.reading() as connection:
            yield connection

    def _refresh(self) -> None:
        with self._copying:
            now = self._clock()
            if now - self._looked < REFRESH_S:
                return
            self._looked = now
            if _stamp(self._source) == self._stamp:
                return
            before = self._inner
            self._inner, self._stamp = self._copied()
            before.close()

    @property
    def _source(self) -> Path:
        return Path(str(self.address.url.database))

    def _copied(self) -> tuple[Database, Stamp]:
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        copy = folder / FILE_NAME
        stamp = copy_store(self._source, copy)
        database = Database(Address(URL.create("sqlite", database=str(copy))))
        try:
            bring_up_to_date(database)
        except BaseException:
            database.close()
            raise
        shutil.rmtree(self._folder / str(self._number - 1), ignore_errors=True)
        return database, stamp


def copy_store(source: Path, target: Path) -> Stamp:
    """Copy an SQLite file and its write-ahead log, without writing beside it.

    Returns what tells this state of the file from others.

    Raises
    ------
    StoreBusyError
        It was written to all the time.
    """
    for _ in range(_ATTEMPTS):
        before = _stamp(source)
        for ending in _ENDINGS:
            copy = Path(f"{target}{ending}")
            try:
                shutil.copyfile(f"{source}{ending}", copy)
            except FileNotFoundError:  # not there, or not any more
                copy.unlink(missing_ok=True)
        if _stamp(source) == before:
            return before
    raise StoreBusyError(
        f"The store {source} is written to without a pause.", hint="Try again in a moment."
    )


def _stamp(source: Path) -> Stamp:
    return tuple(_state(f"{source}{ending}") for ending in _ENDINGS)


def _state(file: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
