"""ImageNet annotations, read by the rules of the reader's parser."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from embeddings.errors import UsageError
from embeddings.export.formats.cvat import quoted, write
from tests.embeddings.export.making import NASTY_NAMES, make_source


def parsed(line: str) -> tuple[str, int]:
    """Read a line as datumaro's ``imagenet_txt`` does: file and number of the label."""
    parts = line.split('"')
    if len(parts) == 3:
        rest = parts[2].split()
        return parts[1] + rest[0], int(rest[1])
    assert len(parts) == 1
    file, number = line.split()
    return file, int(number)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    files = [f"some dir/{name}.jpg" for name in NASTY_NAMES]
    labels = ["two words" if n % 2 else "=x" for n in range(len(files))]
    decisions = [""] * len(files)
    decisions[0], decisions[1] = "remove", "relabel: سيارة"
    write(make_source(tmp_path, files, labels, decisions=decisions), tmp_path / "out")
    names = (tmp_path / "out" / "synsets.txt").read_text(encoding="utf-8").splitlines()
    with (tmp_path / "out" / "default.txt").open(encoding="utf-8") as stream:
        back = {file: names[number] for file, number in map(parsed, stream)}
    expected = dict(zip(files, labels, strict=True)) | {files[1]: "سيارة"}
    del expected[files[0]]
    sayable = {f: k for f, k in expected.items() if not set(f) & set('"\n\r') and "/.." not in f}
    assert back == sayable
    assert len(sayable) == len(files) - 5  # one removed, four unsayable


def test_the_archive_holds_both(tmp_path: Path) -> None:
    done = write(make_source(tmp_path, ["a.jpg"], ["x"]), tmp_path / "out")
    with zipfile.ZipFile(done.files[2]) as archive:
        assert archive.namelist() == ["default.txt", "synsets.txt"]
        assert archive.read("default.txt") == b"a.jpg 0\n"


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("a.jpg", "a.jpg"),
        ("a b.jpg", '"a b".jpg'),
        (" a.jpg", '" a".jpg'),
        ('a"b.jpg', None),
        ("a b", None),
        ("a/..jpg", "a/..jpg"),
        ("a/...jpg", "a/...jpg"),
        ("a/.. .jpg", None),
        ("C:/a.jpg", None),
        ("a.b c", None),
        ("a\nb.jpg", None),
    ],
)
def test_quoting(file: str, line: str | None) -> None:
    assert quoted(file) == line


def test_what_can_not_be_said_is_said_to_the_user(tmp_path: Path) -> None:
    source = make_source(tmp_path, ['a"b.jpg', "c.jpg", "c.png"], ["x", "new\nline", "x"])
    notes = " ".join(write(source, tmp_path / "out").notes)
    assert "1 files were left out" in notes
    assert "2 files differ only by their suffix" in notes
    assert "'new\\nline' is written as 'new line'" in notes


def test_a_folder_with_another_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match=r"notes\.txt"):
        write(make_source(tmp_path, ["a.jpg"], ["x"]), tmp_path)
