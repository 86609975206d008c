"""Migrations, versions, and a log that the database itself keeps from being changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from embeddings.decisions import Store, StoreError, StoreVersionError, open_store
from embeddings.decisions.sql.schema import LATEST, revisions
from embeddings.decisions.sql.tables import APPEND_ONLY, metadata
from tests.embeddings.decisions.conftest import some_items
from tests.embeddings.decisions.postgres import own_schema


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_latest_version_is_the_newest_migration() -> None:
    assert revisions()[0] == LATEST


def test_opening_again_changes_nothing(target: str) -> None:
    with open_store(target) as store:
        store.decide(some_items(2), "keep", reviewer="Mara")
        before = store.since(0)
    with open_store(target) as store:
        assert store.since(0) == before


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_loads_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "alembic", "pandas", "psycopg")
    code = "import sys; from embeddings.decisions import Item, Choice, StoreError, parse_choice; "
    assert run(f"{code}print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_opening_a_store_that_is_up_to_date_needs_no_migrations(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    code = "import sys; from embeddings.decisions import open_store; "
    assert run(f"{code}open_store({str(tmp_path)!r}); print('alembic' in sys.modules)") == "False"


def test_a_newer_store_is_refused(target: str) -> None:
    with open_store(target) as store, store._database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreVersionError, match=r"version 9999.*pip install -U"):
        open_store(target)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "decisions.sqlite") as other:
        other.execute("CREATE TABLE entries (id INTEGER)")
    other.close()
    with pytest.raises(StoreVersionError, match="not of a decision store"):
        open_store(tmp_path)


@pytest.mark.parametrize("content", [b"no database at all, but text", b"SQLite format 3\0" * 70])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "decisions.sqlite").write_bytes(content * 10)
    with pytest.raises(StoreVersionError, match="damaged or no store"):
        open_store(tmp_path)


@pytest.mark.parametrize("change", ["UPDATE {} SET position = 2", "DELETE FROM {}"])
def test_the_log_can_not_be_changed(store: Store, change: str) -> None:
    items = some_items(1)
    store.decide(items, "keep", reviewer="Mara")
    store.assign(["jaguar"], "Ole", by="Mara")
    store.save_selection("odd", items, by="Mara")
    columns = {"decisions": "batch", "selection_items": "number"}
    for table in APPEND_ONLY:
        statement = change.format(table).replace("position", columns.get(table, "position"))
        with pytest.raises(StoreError, match="append-only"):
            with store._database.writing() as connection:
                connection.execute(text(statement))
    assert store.problems() == ()


def test_sqlite_writes_ahead_and_to_the_disk(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store._database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_postgresql_writes_to_the_disk_before_it_answers(postgres: str) -> None:
    with open_store(own_schema(postgres, "durable")) as store:
        with store._database.writing() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "30s"


def test_a_folder_with_strange_signs(tmp_path: Path) -> None:
    folder = tmp_path / "100% odd?#&; names"
    folder.mkdir()
    with open_store(folder) as store:
        store.decide(some_items(1), "keep", reviewer="Mara")
    assert (folder / "decisions.sqlite").is_file()
