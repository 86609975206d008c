"""Settings of the machine that libraries read: each is set, and nothing changes or all is said."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from explorer import cli

LABELS = ("Ünïcödé 🦊", "花", "plain")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "photos"
    for label in LABELS:
        (root / label).mkdir(parents=True)
        for number in range(2):
            picture = Image.new("RGB", (8, 8), (number * 90, len(label), 9))
            picture.save(root / label / f"{number}.png")
    return root


def scanned(
    photos: Path,
    workspace: Path,
    *python: str,
    before: Callable[[], None] | None = None,
    **environment: str,
) -> str:
    """Scan in a process of its own, and return what it wrote; ``before`` is called in it first."""
    done = subprocess.run(
        [sys.executable, *python, "-m", "explorer", "scan", str(photos), "-w", str(workspace)],
        capture_output=True, check=False, env={**os.environ, **environment}, preexec_fn=before,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-800:]
    return (done.stdout + done.stderr).decode(errors="replace")


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "LANG": "C"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere"},
        {"http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": ""},
        {"TZ": "Pacific/Kiritimati"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_scan_is_the_same(photos: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    said = scanned(photos, tmp_path / "ws", **environment)
    assert "6 ok" in said
    assert (tmp_path / "ws" / "manifest.parquet").is_file()


def test_few_file_handles_are_enough(photos: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    few = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (40, hard))
    assert "6 ok" in scanned(photos, tmp_path / "ws", before=few)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "gbk", "shift_jis"])
def test_consoles_of_any_encoding_get_a_whole_report(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """repowise-dev/repowise issue 271 (cp1252), moorcheh-ai/memanto pull request 1903 (a file)."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(SystemExit) as ended:
        cli.main(["scan", str(photos), "-w", str(tmp_path / "ws")])
    assert not ended.value.code
    out.flush()
    err.flush()
    written = out.buffer.getvalue() + err.buffer.getvalue()  # type: ignore[attr-defined]
    # typer writes UTF-8 where a console says that it is ASCII
    said = written.decode("utf-8" if encoding == "ascii" else encoding)
    assert "6 ok" in said
    assert "\\u82b1" in said or "花" in said
