"""How far a run is, told through a file of the workspace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from explorer.logs import ProgressFile, Told, duration, progress_file, read_progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress_file.time, "monotonic", lambda: now[0])
    return now


def test_rate_and_counts_are_told(tmp_path: Path, clock: list[float]) -> None:
    told = ProgressFile(tmp_path)
    told(10, 100, "embed")
    assert read_progress(tmp_path) is not None
    assert read_progress(tmp_path).rate is None  # nothing was done yet
    clock[0] += 0.1
    told(11, 100, "embed")
    assert read_progress(tmp_path).done == 10  # too soon
    clock[0] += 3.9
    told(50, 100, "embed")
    heard = read_progress(tmp_path)
    assert (heard.stage, heard.done, heard.total, heard.rate) == ("embed", 50, 100, 10.0)


def test_a_new_stage_is_told_at_once(tmp_path: Path, clock: list[float]) -> None:
    told = ProgressFile(tmp_path)
    told(10, 10, "scan")
    told(0, 7, "embed")
    assert read_progress(tmp_path).stage == "embed"


def test_nothing_is_told_before_the_folder_is_there_and_after_the_end(tmp_path: Path) -> None:
    told = ProgressFile(tmp_path / "ws")
    told(1, 2, "draw")
    assert read_progress(tmp_path / "ws") is None
    (tmp_path / "ws").mkdir()
    told(1, 2, "scan")
    assert read_progress(tmp_path / "ws") is not None
    told.close()
    assert list((tmp_path / "ws").iterdir()) == []


def test_how_long_nothing_was_heard(tmp_path: Path) -> None:
    ProgressFile(tmp_path)(1, 2, "scan")
    os.utime(tmp_path / progress_file.FILE, (0, 0))
    assert read_progress(tmp_path).age > 1000


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stage": "embed"}', '{"stage": 1, "done": "x"}'])
def test_a_damaged_file_tells_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / progress_file.FILE).write_text(text)
    assert read_progress(tmp_path) is None


def test_durations() -> None:
    assert [duration(s) for s in (0, 8.4, 200, 4800, 7300)] == [
        "1 s", "8 s", "3 min", "80 min", "2 h 02 min",
    ]  # fmt: skip


def test_told_is_a_record() -> None:
    assert Told("embed", 1, 2) == Told("embed", 1, 2)
