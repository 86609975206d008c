"""The cleaned copy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.export.common.source import ExportSource
from embeddings.export.formats import imagefolder
from embeddings.export.formats.csv import read_csv
from embeddings.manifest import scan
from tests.embeddings.export.making import hostile_labels, make_source, picture


def garage(root: Path) -> ExportSource:
    files = ["car/1.jpg", "car/2.jpg", "jaguar/1.jpg", "jaguar/2.jpg", "jaguar/3.jpg"]
    labels = ["car", "car", "jaguar", "jaguar", "jaguar"]
    decisions = ["", "remove", "relabel: car", "keep", "unsure"]
    return make_source(root, files, labels, decisions=decisions, images=True)


def snapshot(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_decisions_are_applied_and_the_source_is_as_it_was(tmp_path: Path) -> None:
    source = garage(tmp_path / "images")
    before = snapshot(tmp_path / "images")
    done = imagefolder.write(source, tmp_path / "out")
    table = read_csv(tmp_path / "out" / "metadata.csv")
    rows = {row["original_file"]: (row["file_name"], row["label"]) for _, row in table.iterrows()}
    assert rows == {
        "car/1.jpg": ("car/1.jpg", "car"),
        "jaguar/1.jpg": ("car/1-2.jpg", "car"),
        "jaguar/2.jpg": ("jaguar/2.jpg", "jaguar"),
        "jaguar/3.jpg": ("jaguar/3.jpg", "jaguar"),
    }
    assert (tmp_path / "out" / "car" / "1-2.jpg").read_bytes() == picture(2)
    assert snapshot(tmp_path / "images") == before
    assert done.notes[0] == "4 images: 4 hard links, 0 copies; 1 relabelled, 1 removed."


def test_links_and_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = garage(tmp_path / "images")
    original = tmp_path / "images" / "car" / "1.jpg"
    imagefolder.write(source, tmp_path / "linked")
    assert original.samefile(tmp_path / "linked" / "car" / "1.jpg")
    imagefolder.write_copies(source, tmp_path / "copied")
    assert not original.samefile(tmp_path / "copied" / "car" / "1.jpg")
    assert "hard links" not in (tmp_path / "copied" / "README.md").read_text()

    def refused(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    done = imagefolder.write(source, tmp_path / "elsewhere")
    assert done.notes[0].startswith("4 images: 0 hard links, 4 copies")


def test_hostile_labels_stay_inside_and_are_kept_in_the_table(tmp_path: Path) -> None:
    labels = hostile_labels()
    files = [f"in/{n}.jpg" for n in range(len(labels))]
    source = make_source(tmp_path / "images", files, labels, images=True)
    imagefolder.write(source, tmp_path / "deep" / "out")
    table = read_csv(tmp_path / "deep" / "out" / "metadata.csv")
    assert list(table["label"]) == labels
    assert table["file_name"].str.casefold().is_unique
    for name, place in zip(table["file_name"], range(len(labels)), strict=True):
        assert name[0] not in "=+-@'"
        path = (tmp_path / "deep" / "out" / name).resolve()
        assert path.parent.parent == (tmp_path / "deep" / "out").resolve()
        assert path.read_bytes() == picture(place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "images"]
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["out"]


def test_it_is_read_back_as_a_data_set(tmp_path: Path) -> None:
    imagefolder.write(garage(tmp_path / "images"), tmp_path / "out")
    rows = scan(tmp_path / "out").rows
    assert dict(zip(rows[c.FILE], rows[c.LABEL], strict=True)) == {
        "car/1.jpg": "car",
        "car/1-2.jpg": "car",
        "jaguar/2.jpg": "jaguar",
        "jaguar/3.jpg": "jaguar",
    }


def test_what_has_no_image_is_left_out_and_said(tmp_path: Path) -> None:
    source = garage(tmp_path / "images")
    (tmp_path / "images" / "car" / "1.jpg").unlink()
    source.items.loc[3, c.STATUS] = c.UNREADABLE
    done = imagefolder.write(source, tmp_path / "out")
    assert len(read_csv(tmp_path / "out" / "metadata.csv")) == 2
    assert done.notes[1].startswith("2 files are not there, or could not be read,")


@pytest.mark.parametrize("where", ["images", "images/car/out", "."])
def test_never_into_the_data_set_or_around_it(tmp_path: Path, where: str) -> None:
    source = garage(tmp_path / "images")
    before = snapshot(tmp_path)
    with pytest.raises(UsageError, match="lie within each other"):
        imagefolder.write(source, tmp_path / where)
    assert snapshot(tmp_path) == before


def test_never_into_a_folder_that_holds_something(tmp_path: Path) -> None:
    source = garage(tmp_path / "images")
    imagefolder.write(source, tmp_path / "out")
    with pytest.raises(UsageError, match="not empty"):
        imagefolder.write(source, tmp_path / "out")


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = garage(tmp_path / "images")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(imagefolder.shutil, "copy2", full)
    with pytest.raises(OSError, match="No space"):
        imagefolder.write_copies(source, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["images"]


def test_labels_that_pandas_reads_as_nothing_are_said(tmp_path: Path) -> None:
    source = make_source(tmp_path / "images", ["a.jpg", "b.jpg"], ["NA", "ok"], images=True)
    assert "['NA']" in imagefolder.write(source, tmp_path / "out").notes[1]
