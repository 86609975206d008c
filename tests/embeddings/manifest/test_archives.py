"""Archives and WebDataset tars as sources; what leads out of them stays out."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError
from embeddings.records import ScanResult


def png(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def scan(path: Path) -> ScanResult:
    return manifest.scan(path, unpack_to=path.parent / "ws")


def labels(result: ScanResult) -> dict[str, str]:
    return dict(zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True))


FOLDERS = {f"train/{label}/{n}.png": png(60 * n) for label in ("cat", "dog") for n in range(2)}


@pytest.mark.parametrize("name", ["set.zip", "set.tar", "set.tar.gz"])
def test_folders_in_an_archive(tmp_path: Path, name: str) -> None:
    write = zipped if name.endswith("zip") else tarred
    path = write(tmp_path / name, FOLDERS | {"readme.pdf": b"%PDF", "__MACOSX/._0.png": b"x"})
    result = scan(path)
    assert labels(result) == {file: file.split("/")[1] for file in FOLDERS}
    assert set(result.rows[c.STATUS]) == {c.OK}
    assert any("was unpacked to" in note for note in result.notes)
    assert not list((tmp_path / "ws").rglob("*.pdf"))


def test_what_was_unpacked_is_not_unpacked_again(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", FOLDERS)
    stamps = [{p: p.stat().st_mtime_ns for p in Path(scan(path).root).rglob("*.png")}
              for _ in range(2)]  # fmt: skip
    assert stamps[0] == stamps[1]


def test_a_webdataset(tmp_path: Path) -> None:
    """Made as webdataset.TarWriter writes samples: the key up to the first dot."""
    members = {}
    for number in range(4):
        members[f"{number:06d}.png"] = png(60 * number)
        members[f"{number:06d}.cls"] = str(number % 2).encode()
    result = scan(tarred(tmp_path / "shard-train-000000.tar", members))
    assert list(labels(result).values()) == ["0", "1", "0", "1"]
    assert set(result.rows[manifest.SPLIT_OF]) == {"train"}


def test_a_webdataset_with_json(tmp_path: Path) -> None:
    members = {}
    for number, label in enumerate(("cat", "dog")):
        members[f"a/{number}.jpg"] = png(60 * number)
        members[f"a/{number}.json"] = json.dumps({"label": label, "caption": "x"}).encode()
    assert list(labels(scan(tarred(tmp_path / "s.tar", members))).values()) == ["cat", "dog"]


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    """Members as those of CVE-2007-4559: upwards, absolute, a drive's."""
    bad = {"../out.png": png(1), "/abs.png": png(2), "C:\\x.png": png(3), "a/../../o.png": png(4)}
    result = scan(zipped(tmp_path / "set.zip", FOLDERS | bad))
    assert len(labels(result)) == len(FOLDERS)
    assert any("4 members of set.zip" in note for note in result.notes)
    outside = {p.name for p in tmp_path.rglob("*.png") if not p.is_relative_to(tmp_path / "ws/set")}
    assert not outside


def test_links_in_a_tar_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "set.tar"
    tarred(path, FOLDERS)
    with tarfile.open(path, "a") as archive:
        link = tarfile.TarInfo("train/cat/9.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert len(labels(scan(path))) == len(FOLDERS)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", os.urandom(600)])
@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_what_is_no_archive_is_said(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=r"can't be unpacked|holds no images"):
        scan(tmp_path / name)


def test_an_archive_larger_than_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "set.zip", FOLDERS)
    monkeypatch.setattr("embeddings.manifest.archives._SPARE", 1 << 62)
    with pytest.raises(SourceError, match="are free below") as told:
        scan(path)
    assert "larger disk" in told.value.hint
