"""A disk that is really full, and two real runs at once."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embeddings import pipeline
from embeddings.decisions import Item, StoreError, open_store
from embeddings.engines.workers import Workers
from embeddings.errors import MachineError, RosetteError, WorkspaceError
from embeddings.pipeline.stages.stage import stage
from embeddings.storage import lock_folder
from scripts.inject_faults import Colours, draw, tree
from tests.faults.disks import small_disk


def test_a_disk_that_fills_up_while_it_runs(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    draw(photos, labels=2, each=10)
    wanted = tree(pipeline.run(photos, tmp_path / "whole", model=Colours(), batch_size=8).path)
    with small_disk(tmp_path / "disk", 256) as disk:
        filler = disk / "filler"
        failed = 0
        for left in range(0, 120, 12):  # KB
            filler.unlink(missing_ok=True)
            free = 4096 * len(range(0, 256, 4)) - sum(
                -(-f.stat().st_size // 4096) * 4096 for f in disk.rglob("*") if f.is_file()
            )
            filler.write_bytes(bytes(max(0, free - left * 1024)))
            try:
                pipeline.run(photos, disk / "ws", model=Colours(), batch_size=8)
            except WorkspaceError as error:
                failed += "disk is full" in error.message
        filler.unlink()
        assert failed > 2
        assert tree(pipeline.run(photos, disk / "ws", model=Colours()).path) == wanted


def test_a_full_disk_takes_no_decision_and_loses_none(tmp_path: Path) -> None:
    items = [Item(f"jaguar/{n}.jpg", "jaguar") for n in range(2_000)]
    with small_disk(tmp_path / "disk", 700) as disk:
        kept = 0
        with open_store(disk) as store:
            with pytest.raises(StoreError, match="disk"):
                for n in range(1_000):
                    store.decide(items[n : n + 50], "keep", reviewer="Mara")
                    kept += 1
            assert kept > 0
            assert store.position() == kept
        with open_store(disk) as store:
            assert store.position() == kept
            assert store.problems() == ()


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    draw(photos, labels=2, each=10)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        with pytest.raises(RosetteError, match="disk is full"):
            pipeline.run(photos, tmp_path / "ws", model=Colours(), batch_size=8)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    whole = pipeline.run(photos, tmp_path / "whole", model=Colours(), batch_size=8)
    assert tree(pipeline.run(photos, tmp_path / "ws", model=Colours()).path) == tree(whole.path)


def _starved(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)  # what Linux does where memory ends
    return number


def test_a_worker_that_is_killed_is_said(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="want of memory"), stage(tmp_path, "cluster"):
        list(Workers(2)(_starved, range(6)))
    with stage(tmp_path, "cluster"):
        assert list(Workers(2)(_starved, range(3))) == [0, 1, 2]


HOLDS = """
import subprocess, sys, time
from pathlib import Path
from embeddings.storage import lock_folder
from embeddings.pipeline.stages.stage import stage
with lock_folder(Path(sys.argv[1])):
    child = subprocess.Popen(["sleep", "60"])
    print(child.pid, flush=True)
    sys.stdin.read()
"""


def test_another_process_holds_the_workspace_until_it_dies(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    draw(photos, labels=2, each=10)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "ws")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        with pytest.raises(WorkspaceError, match="Another run"):
            pipeline.run(photos, tmp_path / "ws", model=Colours())
        assert not (tmp_path / "ws" / "workspace.json").exists()
        process.kill()
    try:
        with lock_folder(tmp_path / "ws"):  # although a program that it began still runs
            pass
    finally:
        os.kill(child, signal.SIGKILL)
