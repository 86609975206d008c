"""What is served until a workspace has its first findings."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from werkzeug.test import Client

import embeddings
from embeddings import Workspace
from embeddings.storage import write_thumbnails
from embeddings.workspace import Info
from explorer.logs import ProgressFile, Told
from explorer.security import Policy
from explorer.server import start
from explorer.server.waiting import FINDINGS, Waiting, said


def the_app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"the app"]


def client(workspace: Path, **policy) -> Client:
    return Client(Waiting(workspace, Policy(**policy), lambda: the_app))


def test_a_workspace_that_is_not_there_yet(tmp_path: Path) -> None:
    page = client(tmp_path / "a&b").get("/splits")
    assert page.status_code == 200
    assert "<h1>a&amp;b</h1>" in page.text
    told = client(tmp_path / "a&b").get("/waiting/progress").json
    assert told == {
        "ready": False, "stage": "Nothing was heard of a run yet.", "told": "", "share": 0.0,
        "silent": "", "pictures": [],
    }  # fmt: skip


def test_pictures_come_newest_first(tmp_path: Path) -> None:
    Workspace.create(tmp_path, Info("photos", "photos", True, "My photos"))
    for number in range(2):
        write_thumbnails(
            tmp_path / "thumbnails" / f"x-{number:06d}.arrow",
            [f"{k:064d}" for k in range(50)],
            [b"jpeg %d %d" % (number, k) for k in range(50)],
        )
    ask = client(tmp_path)
    ProgressFile(tmp_path)(100, 400, "embed")
    told = ask.get("/waiting/progress").json
    assert told["told"] == "100 of 400 images"
    assert told["share"] == 0.25
    assert len(told["pictures"]) == 60
    assert told["pictures"][0] == [1, 49]
    assert told["pictures"][-1] == [0, 40]
    assert ask.get("/waiting/picture/1/49").data == b"jpeg 1 49"
    for nowhere in ("2/0", "0/50", "-1/0", "0/x"):
        assert ask.get(f"/waiting/picture/{nowhere}").mimetype != "image/jpeg"
    assert "<h1>My photos</h1>" in ask.get("/").text


def test_the_app_takes_over_when_there_are_findings(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path, Info("photos", "photos", True, "photos"))
    ask = client(tmp_path)
    assert b"waiting.js" in ask.get("/").data
    ws.update(run_id="abc")
    assert ask.get("/").data == b"the app"
    # the page that waited hears of it by its own address
    assert ask.get("/waiting/progress").json["ready"] is True


def test_the_policy_holds_while_waiting(tmp_path: Path) -> None:
    asked = client(tmp_path, token="a-token-of-some-length")
    assert asked.get("/waiting/progress").status_code in (302, 401, 403)
    assert "waiting.js" not in asked.get("/").text
    assert client(tmp_path).get("/", headers={"Host": "evil.example"}).status_code == 403
    policy = client(tmp_path).get("/").headers["Content-Security-Policy"]
    assert "unsafe-eval" not in policy
    prefixed = client(tmp_path, prefix="/rosette")
    assert 'src="/rosette/assets/waiting.js"' in prefixed.get("/rosette/").text
    assert prefixed.get("/rosette/waiting/progress").json["ready"] is False


def test_style_sheets_and_script_are_there(tmp_path: Path) -> None:
    ask = client(tmp_path)
    for address in re.findall(r'(?:src|href)="(/assets/[^"]+)"', ask.get("/").text):
        with ask.get(address) as answer:
            assert answer.status_code == 200, address
    assert ask.get("/assets/../pyproject.toml").status_code == 404


def test_how_far_it_is_in_words() -> None:
    told = said(Told("embed", 1500, 12000, 250.0))
    assert told["told"] == "1,500 of 12,000 images, 250 a second, 42 s left"
    assert said(Told("labels judged", 3, 4))["stage"] == FINDINGS
    assert said(Told("embed", 0, 0))["share"] == 0.0
    assert (
        said(Told("embed", 1, 2, None, 60.0))["silent"] == "Nothing was heard of the run for 60 s."
    )


def test_a_page_that_waited_for_another_server_is_told(tmp_path: Path) -> None:
    # the run was done before this server began: a page left open still asks by its own address
    from tests.explorer.conftest import build_workspace

    build_workspace(tmp_path / "ws")
    server, _ = start(tmp_path / "ws", host="127.0.0.1", wait=True)
    server.close()
    asked, who = Client(server.application), {"REMOTE_ADDR": "127.0.0.1"}
    assert asked.get("/waiting/progress", environ_base=who).json["ready"] is True
    assert b"_dash-config" in asked.get("/", environ_base=who).data


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is SIGINT")
def test_run_open_shows_findings_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 8)) + np.repeat(rng.normal(size=(3, 8)) * 5, 20, axis=0)
    np.savez(tmp_path / "X.npz", embeddings=X, labels=np.repeat(["cat", "dog", "dog"], 20))
    command = [sys.executable, "-m", "explorer", "run", "--embeddings", str(tmp_path / "X.npz")]
    command += ["-w", str(tmp_path / "ws"), "--open", "--no-browser", "--port", "0"]
    run = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ}
    )
    try:
        assert run.stdout is not None
        said_so_far, address = "", ""
        while not (address and "2 labels" in said_so_far):
            line = run.stdout.readline()
            assert line, said_so_far
            said_so_far += line
            if found := re.search(r"Rosette is at (http://\S+)", line):
                address = found[1]
        with urllib.request.urlopen(f"{address}waiting/progress") as answer:
            assert json.load(answer)["ready"] is True
        with urllib.request.urlopen(address) as answer:
            assert b"_dash-config" in answer.read()
        os.killpg(run.pid, signal.SIGINT)
        run.communicate(timeout=60)
        assert run.returncode == 0
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(address)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)  # the app beside it too
        run.communicate()
    assert not (tmp_path / "ws" / "progress.json").exists()
    assert len(embeddings.Workspace.open(tmp_path / "ws").items()) == 60
