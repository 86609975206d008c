"""How commands end where somebody or something ends them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from embeddings.workspace import Workspace
from explorer.cli.exits import TERMINATED, sigterm_raises
from explorer.logs import log_file
from tests.explorer.cli.test_main import run
from tests.explorer.conftest import build_workspace
from tests.faults.disks import read_only


def test_sigterm_ends_as_ctrl_c_does_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    let_go = []

    def terminated(*_: object, **__: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            let_go.append(True)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("embeddings.pipeline.run", terminated)
    code, _, err = run("run", tmp_path, "-w", tmp_path / "ws", capsys=capsys)
    assert (code, let_go) == (TERMINATED, [True])
    assert "Run the same command again to go on." in err
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_thread_leaves_sigterm_alone() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def set_up() -> bool:
        before = signal.getsignal(signal.SIGTERM)
        with sigterm_raises():
            return signal.getsignal(signal.SIGTERM) is before

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(set_up).result()


def test_what_fails_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ws = build_workspace(tmp_path / "ws")

    def starved(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("embeddings.workspace.Workspace.manifest", starved)
    code, _, err = run("cluster", ws.path, capsys=capsys)
    assert code == 1
    assert "ran out of memory" in err
    assert len(err.strip().splitlines()) == 1
    text = log_file(ws.path).read_text()
    for event in ("session.begin", "stage.begin", "stage.stopped", "command.stopped"):
        assert f'"event": "{event}"' in text
    assert str(tmp_path) not in text


@pytest.fixture
def finished(tmp_path: Path) -> Workspace:
    return build_workspace(tmp_path / "ws")


def test_a_workspace_that_cant_be_written_can_be_read(
    finished: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with read_only(finished.path) as folder:
        code, out, err = run("report", folder, capsys=capsys)
        assert (code, err) == (0, "")
        assert "two kinds" in out
        code, _, _ = run("export", folder, tmp_path / "out", "--to", "csv", capsys=capsys)
        assert code == 0
        assert (tmp_path / "out" / "items.csv").is_file()


def test_a_run_on_it_says_so_in_one_line(
    finished: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with read_only(finished.path) as folder:
        code, _, err = run("run", tmp_path, "-w", folder, capsys=capsys)
    assert code == 1
    assert "can't be written" in err
    assert "-w" in err
    assert len(err.strip().splitlines()) == 1


def test_the_app_on_it_shows_and_takes_no_decision(
    finished: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    from embeddings.decisions import open_store
    from explorer.data import Dataset, Decisions, Services
    from explorer.server import create_app, start

    with read_only(finished.path) as folder:
        with caplog.at_level("WARNING"):
            server, _ = start(folder, host="127.0.0.1", port=0)
        server.close()
        assert "decide nothing" in caplog.text
        dataset = Dataset(folder)
        with open_store(folder) as store:
            services = Services(dataset, Decisions(dataset, store))
            with create_app(services).server.test_client() as browser:
                assert browser.get("/").status_code == 200
                assert browser.get("/api/run1/decisions").status_code == 200
                answer = browser.post("/api/run1/decide", json={"rows": [1], "action": "keep"})
                assert answer.status_code == 403
                assert "can't be written" in answer.get_json()["error"]
