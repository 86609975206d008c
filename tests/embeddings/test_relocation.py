"""Where the images are now."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from embeddings.errors import UsageError
from embeddings.pipeline import scan
from embeddings.relocation import relocate
from embeddings.workspace import Workspace
from tests.embeddings.photos import make_photo, make_photos, photo_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return photo_workspace(make_photos(tmp_path / "photos", bat=3, crane=2), tmp_path / "ws")


def root_of(ws: Workspace) -> str:
    return Workspace.open(ws.path).info.root


def test_a_folder_that_was_copied_without_its_times_is_the_same(
    ws: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(ws.info.root, tmp_path / "new", copy_function=shutil.copyfile)
    found = relocate(ws.path, tmp_path / "new")
    assert (found.there, found.compared, found.changed) == (5, 5, ())
    # the same run goes on there
    run = Workspace.open(ws.path).run_id
    assert scan(tmp_path / "new", ws.path).info.run_id == run


def test_what_is_missing_or_changed_there_is_said(ws: Workspace, tmp_path: Path) -> None:
    new = Path(ws.info.root).rename(tmp_path / "new")
    make_photo(new / "bat" / "1.png", 99)
    (new / "bat" / "2.png").unlink()
    lines = relocate(ws.path, new).lines()
    assert "4 of 5 files are there" in lines[0]
    assert "1 of 4 that were compared hold other pictures than the run saw: bat/1.png" in lines[1]


@pytest.mark.parametrize("kind", ["missing", "empty", "deeper", "others"])
def test_a_folder_that_is_not_theirs_is_refused(ws: Workspace, tmp_path: Path, kind: str) -> None:
    place = {
        "missing": tmp_path / "none",
        "empty": tmp_path / "empty",
        "deeper": Path(ws.info.root) / "bat",
        "others": tmp_path / "others",
    }[kind]
    (tmp_path / "empty").mkdir()
    for n in range(3):
        make_photo(tmp_path / "others" / "bat" / f"{n}.png", 100 + n)
    before = root_of(ws)
    with pytest.raises(UsageError, match=r"no folder|holds none of|holds other pictures"):
        relocate(ws.path, place)
    assert root_of(ws) == before


def test_images_in_remote_storage_are_not_moved_here(ws: Workspace, tmp_path: Path) -> None:
    ws.update(root="s3://bucket/photos")
    with pytest.raises(UsageError, match="remote storage"):
        relocate(ws.path, tmp_path)
