"""Folders of images to rows: labels, order, litter, links, names, and what can't be read."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError
from embeddings.records import ScanResult
from tests.embeddings.scans import hashes_of


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Make an image file below the data set's root, each of another colour."""
    root = tmp_path / "data"
    root.mkdir()

    def make(name: str, width: int = 8, height: int = 6) -> Path:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = tuple(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:3])
        Image.new("RGB", (width, height), colour).save(path, "PNG")
        return path

    return make


def by_file(result: ScanResult, column: str) -> dict[str, object]:
    return dict(zip(result.rows[c.FILE], result.rows[column], strict=True))


def test_labels_are_the_first_folders(tmp_path: Path, put: Callable[..., Path]) -> None:
    for name in ("cat/1.png", "cat/deep/er/2.png", "dog/1.png"):
        put(name)
    heard: list[tuple[int, int, str]] = []
    result = manifest.scan(tmp_path / "data", progress=lambda *told: heard.append(told))
    assert by_file(result, c.LABEL) == {
        "cat/1.png": "cat",
        "cat/deep/er/2.png": "cat",
        "dog/1.png": "dog",
    }
    assert result.labelled
    assert result.notes == ()
    assert result.root == str((tmp_path / "data").resolve())
    assert heard[0] == (0, 3, "scan")
    assert heard[-1] == (3, 3, "scan")


def test_a_row_says_what_the_file_is(tmp_path: Path, put: Callable[..., Path]) -> None:
    path = put("cat/1.jpeg", 40, 30)
    row = {name: values[0] for name, values in manifest.scan(tmp_path / "data").rows.items()}
    assert row == {
        c.FILE: "cat/1.jpeg",
        c.LABEL: "cat",
        c.SHA256: hashlib.sha256(path.read_bytes()).hexdigest(),
        c.STATUS: c.OK,
        c.REASON: "",
        c.BYTES: path.stat().st_size,
        c.FORMAT: "PNG",
        c.WIDTH: 40,
        c.HEIGHT: 30,
    }


def test_the_order_is_natural(tmp_path: Path, put: Callable[..., Path]) -> None:
    for name in ("b/10.png", "b/9.png", "a/x2y.png", "a/x10y.png", "a/x.png", "B/1.png", "a/٣.png"):
        put(name)
    assert list(manifest.scan(tmp_path / "data").rows[c.FILE]) == [
        "B/1.png",
        "a/x2y.png",
        "a/x10y.png",
        "a/x.png",
        "a/٣.png",
        "b/9.png",
        "b/10.png",
    ]


