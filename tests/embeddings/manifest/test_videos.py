"""Videos as a source: labels, subsets and names of their pictures, read once, never in silence."""

from __future__ import annotations

import importlib.util
import os
import zipfile
from pathlib import Path

import pytest

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError, UnclearSourceError
from embeddings.manifest.entries import SPLIT_OF
from embeddings.records import ScanResult
from tests.embeddings.manifest.sets import draw, labels
from tests.embeddings.videos import film

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("av") is None, reason="the extra video is not installed"
)


def scan(source: Path, **how: object) -> ScanResult:
    where = source.parent / f"{source.stem}-ws"
    return manifest.scan(source, unpack_to=where, **how)  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for label in ("walk", "run"):
        for number in range(2):
            film(tmp_path / "set" / label / f"{number}.mp4", 2 + number)
    return tmp_path / "set"


def test_each_second_of_a_video_is_an_item_under_its_label(root: Path) -> None:
    """UCF101 and the like: a folder of clips for each label."""
    result = scan(root)
    assert labels(result) == {
        f"{label}/{number}.mp4/t{second:05d}.jpg": label
        for label in ("walk", "run")
        for number in range(2)
        for second in range(2 + number)
    }
    assert all((Path(result.root) / file).is_file() for file in result.rows[c.FILE])
    assert any("of 4 videos, a picture a second: run 5, walk 5" in line
               for line in result.understood)  # fmt: skip
    assert not any("not images" in note or "not read" in note for note in result.notes)


def test_subsets_and_rules_count_for_videos(tmp_path: Path) -> None:
    for subset in ("train", "test"):
        for label in ("walk", "run"):
            film(tmp_path / "set" / subset / label / "0.avi", 1)
    assert set(scan(tmp_path / "set").rows[SPLIT_OF]) == {"train", "test"}
    film(tmp_path / "flat/walk_01.mp4", 1)
    film(tmp_path / "flat/walk_02.mp4", 1)
    film(tmp_path / "flat/run_01.mp4", 1)
    film(tmp_path / "flat/run_02.mp4", 1)
    with pytest.raises(UnclearSourceError, match="names of the files"):
        scan(tmp_path / "flat")
    rule = manifest.rule_named("name:^([a-z]+)", "--label-from")
    assert set(labels(scan(tmp_path / "flat", label_from=rule)).values()) == {"walk", "run"}


def test_one_video(tmp_path: Path) -> None:
    result = scan(film(tmp_path / "clip.mp4", 3))
    assert result.rows[c.FILE] == [f"clip.mp4/t{second:05d}.jpg" for second in range(3)]
    assert not result.labelled


def test_videos_in_an_archive(root: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "clips.zip", "w") as archive:
        for path in root.rglob("*.mp4"):
            archive.write(path, path.relative_to(root))
    assert set(labels(scan(tmp_path / "clips.zip")).values()) == {"walk", "run"}


def test_a_broken_video_has_a_reason_and_the_others_are_read(root: Path) -> None:
    (root / "walk/0.mp4").write_bytes(b"no video")
    result = scan(root)
    status = dict(zip(result.rows[c.FILE], result.rows[c.STATUS], strict=True))
    assert status.pop("walk/0.mp4") == c.UNREADABLE
    assert set(status.values()) == {c.OK}
    at = result.rows[c.FILE].index("walk/0.mp4")
    assert result.rows[c.REASON][at].startswith("the video can't be read")


def test_links_out_of_the_data_set_and_pipes_are_not_opened(root: Path, tmp_path: Path) -> None:
    film(tmp_path / "secret.mp4", 1)
    (root / "walk/link.mp4").symlink_to(tmp_path / "secret.mp4")
    (root / "walk/inside.mp4").symlink_to(root / "run/0.mp4")
    os.mkfifo(root / "walk/pipe.mp4")
    result = scan(root)
    reasons = dict(zip(result.rows[c.FILE], result.rows[c.REASON], strict=True))
    assert "outside the data set" in reasons["walk/link.mp4"]
    assert "no regular file" in reasons["walk/pipe.mp4"]
    assert reasons["walk/inside.mp4/t00000.jpg"] == ""


def test_what_comes_before_the_break_counts(tmp_path: Path) -> None:
    whole = film(tmp_path / "set/walk/0.mkv", 6, rate=10).read_bytes()
    film(tmp_path / "set/run/0.mkv", 1)
    broken = bytearray(whole)
    broken[len(whole) // 2 :] = b"\xff" * (len(whole) - len(whole) // 2)
    (tmp_path / "set/walk/0.mkv").write_bytes(broken)
    found = [f for f in scan(tmp_path / "set").rows[c.FILE] if f.startswith("walk/0.mkv/")]
    assert 0 < len(found) < 6


def test_a_video_is_read_once_and_again_when_it_changes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scan(root)
    read: list[str] = []
    from embeddings.images import frames_of

    def counted(path: Path) -> object:
        read.append(path.parent.name + path.name)
        return frames_of(path)

    monkeypatch.setattr("embeddings.manifest.videos.items.frames_of", counted)
    assert scan(root).rows == first.rows
    assert not read
    film(root / "walk/0.mp4", 4)
    assert len(scan(root).rows[c.FILE]) == len(first.rows[c.FILE]) + 2
    assert read == ["walk0.mp4"]
    (Path(first.root) / "run/0.mp4/t00000.jpg").unlink()
    scan(root)
    assert read == ["walk0.mp4", "run0.mp4"]


def test_videos_beside_pictures_are_named_with_what_helps(root: Path) -> None:
    draw(root, ["walk/a.jpg", "walk/b.jpg", "run/a.jpg", "run/b.jpg"])
    result = scan(root)
    assert len(result.rows[c.FILE]) == 4
    (note,) = [note for note in result.notes if "video" in note]
    assert "ffmpeg" in note
    assert "folder of their own" in note


def test_without_the_extra_the_remedy_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for where in ("manifest.folder", "manifest.scanning", "manifest.archives"):
        monkeypatch.setattr(f"embeddings.{where}.videos_are_read", lambda: False)
    for source in (root, root / "walk/0.mp4"):
        with pytest.raises(SourceError) as told:
            scan(source)
        assert "rosette-explorer[video]" in f"{told.value} {told.value.hint}"


def test_without_a_folder_to_write_to(root: Path) -> None:
    with pytest.raises(SourceError, match="no folder to write") as told:
        manifest.scan(root)
    assert "workspace" in told.value.hint
    assert scan(root).rows[c.FILE]
