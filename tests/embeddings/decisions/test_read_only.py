"""A store where nothing can be written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from embeddings.decisions import Store, open_store
from embeddings.decisions.address import parse_address
from embeddings.decisions.errors import StoreBusyError, StoreError, StoreReadOnlyError
from embeddings.decisions.sql import FrozenDatabase, frozen
from embeddings.decisions.sql.frozen import copy_store
from tests.embeddings.decisions import writer
from tests.embeddings.decisions.conftest import some_items
from tests.faults.disks import read_only

ROOT = Path(__file__).resolve().parents[3]


def test_decisions_are_read_and_none_is_taken(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert not store.read_only
        store.decide(some_items(3), "keep", reviewer="Mara")
    with read_only(tmp_path) as folder, open_store(folder) as store:
        assert store.read_only
        assert len(store.current()) == 3
        assert store.problems() == ()
        with pytest.raises(StoreReadOnlyError, match="can't be written"):
            store.decide(some_items(1), "remove", reviewer="Mara")
        with pytest.raises(StoreReadOnlyError):
            store.assign(["jaguar"], "Mara", by="Mara")
    with open_store(tmp_path) as store:
        assert store.position() == 1


def test_where_nothing_was_decided_there_is_nothing(tmp_path: Path) -> None:
    with read_only(tmp_path) as folder, open_store(folder) as store:
        assert len(store.current()) == 0
        with pytest.raises(StoreReadOnlyError):
            store.decide(some_items(1), "remove", reviewer="Mara")
    assert not list(tmp_path.iterdir())


def test_what_a_killed_writer_left_in_the_log_of_sqlite_is_read(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, writer.__file__, str(tmp_path), "Mara", "4"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        for _ in range(4):
            process.stdout.readline()
        process.kill()
    assert (tmp_path / "decisions.sqlite-wal").stat().st_size > 0
    with read_only(tmp_path) as folder, open_store(folder) as store:
        assert store.position() == 4
        assert store.problems() == ()
    with open_store(tmp_path) as store:
        assert store.position() == 4


def test_a_copy_has_the_log_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.decide(some_items(2), "keep", reviewer="Mara")
        copy_store(tmp_path / "decisions.sqlite", tmp_path / "copy.sqlite")
    with open_store(f"sqlite:///{tmp_path}/copy.sqlite") as store:
        assert len(store.current()) == 2


def test_a_file_that_is_written_to_while_it_is_copied_is_copied_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "decisions.sqlite"
    source.write_bytes(b"1")
    copyfile = shutil.copyfile
    writes = iter([b"22", b"333"])

    def copy(one: str, other: Path) -> None:
        copyfile(one, other)
        source.write_bytes(next(writes, source.read_bytes()))

    monkeypatch.setattr(shutil, "copyfile", lambda a, b: copy(a, b))
    with pytest.raises(StoreBusyError):
        monkeypatch.setattr(frozen, "_ATTEMPTS", 1)
        copy_store(source, tmp_path / "copy")
    monkeypatch.setattr(frozen, "_stamp", lambda file: (len(source.read_bytes()),))
    monkeypatch.setattr(frozen, "_ATTEMPTS", 50)
    copy_store(source, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"333"


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(file.relative_to(folder)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("others", ["nobody", "a writer at work"])
def test_read_only_writes_nothing_at_all_and_follows_others(tmp_path: Path, others: str) -> None:
    now = [0.0]
    if others == "nobody":
        address = parse_address(tmp_path)
        with Store(FrozenDatabase(address, clock=lambda: now[0])) as store:
            assert store.position() == 0
        assert not list(tmp_path.iterdir())
        return
    with open_store(tmp_path) as writing:
        writing.decide(some_items(3), "keep", reviewer="Mara")
        before = snapshot(tmp_path)
        with Store(FrozenDatabase(parse_address(tmp_path), clock=lambda: now[0])) as store:
            assert (store.read_only, store.position(), len(store.current())) == (True, 1, 3)
            assert store.problems() == ()
            with pytest.raises(StoreReadOnlyError):
                store.decide(some_items(1), "remove", reviewer="Ada")
            assert snapshot(tmp_path) == before
            writing.decide(some_items(4), "remove", reviewer="Mara")
            assert store.position() == 1  # until it is looked again
            now[0] += 2
            assert (store.position(), len(store.current())) == (2, 4)
            assert store.shown == writing.shown
        assert {file.name for file in tmp_path.iterdir()} == set(before)


def test_a_full_disk_takes_no_half_of_a_batch(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.decide(some_items(5), "keep", reviewer="Mara")
        with store._database._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match=r"disk of .* is full; nothing was written"):
            store.decide(some_items(5_000), "remove", reviewer="Mara")
        assert store.position() == 1
        assert store.problems() == ()
    with open_store(tmp_path) as store:
        assert store.decide(some_items(5_000), "remove", reviewer="Mara").position == 2
        assert store.problems() == ()


def test_a_clock_set_back_changes_no_order(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    times = iter(noon - timedelta(days=n) for n in range(10))
    items = some_items(2)
    with open_store(tmp_path, clock=lambda: next(times)) as store:
        store.decide(items, "keep", reviewer="Mara")
        seen = store.position()
        store.decide(items, "remove", reviewer="Mara")
        store.decide(items[:1], "unsure", reviewer="Ana", expected=2)
        assert [d.text for d in store.current_for(items) if d] == ["unsure", "remove"]
        assert [e.position for e in store.history()] == [3, 2, 1]
        assert len(store.since(seen).entries) == 2
        store.undo("Mara")
        assert [d.text for d in store.current_for(items) if d] == ["unsure", "keep"]
        store.redo("Mara")
        assert [d.text for d in store.current_for(items) if d] == ["unsure", "remove"]
        assert store.problems() == ()
