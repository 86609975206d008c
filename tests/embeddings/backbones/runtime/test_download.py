"""Fetching weights, from a server of our own."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from embeddings.backbones.runtime.download import fetch
from embeddings.errors import ModelError
from embeddings.records import no_progress

CONTENT = bytes(range(256)) * 4000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "w.h5").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/w.h5"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_a_file_comes_whole_with_progress(url: str, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "cache" / "models" / "w.h5"
    said: list[tuple[int, int, str]] = []
    digest = hashlib.new(kind, CONTENT).hexdigest()
    fetch(url, target, digest=digest, what="m", progress=lambda *a: said.append(a))
    assert target.read_bytes() == CONTENT
    assert said[-1] == (len(CONTENT), len(CONTENT), "download m")
    assert [done for done, _, _ in said] == sorted(done for done, _, _ in said)


def test_a_damaged_file_is_not_kept(url: str, tmp_path: Path) -> None:
    target = tmp_path / "w.h5"
    with pytest.raises(ModelError, match="damaged"):
        fetch(url, target, digest="0" * 32, what="m", progress=no_progress)
    assert [p.name for p in tmp_path.iterdir()] == ["served"]


def test_a_missing_file_is_said_with_the_remedy(url: str, tmp_path: Path) -> None:
    target = tmp_path / "w.h5"
    with pytest.raises(ModelError, match=r"404.*--model embedded"):
        fetch(f"{url}.gone", target, digest="0" * 32, what="m", progress=no_progress)
    assert not target.exists()
