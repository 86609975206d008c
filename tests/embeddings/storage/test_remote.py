"""Image folders in remote storage, on fsspec's file system in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest, pipeline
from embeddings.errors import ImageError, SourceError, UsageError
from embeddings.storage import RemoteFile, remote
from tests.embeddings.engines.extractors import Colours
from tests.embeddings.scans import hashes_of

fsspec = pytest.importorskip("fsspec")


def png(value: int, side: int = 20) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    files.pipe({f"/set/cat/{i}.png": png(10 + i) for i in range(12)})
    files.pipe({f"/set/dog/{i}.png": png(200 + i) for i in range(3)})
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


def test_a_remote_folder_is_scanned_as_a_local_one(memory: Any, tmp_path: Path) -> None:
    memory.pipe("/set/dog/broken.png", png(1)[:50])
    memory.pipe("/set/dog/notes.txt", b"x")
    memory.pipe("/set/.thumbs/0.png", png(1))
    for name in memory.find("/set"):
        target = tmp_path / name.removeprefix("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(memory.cat_file(name))
    there, here = manifest.scan("memory://set"), manifest.scan(tmp_path / "set")
    assert there.rows == here.rows
    assert there.root == "memory://set"
    assert "2 files that are not images ignored: 1 .txt, 1 hidden." in there.notes


def test_subsets_are_told_and_tables_are_not_read(memory: Any) -> None:
    memory.store.clear()
    memory.pipe({"/hf/train/cat/0.png": png(1), "/hf/test/dog/1.png": png(2)})
    memory.pipe("/hf/train/metadata.csv", b"file_name,label\ncat/0.png,x\n")
    found = manifest.scan("memory://hf")
    assert found.rows[c.LABEL] == ["dog", "cat"]
    assert found.rows["split"] == ["test", "train"]
    assert any("metadata.csv" in note and "not read" in note for note in found.notes)


def test_a_second_scan_reads_the_heads_alone(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.pipe("/set/cat/large.png", png(7) + bytes(300_000))
    first = manifest.scan("memory://set")
    asked: list[int | None] = []
    real = RemoteFile.read
    monkeypatch.setattr(RemoteFile, "read", lambda self, n=None: asked.append(n) or real(self, n))
    again = manifest.scan("memory://set", known=hashes_of(first))
    assert again.rows == first.rows
    assert asked == [65_536] * 16


def test_from_remote_images_to_findings(memory: Any, tmp_path: Path) -> None:
    pipeline.scan("memory://set", tmp_path / "ws")
    ws = pipeline.embed(tmp_path / "ws", model=Colours(), batch_size=4)
    assert ws.info.root == "memory://set"
    assert ws.name == "set"
    frame = ws.manifest()
    assert np.isfinite(ws.embeddings(frame)).all()
    assert ws.thumbnail(frame[c.SHA256][0])[:2] == b"\xff\xd8"


def test_a_file_that_is_gone_or_too_large_is_its_own_fault(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImageError, match="gone"):
        RemoteFile("memory://set/none.png").read()
    monkeypatch.setattr(remote, "LARGEST", 10)
    with pytest.raises(ImageError, match="larger than"):
        RemoteFile("memory://set/cat/0.png").read()


def test_storage_that_does_not_answer_is_nobodys_image(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: object, **more: object) -> bytes:
        raise TimeoutError("no answer within 60 s")

    monkeypatch.setattr(type(memory), "cat_file", silent)
    with pytest.raises(SourceError, match="does not answer: no answer within 60 s"):
        manifest.scan("memory://set")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("memory://nothing", "holds no images"),
        ("nosuch://set", "does not answer: Protocol not known: nosuch"),
    ],
)
def test_a_place_that_is_not_there_is_said(source: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        manifest.scan(source)


def test_a_storage_whose_package_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(url: str) -> object:
        raise ImportError("Please install gcsfs to access Google Storage")

    monkeypatch.setattr(fsspec, "url_to_fs", missing)
    with pytest.raises(SourceError, match=r"needs a package.* Please install gcsfs"):
        manifest.scan("gs://set")


def test_a_password_in_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="written to the workspace"):
        manifest.scan("ftp://me:secret@host/images")