def test_without_folders_there_is_one_class(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("1.png")
    put("2.png")
    flat = manifest.scan(tmp_path / "data")
    assert set(flat.rows[c.LABEL]) == {c.NO_LABEL}
    assert not flat.labelled
    assert any("one class" in note for note in flat.notes)
    put("cat/3.png")
    mixed = manifest.scan(tmp_path / "data")
    assert list(mixed.rows[c.LABEL]) == [c.NO_LABEL, c.NO_LABEL, "cat"]
    assert any("2 images have no label (the root)" in note for note in mixed.notes)
    asked = manifest.scan(tmp_path / "data", labels=False)
    assert set(asked.rows[c.LABEL]) == {c.NO_LABEL}


def test_litter_is_ignored_and_counted(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cat/1.png")
    put("cat/.hidden.png")
    put("__MACOSX/cat/1.png")
    root = tmp_path / "data"
    (root / "cat" / "notes.txt").write_text("hello")
    (root / "cat" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (root / "README").write_text("hello")
    (root / "empty").mkdir()
    result = manifest.scan(root)
    assert list(result.rows[c.FILE]) == ["cat/1.png"]
    assert result.notes == (
        "5 files that are not images ignored: 1 .db, 1 .txt, 2 hidden, 1 without extension.",
    )


def test_what_claims_to_be_an_image_is_a_row(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cat/good.png")
    put("cat/no extension")
    root = tmp_path / "data"
    (root / "cat" / "empty.jpg").touch()
    (root / "cat" / "text.jpg").write_text("hello")
    (root / "cat" / "old.sgi").write_bytes(b"\x01\xda\x01\x01" + bytes(100))
    (root / "cat" / "vector.svg").write_text("<svg/>")
    reasons = by_file(manifest.scan(root), c.REASON)
    assert reasons["cat/good.png"] == reasons["cat/no extension"] == ""
    assert "empty" in str(reasons["cat/empty.jpg"])
    assert "not an image" in str(reasons["cat/text.jpg"])
    assert "SGI" in str(reasons["cat/old.sgi"])
    assert "SVG" in str(reasons["cat/vector.svg"])


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_stay_inside(tmp_path: Path, put: Callable[..., Path]) -> None:
    secret = tmp_path / "secret.png"
    put("cat/1.png").rename(secret)
    inside = put("cat/2.png")
    cat = tmp_path / "data" / "cat"
    (cat / "in.png").symlink_to(inside)
    (cat / "out.png").symlink_to(secret)
    (cat / "nowhere.png").symlink_to(cat / "gone.png")
    (cat / "self.png").symlink_to("self.png")
    (cat / "loop").symlink_to(cat)
    (cat / "up").symlink_to(tmp_path)
    result = manifest.scan(tmp_path / "data")
    assert by_file(result, c.STATUS) == {
        "cat/2.png": c.OK,
        "cat/in.png": c.OK,
        "cat/nowhere.png": c.MISSING,
        "cat/out.png": c.UNREADABLE,
        "cat/self.png": c.MISSING,
    }
    assert by_file(result, c.SHA256)["cat/out.png"] == ""
    assert "outside" in str(by_file(result, c.REASON)["cat/out.png"])
    assert any("'cat/loop', 'cat/up'" in note for note in result.notes)


def test_a_linked_root_is_the_folder_it_leads_to(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cat/1.png")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert list(manifest.scan(tmp_path / "link").rows[c.STATUS]) == [c.OK]


def test_odd_names_are_kept_as_they_are(tmp_path: Path, put: Callable[..., Path]) -> None:
    names = [
        "a\nb.png",
        "🐆.png",
        "q\"uo'te.png",
        "=1+1.png",
        "‮gnp.txt.png",
        "a\\b.png",
        "..png",
        "n" * 251 + ".png",
    ]
    for name in names:
        put(f"cat/{name}")
    result = manifest.scan(tmp_path / "data")
    visible = [f"cat/{name}" for name in names if not name.startswith(".")]
    assert sorted(result.rows[c.FILE]) == sorted(visible)
    assert set(result.rows[c.STATUS]) == {c.OK}


def test_invalid_utf8_is_a_row_that_can_be_stored(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cat/1.png")
    odd = os.path.join(os.fsencode(tmp_path / "data"), b"caf\xe9", b"\xff.png")
    os.mkdir(os.path.dirname(odd))
    (tmp_path / "data" / "cat" / "1.png").rename(os.fsdecode(odd))
    result = manifest.scan(tmp_path / "data")
    assert list(result.rows[c.FILE]) == [r"caf\xe9/\xff.png"]
    assert list(result.rows[c.STATUS]) == [c.UNREADABLE]
    assert "UTF-8" in result.rows[c.REASON][0]
    pd.DataFrame(result.rows).to_parquet(tmp_path / "rows.parquet")


def test_labels_that_look_the_same_are_one(tmp_path: Path, put: Callable[..., Path]) -> None:
    composed, apart = "caf\u00e9", unicodedata.normalize("NFD", "café")
    for label in (composed, apart, "big  cat", "big cat ", "Big cat"):
        put(f"{label}/1.png")
    result = manifest.scan(tmp_path / "data")
    assert sorted(set(result.rows[c.LABEL])) == ["Big cat", "big cat", composed]
    assert len(set(result.rows[c.FILE])) == 5
    text = "\n".join(result.notes)
    assert text.count("read as one") == 2
    assert "labels differ from another only by case" in text


def test_labels_that_differ_by_marks_without_width_are_one(
    tmp_path: Path, put: Callable[..., Path]
) -> None:
    for label in ("cat", "\ufeffcat", "ca\u200bt", "c\u00adat\u2060"):
        put(f"{label}/1.png")
    joined = "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # the joiner counts here
    put(f"{joined}/1.png")
    result = manifest.scan(tmp_path / "data")
    assert set(result.rows[c.LABEL]) == {"cat", joined}
    assert sum("read as one" in note for note in result.notes) == 1


def test_numbers_in_names_are_of_any_length(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "1.png")
    names = ["1" * 5000 + ".png", "1.png", "2" * 4999 + ".png", "07.png", "7.png"]
    (tmp_path / "t.csv").write_text("file\n" + "\n".join(names))
    files = list(manifest.scan(tmp_path / "t.csv").rows[c.FILE])
    assert files == ["1.png", "07.png", "7.png", names[2], names[0]]


def test_a_root_whose_own_name_is_no_text_is_said(tmp_path: Path) -> None:
    odd = os.path.join(os.fsencode(tmp_path), b"caf\xe9")
    os.mkdir(odd)
    Image.new("RGB", (4, 4)).save(os.fsdecode(odd + b"/1.png"))
    with pytest.raises(SourceError, match=r"caf\\xe9 is not valid UTF-8.*Rename"):
        manifest.scan(Path(os.fsdecode(odd)))


def test_a_folder_may_be_called_like_a_table(tmp_path: Path) -> None:
    for name in ("cats.npz", "cats.csv", "cats.parquet"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "1.png")
        assert list(manifest.scan(tmp_path / name).rows[c.STATUS]) == [c.OK]


def test_a_folder_too_deep_to_name_is_said(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cat/1.png")
    here = os.getcwd()
    try:
        os.chdir(tmp_path / "data" / "cat")
        for _ in range(20):  # longer in all than any path may be
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
    finally:
        os.chdir(here)
    result = manifest.scan(tmp_path / "data")
    assert list(result.rows[c.FILE]) == ["cat/1.png"]
    assert any("can't be opened" in note and "too long" in note for note in result.notes)


def test_files_that_differ_by_case_are_two(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cat/a.png")
    put("cat/A.png")
    result = manifest.scan(tmp_path / "data")
    assert len(result.rows[c.FILE]) == 2
    assert any("only by case" in note for note in result.notes)


NOBODY = 65_534


@contextmanager
def without_rights() -> Iterator[None]:
    """Go on as a user who owns nothing; root, who may read everything, is back afterwards."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="rights are others there")
def test_closed_files_and_folders() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        root = Path(name).resolve()
        root.chmod(0o755)
        for label in ("cat", "dog", "fox"):
            (root / label).mkdir()
            Image.new("RGB", (8, 6)).save(root / label / "1.png")
        (root / "cat" / "1.png").chmod(0)
        (root / "dog").chmod(0)
        shutil.copytree(root / "fox", root / "hub" / "train")
        (root / "hub" / "test").mkdir(mode=0)
        try:
            with without_rights():
                result = manifest.scan(root)
                hub = manifest.scan(root / "hub")
                for closed in (root / "dog", root / "dog" / "t.csv"):
                    with pytest.raises(SourceError, match=r"can't be opened.*Make it readable"):
                        manifest.scan(closed)
        finally:
            for folder in (root / "dog", root / "hub" / "test"):
                folder.chmod(stat.S_IRWXU)
    assert by_file(result, c.REASON)["cat/1.png"] == "permission denied"
    assert by_file(result, c.STATUS)["fox/1.png"] == c.OK
    assert any("'dog (Permission denied)'" in note for note in result.notes)
    assert by_file(hub, c.STATUS) == {"train/1.png": c.OK}
    assert by_file(hub, manifest.SPLIT_OF) == {"train/1.png": "train"}
    assert any("'test (Permission denied)'" in note for note in hub.notes)


def test_a_file_that_vanishes_or_may_not_be_read_is_a_row(
    tmp_path: Path, put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("cat/1.png")
    put("cat/2.png")
    put("cat/3.png")
    stat_of = Path.stat

    def vanishing(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "1.png":
            path.unlink(missing_ok=True)
        if path.name == "2.png":
            raise PermissionError(13, "Permission denied")
        return stat_of(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", vanishing)
    result = manifest.scan(tmp_path / "data")
    assert list(result.rows[c.STATUS]) == [c.MISSING, c.UNREADABLE, c.OK]


def test_hashes_are_taken_over(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("cat/1.png")
    changed = put("cat/2.png")
    first = manifest.scan(tmp_path / "data")
    known = {key: f"known {i}" for i, key in enumerate(hashes_of(first))}
    os.utime(changed, ns=(1, 1))
    again = manifest.scan(tmp_path / "data", known=known)
    assert list(again.rows[c.SHA256]) == ["known 0", first.rows[c.SHA256][1]]


def test_the_same_files_give_the_same_rows(tmp_path: Path, put: Callable[..., Path]) -> None:
    for i in range(200):
        put(f"{i % 7}/{i * 37 % 200}.png")
    one, two = manifest.scan(tmp_path / "data"), manifest.scan(tmp_path / "data")
    assert one == two


def test_no_data_set_at_all(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "notes.md").write_text("hello")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")  # reading it would wait for a writer for ever
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "loop").symlink_to("loop")
    for source, message in (
        (tmp_path / "none", "There is no"),
        (tmp_path / "loop", "There is no"),
        (tmp_path / "pipe.csv", "neither a folder nor a table"),
        (tmp_path / "pipe.npz", "neither a folder nor a table"),
        (tmp_path / "notes.md", "neither a folder nor a table"),
        (tmp_path / "notes.txt", "None of the files"),
        (tmp_path / "empty", "holds no images"),
        (Path("nul\0"), "There is no"),
    ):
        with pytest.raises(SourceError, match=message) as told:
            manifest.scan(source)
        assert told.value.hint


@pytest.mark.shared
def test_broken_files_beside_good_photos(tmp_path: Path, shared: Path) -> None:
    for source in (shared / "data" / "photos" / "ibis", shared / "data" / "bad_inputs"):
        for path in sorted(source.iterdir())[: 50 if source.name == "ibis" else None]:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    result = manifest.scan(tmp_path)
    statuses = list(result.rows[c.STATUS])
    assert len(statuses) == 160
    assert statuses.count(c.OK) >= 50
    assert all(
        bool(reason) == (status != c.OK)
        for status, reason in zip(statuses, result.rows[c.REASON], strict=True)
    )
