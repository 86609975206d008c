"""What is said to be written is there: after ``kill -9``, and with eight writers at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from embeddings.decisions import Item, StoreBusyError, open_store
from tests.embeddings.decisions import writer
from tests.embeddings.decisions.conftest import some_items

ROOT = Path(__file__).resolve().parents[3]


def begin(target: str, reviewer: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, writer.__file__, target, reviewer, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_a_decision_outlives_kill_9(target: str) -> None:
    with begin(target, "Mara", 1) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        process.kill()
    with open_store(target) as store:
        assert store.position() == 1
        (decision,) = store.current_for([Item("Mara/0.jpg", "jaguar")])
        assert decision is not None
        assert decision.text == "remove"
        assert store.problems() == ()
        store.undo("Mara")


def test_eight_processes_open_a_new_store_and_lose_nothing(target: str) -> None:
    each, names = 15, [f"writer {n}" for n in range(8)]
    processes = [begin(target, name, each) for name in names]
    positions: list[int] = []
    for process in processes:
        out, _ = process.communicate()
        assert process.returncode == 0
        positions += [int(line) for line in out.split()]
    assert sorted(positions) == list(range(1, 8 * each + 1))
    with open_store(target) as store:
        assert store.progress().by_reviewer == dict.fromkeys(names, each)
        assert store.problems() == ()


def test_threads_share_a_store(target: str) -> None:
    items = some_items(40)
    with open_store(target) as store:

        def decide(part: list[Item], name: str) -> None:
            for item in part:
                store.decide([item], "keep", reviewer=name, expected=store.position())

        threads = [
            threading.Thread(target=decide, args=(items[n::8], f"writer {n}")) for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.position() == 40
        assert store.progress().decided == 40
        assert store.problems() == ()


def test_readers_do_not_wait_for_a_writer_and_see_whole_batches(target: str) -> None:
    items = some_items(10)
    with open_store(target) as writing, open_store(target) as reading:
        with writing._database.writing() as connection:
            connection.exec_driver_sql("UPDATE head SET position = position + 1")
            assert reading.position() == 0
            assert len(reading.current()) == 0
            connection.rollback()
        writing.decide(items, "keep", reviewer="Mara")
        assert len(reading.current()) == 10


def test_a_writer_that_waits_too_long_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path) as first, open_store(tmp_path, wait_s=0.05) as second:
        with first._database.writing():
            with pytest.raises(StoreBusyError, match="held by another writer"):
                second.decide(some_items(1), "keep", reviewer="Mara")
        second.decide(some_items(1), "keep", reviewer="Mara")


def test_a_torn_write_is_as_if_it_had_never_been(target: str) -> None:
    with open_store(target) as store:
        with pytest.raises(KeyboardInterrupt):
            with store._database.writing() as connection:
                connection.exec_driver_sql("UPDATE head SET position = 7")
                raise KeyboardInterrupt
        assert store.position() == 0
        assert store.decide(some_items(1), "keep", reviewer="Mara").position == 1
