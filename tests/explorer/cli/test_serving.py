"""What `rosette open` hands to the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import explorer.server
from explorer.cli.exits import exit_code
from explorer.cli.main import app
from tests.explorer.conftest import build_workspace

TOKEN = "correct-horse-battery-staple"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(explorer.server, "serve", lambda ws, **options: calls.append(options))
    return calls


@pytest.fixture
def ws(tmp_path: Path) -> Path:
    return build_workspace(tmp_path / "ws").path


def test_a_token_comes_from_a_file_or_the_environment_and_so_not_into_ps(
    ws: Path, tmp_path: Path, served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert exit_code(app, ["open", str(ws), "--token-file", str(file)]) == 0
    monkeypatch.setenv("ROSETTE_TOKEN", TOKEN + "!")
    assert exit_code(app, ["open", str(ws)]) == 0
    assert exit_code(app, ["open", str(ws), "--token-file", str(file)]) == 0
    assert [one["policy"].token for one in served] == [TOKEN, TOKEN + "!", TOKEN]


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"\xff\xfe", b"short\n"])
def test_a_file_without_a_token_is_refused(
    ws: Path,
    tmp_path: Path,
    served: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert exit_code(app, ["open", str(ws), "--token-file", str(file)]) == 2
    assert "token" in capsys.readouterr().err
    assert served == []


def test_read_only_keeps_no_log_either(ws: Path, served: list[dict[str, Any]]) -> None:
    before = sorted(ws.rglob("*"))
    assert exit_code(app, ["open", str(ws), "--read-only"]) == 0
    assert sorted(ws.rglob("*")) == before
    assert exit_code(app, ["open", str(ws)]) == 0
    assert (ws / "logs").is_dir()
    assert len(served) == 2
