"""Whether a file still holds what the run saw."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from embeddings.images import Pictures, files
from embeddings.workspace import HASHES_FILE, Workspace
from tests.embeddings.photos import make_photo, make_photos, photo_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return photo_workspace(make_photos(tmp_path / "photos", bat=3, crane=2), tmp_path / "ws")


def contents(ws: Workspace) -> dict[str, str]:
    return dict(zip(ws.items()["file"], ws.items()["sha256"], strict=True))


def photo(ws: Workspace, file: str) -> Path:
    return Path(ws.info.root) / file


def test_what_nobody_touched_is_the_same_and_is_not_read(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path) -> str:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(files, "digest_of", read)
    assert ws.pictures.states(contents(ws).items()) == ["same"] * 5


def test_another_picture_of_the_same_size_and_time_is_changed(ws: Workspace) -> None:
    sha = contents(ws)["bat/0.png"]
    file = photo(ws, "bat/0.png")
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    assert ws.pictures.state("bat/0.png", sha) == "changed"
    assert ws.pictures.is_changed("bat/0.png", sha)
    assert ws.pictures.read("bat/0.png", sha) is None


def test_a_file_that_was_copied_back_is_the_same_again(ws: Workspace) -> None:
    sha, file = contents(ws)["bat/0.png"], photo(ws, "bat/0.png")
    content = file.read_bytes()
    make_photo(file, 99)
    assert ws.pictures.state("bat/0.png", sha) == "changed"
    file.write_bytes(content)
    assert ws.pictures.state("bat/0.png", sha.upper()) == "same"
    assert ws.pictures.read("bat/0.png", sha) == content


def test_what_is_read_is_what_was_compared(ws: Workspace) -> None:
    file = photo(ws, "bat/0.png")
    sha = hashlib.sha256(file.read_bytes()).hexdigest()
    assert ws.pictures.read("bat/0.png", sha) == file.read_bytes()
    make_photo(file, 99)
    assert ws.pictures.read("bat/0.png", sha) is None
    assert ws.pictures.state("bat/0.png", sha) == "changed"


@pytest.mark.parametrize("file", ["none.png", "../outside.png", "a\0b", "x" * 5000, "bat"])
def test_what_is_no_file_of_the_data_set_is_gone(ws: Workspace, file: str) -> None:
    make_photo(Path(ws.info.root).parent / "outside.png", 1)
    assert ws.pictures.state(file, "ab") == "gone"
    assert ws.pictures.read(file, "ab") is None


def test_without_a_content_or_in_remote_storage_nothing_is_known(tmp_path: Path) -> None:
    remote = Pictures("s3://bucket/photos", tmp_path / HASHES_FILE)
    assert remote.state("a.png", "ab") == "unknown"
    assert remote.is_here(["a.png"])
    assert Pictures(str(tmp_path), tmp_path / HASHES_FILE).state("a.png", "") == "unknown"


def test_without_a_scan_files_are_read(tmp_path: Path) -> None:
    sha = hashlib.sha256(make_photo(tmp_path / "a.png", 1).read_bytes()).hexdigest()
    assert Pictures(str(tmp_path), tmp_path / HASHES_FILE).state("a.png", sha) == "same"


def test_a_later_scan_does_not_make_the_new_picture_that_of_the_run(ws: Workspace) -> None:
    from embeddings.pipeline import scan

    sha = contents(ws)["bat/0.png"]
    make_photo(photo(ws, "bat/0.png"), 99)
    scan(ws.info.root, ws.path)
    assert Workspace.open(ws.path).pictures.state("bat/0.png", sha) == "changed"


def test_many_are_looked_at_in_their_order(tmp_path: Path) -> None:
    ws = photo_workspace(make_photos(tmp_path / "photos", bat=150), tmp_path / "ws")
    make_photo(photo(ws, "bat/7.png"), 999)
    photo(ws, "bat/8.png").unlink()
    pairs = list(contents(ws).items())
    states = dict(zip(contents(ws), ws.pictures.states(pairs), strict=True))
    assert {f: s for f, s in states.items() if s != "same"} == {
        "bat/7.png": "changed",
        "bat/8.png": "gone",
    }


def test_a_folder_that_is_gone_or_left_empty_by_its_disk_is_not_here(ws: Workspace) -> None:
    files, root = list(contents(ws)), Path(ws.info.root)
    assert ws.pictures.is_here(files)
    assert ws.data_folder_problem() == ""
    away = root.rename(root.with_name("away"))
    assert not ws.pictures.is_here(files)
    assert "rosette relocate" in ws.data_folder_problem()
    root.mkdir()
    assert not ws.pictures.is_here(files)
    (root / "bat").mkdir()
    (away / "bat" / "0.png").rename(root / "bat" / "0.png")
    assert ws.pictures.is_here(files)
