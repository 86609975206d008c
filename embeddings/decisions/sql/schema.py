"""Schema versions: a store is made or brought up to date when it is opened, never downgraded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from embeddings.decisions.errors import StoreVersionError
from embeddings.decisions.sql.database import Database

LATEST: Final = "0001"
"""The newest revision in ``migrations``; here too so that opening a store needs no Alembic."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME: Final = 0x526F7365747465  # any number of ours, for PostgreSQL's advisory lock


def bring_up_to_date(database: Database) -> None:
    """Make the tables, or migrate those of an older version; one process at a time.

    Raises
    ------
    StoreVersionError
        A newer version made the store, or the database holds tables of something else.
    """
    with database.reading() as connection:
        if _version(connection) == LATEST:
            return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ONE_AT_A_TIME})
        version = _version(connection)
        if version == LATEST:  # another process was faster
            return
        _refuse_what_is_not_ours(connection, version, database.address.shown)
        _upgrade(connection)


def refuse_other_versions(database: Database) -> None:
    """Refuse a store that would have to be brought up to date first.

    Raises
    ------
    StoreVersionError
        It is of another version, or is none yet.
    """
    with database.reading() as connection:
        version = _version(connection)
    if version != LATEST:
        raise StoreVersionError(
            f"{database.address.shown} has the store version {version or 'none'}, not {LATEST}.",
            hint="Open it once without --read-only, which brings it up to date.",
        )


def revisions() -> tuple[str, ...]:
    """Return the revisions that this version knows, newest first."""
    from alembic.script import ScriptDirectory

    return tuple(r.revision for r in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return ",".join(sorted(found)) or None


def _refuse_what_is_not_ours(connection: Connection, version: str | None, shown: str) -> None:
    if version is None:
        if "entries" not in inspect(connection).get_table_names():
            return
        raise StoreVersionError(
            f"{shown} holds tables that are not of a decision store.",
            hint="Give it a database, or on PostgreSQL a schema, of its own.",
        )
    if version not in revisions():
        raise StoreVersionError(
            f"{shown} has the store version {version}; this version of rosette knows up to "
            f"{LATEST}.",
            hint="Install the newest: `pip install -U rosette-explorer`.",
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # the file format behind these options would read a percent sign as the start of a name
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
