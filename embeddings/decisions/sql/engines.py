"""SQLAlchemy engines for both databases, set so that a commit is on the disk."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from embeddings.decisions.address import Address
from embeddings.decisions.errors import StoreError

T = TypeVar("T")

WRITES: Final = "rosette_writes"  # execution option of a connection that will write

_POLL_MS: Final = 5


def make_engine(address: Address, wait_s: float) -> Engine:
    """Make an engine; nothing is connected yet.

    Raises
    ------
    StoreError
        The driver is not installed.
    """
    return _sqlite(address, wait_s) if address.is_sqlite else _postgres(address, wait_s)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process held SQLite for too long."""
    # an error that SQLite itself did not raise has no code
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _sqlite(address: Address, wait_s: float) -> Engine:
    engine = create_engine(address.url, hide_parameters=True, connect_args={"timeout": wait_s})
    timeout = f"PRAGMA busy_timeout = {int(wait_s * 1000)}"

    def on_connect(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # transactions begin when we say so
        connection.execute(timeout)
        _write_ahead(connection, address, wait_s)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(WRITES, False):
            connection.exec_driver_sql("BEGIN")
            return
        # By default SQLite tries again less and less often, and a writer may wait for ever.
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_POLL_MS}")
        try:
            _when_free(lambda: connection.exec_driver_sql("BEGIN IMMEDIATE"), wait_s)
        finally:
            connection.exec_driver_sql(timeout)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


def _when_free(do: Callable[[], T], wait_s: float, *, pause_s: float = 0.0) -> T:
    """Do it as soon as SQLite is not busy; raise its error when the time is over."""
    end = time.monotonic() + wait_s
    while True:
        try:
            return do()
        except (OperationalError, sqlite3.OperationalError) as error:
            cause = error.orig if isinstance(error, OperationalError) else error
            if not isinstance(cause, sqlite3.Error) or not is_busy(cause):
                raise
            if time.monotonic() > end:
                raise
        time.sleep(pause_s)


def _write_ahead(connection: sqlite3.Connection, address: Address, wait_s: float) -> None:
    """Turn the write-ahead log on; of several that open a new file at once one does it."""
    # this statement alone does not wait by itself, hence the pause
    switch = "PRAGMA journal_mode = WAL"
    (mode,) = _when_free(
        lambda: connection.execute(switch).fetchone(), wait_s, pause_s=_POLL_MS / 1000
    )
    if mode != "wal":
        raise StoreError(
            f"{address.shown} lies where SQLite can't keep a write-ahead log.",
            hint="Put the workspace on a disk of this machine, or use PostgreSQL by --store.",
        )


def _postgres(address: Address, wait_s: float) -> Engine:
    own = address.url.query
    try:
        engine = create_engine(
            address.url,
            hide_parameters=True,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={} if "connect_timeout" in own else {"connect_timeout": 10},
        )
    except ModuleNotFoundError:
        raise StoreError(
            "PostgreSQL needs a driver that is not installed.",
            hint="Install it: `pip install 'rosette-explorer[postgres]'`.",
        ) from None

    def on_connect(connection: Any, record: object) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise StoreError(
                f"This database keeps text as {encoding}, which loses names.",
                hint="Make one with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`.",
            )
        before = connection.autocommit
        connection.autocommit = True
        connection.execute(
            # a server may be set to answer before the data is on the disk; not here
            "SET synchronous_commit TO on; SET timezone TO 'UTC'; "
            f"SET lock_timeout TO '{int(wait_s * 1000)}ms'"
        )
        connection.autocommit = before

    event.listen(engine, "connect", on_connect)
    return engine
