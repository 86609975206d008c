"""The log of a workspace: what is in it, what never is, and how large it may grow."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from embeddings.errors import WorkspaceError
from embeddings.workspace import Info, Workspace
from explorer.logs import Mask, log_file, logged
from explorer.logs import log as logs
from explorer.logs.log import RateLimit, WorkspaceLog

LIBRARY = logging.getLogger("embeddings.somewhere")


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    info = Info("photos", str(tmp_path / "pets" / "photos"), True, "photos", run_id="run1")
    return Workspace.create(tmp_path / "ws", info)


def lines(workspace: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_file(workspace).read_text().splitlines()]


def test_a_line_says_when_what_and_in_which_run(ws: Workspace) -> None:
    with logged(ws.path, "cluster"):
        LIBRARY.info("stage.begin", extra={"fields": {"stage": "cluster"}})
        LIBRARY.info("run.made", extra={"fields": {"run": "run2", "items": 7}})
        LIBRARY.warning("Something to %s.", "know")
    first, begin, made, said, end = lines(ws.path)
    assert (first["event"], first["command"], first["run"]) == ("session.begin", "cluster", "run1")
    assert (begin["level"], begin["event"], begin["stage"]) == ("info", "stage.begin", "cluster")
    assert (made["run"], made["items"]) == ("run2", 7)
    assert (said["level"], said["message"], said["run"]) == (
        "warning",
        "Something to know.",
        "run2",
    )
    assert end["event"] == "command.end"
    assert len({line["session"] for line in lines(ws.path)}) == 1
    assert all(line["time"].endswith("+00:00") for line in lines(ws.path))


def test_how_a_command_failed_is_kept_and_the_words_of_others_are_not(ws: Workspace) -> None:
    with pytest.raises(WorkspaceError), logged(ws.path, "open"):
        raise WorkspaceError(f"{ws.path}/manifest.parquet is damaged.")
    with pytest.raises(KeyError), logged(ws.path, "open"):
        raise KeyError("a secret label")
    ours, other = (line for line in lines(ws.path) if line["event"] == "command.stopped")
    assert ours["words"] == "<workspace>/manifest.parquet is damaged."
    assert (other["error"], other["level"]) == ("KeyError", "error")
    assert other["at"][-1].split(":")[0] == "explorer/logs/test_log.py"
    assert "secret" not in log_file(ws.path).read_text()


def test_an_address_that_failed_is_not_in_the_log(ws: Workspace) -> None:
    with logged(ws.path, "open"):
        try:
            raise ValueError("a secret label")
        except ValueError:  # as Flask does
            logging.getLogger("explorer.server.app").exception(
                "Exception on /class/a secret label [GET]"
            )
    fault = next(line for line in lines(ws.path) if line["event"] == "fault")
    assert fault["error"] == "ValueError"
    assert "secret" not in log_file(ws.path).read_text()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("at postgresql+psycopg://mara:pass%20word@db:5432/rosette", "db:5432/rosette"),
        ("postgresql://mara:p@ss@db/rosette fails", "db/rosette fails"),
        ("connect with password=hunter22 host=db", "host=db"),
        ("http://h/?token=abcdefghijklmnop", "http://h/"),
    ],
)
def test_no_login_is_kept(text: str, left: str) -> None:
    said = Mask()(text)
    assert left in said
    for secret in ("mara", "pass%20word", "p@ss", "hunter22", "abcdefghijklmnop"):
        assert secret not in said


def test_paths_are_relative_to_the_data_set_or_gone(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.logs.masking.user_name", lambda: "mara.lind")
    mask = Mask(ws.path)
    assert mask(f"{ws.info.root}/jaguar/7.jpg is cut short") == "<data>/jaguar/7.jpg is cut short"
    assert mask(f"no {ws.path}/labels.") == "no <workspace>/labels."
    assert mask("'/home/mara.lind/secret plans/x.png'").startswith("'<path>")
    assert "mara" not in mask("made by mara.lind in /home/mara.lind/a b")
    others = Mask(ws.path, others=["/mnt/secret plans/x.csv"])
    assert others("/mnt/secret plans/x.csv can't be read") == "<path>/ can't be read"
    assert mask("12/13 done, and/or 1 / 2") == "12/13 done, and/or 1 / 2"


def test_too_many_lines_are_counted_instead(ws: Workspace) -> None:
    now = [0.0]
    handler = WorkspaceLog(ws.path, "open", say=pytest.fail, monotonic=lambda: now[0])
    record = LIBRARY.makeRecord("embeddings", logging.INFO, "", 0, "again", None, None)
    for _ in range(5_000):
        handler.handle(record)
    assert len(lines(ws.path)) == logs.BURST + 1
    now[0] = 1.0
    handler.handle(record)
    dropped = next(line for line in lines(ws.path) if line["event"] == "log.dropped")
    assert dropped["lines"] == 5_000 - logs.BURST


def test_a_flood_of_one_level_keeps_no_other_out() -> None:
    passes = RateLimit(lambda: 0.0)
    while passes(logging.INFO):
        pass
    assert passes(logging.ERROR)


def test_the_log_is_bounded_with_several_writers(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST_BYTES", 5_000)
    monkeypatch.setattr(logs, "BURST", 10_000)
    record = LIBRARY.makeRecord("embeddings", logging.INFO, "", 0, "x" * 300, None, None)

    def write() -> None:
        handler = WorkspaceLog(ws.path, "open", say=pytest.fail)
        for _ in range(100):
            handler.handle(record)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kept = [f for f in log_file(ws.path).parent.iterdir() if f.name != ".lock"]
    assert {f.name for f in kept} == {"rosette.log", *(f"rosette.log.{n}" for n in (1, 2, 3))}
    assert all(f.stat().st_size < 5_000 + 2_000 for f in kept)
    for file in kept:
        assert all(json.loads(line) for line in file.read_text().splitlines())


def test_long_words_are_cut(ws: Workspace) -> None:
    with logged(ws.path, "run"):
        LIBRARY.warning("word " * 1_000)
    assert max(len(line) for line in log_file(ws.path).read_text().splitlines()) < 1_000


def test_a_folder_that_is_no_workspace_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError), logged(tmp_path, "open"):
        raise WorkspaceError("no workspace")
    assert not list(tmp_path.iterdir())


def test_a_log_that_cant_be_written_stops_nothing_and_is_said(
    ws: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    (ws.path / logs.FOLDER).write_text("in the way")
    with logged(ws.path, "run"):
        LIBRARY.info("one")
        LIBRARY.info("two")
    assert capsys.readouterr().err.splitlines() == ["rosette: No log is kept: File exists."]


def test_nothing_is_set_up_when_the_command_is_over(ws: Workspace) -> None:
    loggers = [logging.getLogger(name) for name in logs.LOGGERS]
    before = [(logger.level, list(logger.handlers)) for logger in loggers]
    with logged(ws.path, "run"):
        assert all(logger.level == logging.INFO for logger in loggers)
    assert [(logger.level, list(logger.handlers)) for logger in loggers] == before
