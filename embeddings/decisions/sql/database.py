"""Transactions that read or write one database, and its errors in plain words.

Writers go one at a time. Each write first moves the one row of ``head`` on, which locks it until
the commit (SQLite: ``BEGIN IMMEDIATE``), so positions become visible in their order: after position
7 was read, no 6 can appear. Readers never wait, and see one moment of the store.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from embeddings.decisions.address import Address
from embeddings.decisions.errors import (
    StoreBusyError,
    StoreError,
    StoreUnreachableError,
    StoreVersionError,
)
from embeddings.decisions.sql.engines import WRITES, is_busy, make_engine

WAIT_S: Final = 30.0
_LOCKED: Final = ("55P03", "40P01")  # lock not available in time, deadlock
_NOT_ALLOWED: Final = ("42501", "3F000", "25006")  # no right, no such schema, a reading replica
# SQLSTATE classes: connection, authorisation, no such database, shut down
_NO_WAY_IN: Final = ("08", "28", "3D", "57")


class Database:
    """Transactions on one database. Threads may share it.

    Parameters
    ----------
    address
        Where it lies.
    wait_s
        Seconds that a write waits for the writers before it.
    """

    read_only = False

    def __init__(self, address: Address, *, wait_s: float = WAIT_S) -> None:
        self.address = address
        self._wait_s = wait_s
        # SQLite has waiting writers poll; those of one process queue here instead.
        self._turn = threading.Lock()
        self._engine = make_engine(address, wait_s)

    def __repr__(self) -> str:
        return f"Database({self.address.shown})"

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file."""
        return self.address.is_sqlite

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the store and changes nothing."""
        with self._plain_errors(), self._engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction, committed when the block ends well or rolled back."""
        with self._plain_errors(), self._own_turn(), self._engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=self._wait_s):
            raise self._busy()
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn errors of the database into ours; ``from None``, as their text may hold secrets."""
        try:
            yield
        except DBAPIError as error:
            raise self._translated(error) from None
        except PoolTimeoutError:
            raise self._busy() from None
        except SQLAlchemyError as error:
            raise StoreError(f"The store {self.address.shown} fails: {self._said(error)}") from None

    def _translated(self, error: DBAPIError) -> StoreError:
        cause, said = error.orig, self._said(error.orig)
        if isinstance(cause, sqlite3.Error):
            return self._of_sqlite(cause, said)
        state = getattr(cause, "sqlstate", None)
        if state in _LOCKED:
            return self._busy()
        if state is None or error.connection_invalidated or state[:2] in _NO_WAY_IN:
            return StoreUnreachableError(
                f"The store {self.address.shown} can't be reached: {said}",
                hint="Check host, port, database, user and password, and that the server runs.",
            )
        hint = "Check that the user may make and write tables in this schema."
        return StoreError(
            f"The store {self.address.shown} fails: {said}",
            hint=hint if state in _NOT_ALLOWED else "",
        )

    def _of_sqlite(self, cause: sqlite3.Error, said: str) -> StoreError:
        if is_busy(cause):
            return self._busy()
        shown = self.address.shown
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_CANTOPEN:
            return StoreUnreachableError(
                f"{shown} can't be opened: {said}", hint="Check that the folder is there."
            )
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return StoreVersionError(
                f"{shown} is damaged or no store: {said}",
                hint="Put a copy of it back, or move it away to begin a new one.",
            )
        if code == sqlite3.SQLITE_READONLY:
            return StoreError(
                f"{shown} can't be written: {said}", hint="Check the rights of file and folder."
            )
        if code == sqlite3.SQLITE_FULL:
            return StoreError(
                f"The disk of {shown} is full; nothing was written.", hint="Make room on it."
            )
        return StoreError(f"The store {shown} fails: {said}")

    def _said(self, error: Any) -> str:
        lines = str(error).strip().splitlines()
        text = self.address.scrubbed(lines[0]) if lines else type(error).__name__
        return text if text.endswith(".") else f"{text}."

    def _busy(self) -> StoreBusyError:
        return StoreBusyError(
            f"The store {self.address.shown} is held by another writer; nothing was written.",
            hint="Try again in a moment.",
        )
