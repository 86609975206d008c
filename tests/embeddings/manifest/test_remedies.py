"""Remedies of errors about data sets, each carried out as it is said, and seen to help."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import RosetteError, UnclearSourceError
from embeddings.records import ScanResult
from tests.embeddings.manifest.annotations import scenes
from tests.embeddings.manifest.sets import draw, put

NAMES = [f"{n}.jpg" for n in range(6)]


def scan(source: Path, *options: str, embeddings: Path | None = None) -> ScanResult:
    """Scan as the command line does with these options."""
    how: dict[str, object] = {}
    given = list(options)
    while given:
        option = given.pop(0)
        if option == "--no-labels":
            how["labels"] = False
        else:
            assert option == "--label-from"
            how["label_from"] = manifest.rule_named(given.pop(0), option)
    unpack_to = source.parent.with_name(f"{source.parent.name}-ws")
    return manifest.scan(source, unpack_to=unpack_to, embeddings=embeddings, **how)  # type: ignore[arg-type]


def refused(source: Path, *options: str, embeddings: Path | None = None) -> str:
    with pytest.raises(RosetteError) as told:
        scan(source, *options, embeddings=embeddings)
    return told.value.hint


def sound(result: ScanResult) -> list[str]:
    assert set(result.rows[c.STATUS]) == {c.OK}
    return list(result.rows[c.LABEL])


# -- questions: every option that is offered is taken -----------------------------------------

QUESTIONS: dict[str, list[str]] = {
    "labels in names": [f"{a}.{n}.jpg" for a in ("cat", "dog") for n in range(4)],
    "one folder, labels in names": [f"all/{a}_{n}.jpg" for a in ("cat", "dog") for n in range(4)],
    "two levels": [f"{a}/{b}/{n}.jpg" for a, b in (("pet", "cat"), ("pet", "dog"), ("car", "van"),
                                                    ("car", "bus")) for n in range(2)],
    "a taxonomy": [f"{p}/{n}.jpg" for p in ("A/B/C/x", "A/B/D/y", "A/E/F/z", "G/H/I/v")
                   for n in range(2)],
    "dates": [f"2024-05-0{d}/{n}.jpg" for d in (1, 2, 3) for n in range(3)],
    "sessions": [f"session{d}/{n}.jpg" for d in (1, 2, 3) for n in range(3)],
    "one folder an item": [f"item_{d:04d}/{n}.jpg" for d in range(8) for n in range(2)],
    "one subset beside others": [f"train/{a}/{n}.jpg" for a in ("cat", "dog") for n in range(3)]
    + [f"lab/{a}/{n}.jpg" for a in ("x", "y") for n in range(3)],
}  # fmt: skip


def options_of(hint: str) -> list[list[str]]:
    """Return the options that a question offers, as the words of a command line."""
    found = re.findall(r"--label-from (?:'[^']*'|[^\s,)]+)|--no-labels", hint)
    return [shlex.split(option) for option in found if "REGEX" not in option]


@pytest.mark.parametrize("case", QUESTIONS)
def test_each_answer_to_a_question_is_taken(tmp_path: Path, case: str) -> None:
    root = draw(tmp_path / "set", QUESTIONS[case])
    with pytest.raises(UnclearSourceError) as told:
        scan(root)
    options = options_of(told.value.hint)
    assert len(options) >= 2, told.value.hint
    read = [tuple(sound(scan(root, *option))) for option in options]
    assert len(set(read)) == len(read)  # and each gives something else
    assert any(len(set(labels)) > 1 for labels in read)


def test_a_table_that_is_asked_about_is_the_answer(tmp_path: Path) -> None:
    root = draw(tmp_path / "set", [f"train/{name}" for name in NAMES])
    put(root / "labels.csv", "id,breed\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(6)))
    hint = refused(root)
    source = re.search(r"the source (\S+)", hint)
    assert source is not None
    assert sorted(sound(scan(Path(source[1])))) == ["a"] * 3 + ["b"] * 3
    assert set(sound(scan(root, "--no-labels"))) == {c.NO_LABEL}


def test_each_column_that_is_offered_is_taken(tmp_path: Path) -> None:
    root = draw(tmp_path / "set", NAMES)
    rows = "".join(f"{name},{'ab'[n % 2]},{'xy'[n // 3]}\n" for n, name in enumerate(NAMES))
    table = put(root / "t.csv", f"file,sort,place\n{rows}")
    columns = re.findall(r"column:\w+", refused(table))
    assert columns == ["column:sort", "column:place"]
    for column in columns:
        assert len(set(sound(scan(table, "--label-from", column)))) == 2


# -- tables ------------------------------------------------------------------------------------


def test_several_labels_in_a_cell(tmp_path: Path) -> None:
    root = draw(tmp_path / "set", NAMES)
    cells = ["cat|dog", "dog|cat", "cat|dog", "cat|dog", "cat", "dog"]
    rows = "".join(f"{name},{cell},a\n" for name, cell in zip(NAMES, cells, strict=True))
    table = put(root / "t.csv", f"file,label,other\n{rows}")
    assert "column:NAME" in refused(table)
    assert set(sound(scan(table, "--label-from", "column:other"))) == {"a"}
    assert set(sound(scan(table, "--no-labels"))) == {c.NO_LABEL}


def test_one_row_for_each_file(tmp_path: Path) -> None:
    table = put(draw(tmp_path / "set", NAMES) / "t.csv", "")
    rows = [f"{name},{label}\n" for name in NAMES for label in ("cat", "indoor")]
    put(table, "file,label\n" + "".join(rows))
    assert "Leave one row for each file" in refused(table)
    put(table, "file,label\n" + "".join(rows[::2]))
    assert set(sound(scan(table))) == {"cat"}


def test_naming_the_column_of_files(tmp_path: Path) -> None:
    table = put(draw(tmp_path / "set", NAMES) / "t.csv", "what,label\n0,a\n1,b\n")
    assert "Name the column of files 'file'" in refused(table)
    put(table, "file,label\n0,a\n1,b\n")
    assert sound(scan(table)) == ["a", "b"]


def test_quotes_around_a_field(tmp_path: Path) -> None:
    table = put(draw(tmp_path / "set", NAMES) / "t.csv", "file,label\n0.jpg,Washington, DC\n")
    assert "Put quotes around the fields that hold ','" in refused(table)
    put(table, 'file,label\n0.jpg,"Washington, DC"\n')
    assert sound(scan(table)) == ["Washington, DC"]


def test_a_table_beside_its_pictures(tmp_path: Path) -> None:
    root = draw(tmp_path / "set", [f"images/{name}" for name in NAMES])
    table = put(root / "meta/t.csv", "file,label\nimages/0.jpg,a\nimages/1.jpg,b\n")
    assert "or into a folder above them" in refused(table)
    assert sound(scan(Path(shutil.move(table, root / "t.csv")))) == ["a", "b"]


def test_pictures_behind_web_addresses(tmp_path: Path) -> None:
    root = tmp_path / "set"
    rows = "".join(f"{n},https://example.org/x?n={n},{'ab'[n % 2]}\n" for n in range(6))
    table = put(root / "t.csv", f"id,url,label\n{rows}")
    assert "under the names in 'id'" in refused(table)
    draw(root, NAMES)
    assert len(set(sound(scan(table)))) == 2


# -- pictures and formats that are not read -----------------------------------------------------


@pytest.mark.parametrize("name", ["x.tfrecord", "x.h5", "x.pkl"])
def test_pictures_written_out_as_files_or_as_parquet(tmp_path: Path, name: str) -> None:
    hint = refused(put(tmp_path / name, b"x"))
    assert "one folder a label" in hint
    assert len(set(sound(scan(draw(tmp_path / "set", ["cat/0.jpg", "dog/1.jpg"]))))) == 2
    assert "as Parquet with the columns 'image' (bytes) and 'label'" in hint
    content = [(tmp_path / "set" / file).read_bytes() for file in ("cat/0.jpg", "dog/1.jpg")]
    frame = pd.DataFrame({"image": content, "label": ["cat", "dog"]})
    frame.to_parquet(tmp_path / "t.parquet")
    assert sound(scan(tmp_path / "t.parquet")) == ["cat", "dog"]


@pytest.mark.parametrize("name", ["labels.xlsx", "labels.db", "labels.mat"])
def test_a_table_written_as_csv(tmp_path: Path, name: str) -> None:
    root = draw(tmp_path / "set", NAMES)
    hint = refused(put(root / name, b"x"))
    assert "CSV" in hint
    assert "with the columns 'file' and 'label'" in hint
    assert sound(scan(put(root / "t.csv", "file,label\n0.jpg,a\n1.jpg,b\n"))) == ["a", "b"]


def test_rows_of_pixels_written_as_pictures(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (4, 64))
    frame = pd.DataFrame(pixels, columns=[f"pixel{n}" for n in range(64)])
    frame.insert(0, "label", list("abab"))
    frame.to_csv(tmp_path / "t.csv", index=False)
    hint = refused(tmp_path / "t.csv")
    told = re.search(r"Image\.fromarray\((.*)\)\.save", hint)
    assert told is not None
    for n, (label, row) in enumerate(zip("abab", pixels, strict=True)):
        array = eval(told[1], {"row": row, "height": 8, "width": 8})
        (tmp_path / "set" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(tmp_path / "set" / label / f"{n}.png")
    assert sorted(sound(scan(tmp_path / "set"))) == list("aabb")


def test_arrays_of_pictures_written_as_files(tmp_path: Path) -> None:
    file = tmp_path / "m.npz"
    np.savez(file, train_images=np.zeros((2, 8, 8), np.uint8), train_labels=np.array([0, 1]))
    told = re.search(r"Image\.fromarray\((.*)\)\.save", refused(file))
    assert told is not None
    for n in range(2):
        (tmp_path / "set" / str(n)).mkdir(parents=True)
        picture = eval(told[1], {"np": np, "FILE": file, "n": n})
        Image.fromarray(picture).save(tmp_path / "set" / str(n) / f"{n}.png")
    assert sound(scan(tmp_path / "set")) == ["0", "1"]


def test_an_archive_of_a_table_unpacked_beside_its_pictures(tmp_path: Path) -> None:
    root = draw(tmp_path / "set", NAMES)
    put(root / "t.csv", "file,label\n0.jpg,a\n1.jpg,b\n")
    shutil.make_archive(str(tmp_path / "pack/t"), "zip", root, "t.csv")
    (root / "t.csv").unlink()
    packed = Path(shutil.move(tmp_path / "pack/t.zip", root / "t.zip"))
    assert "Unpack it beside the pictures" in refused(packed)
    shutil.unpack_archive(packed, root)
    assert sound(scan(root / "t.csv")) == ["a", "b"]


def _remedy_of(result: ScanResult) -> str:
    assert c.OK not in result.rows[c.STATUS]
    return result.remedy


def test_links_out_of_the_set_copied_as_files(tmp_path: Path) -> None:
    draw(tmp_path / "elsewhere", NAMES)
    (tmp_path / "set/cat").mkdir(parents=True)
    for name in NAMES:
        (tmp_path / "set/cat" / name).symlink_to(tmp_path / "elsewhere" / name)
    assert "copy it with `cp -rL`" in _remedy_of(scan(tmp_path / "set"))
    subprocess.run(["cp", "-rL", tmp_path / "set", tmp_path / "copy"], check=True)
    assert len(sound(scan(tmp_path / "copy"))) == len(NAMES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n", "git lfs pull"),
        (b"", "Copy it again"),
        (b"\0" * 400, "Copy it again"),
        (b"<!DOCTYPE html><html></html>", "download it again"),
        (b"../../blobs/abc", "Download it again into a plain folder"),
    ],
)
def test_a_picture_that_was_fetched_at_last(tmp_path: Path, content: bytes, said: str) -> None:
    """What these remedies do is to put the picture in the place of what stands for it."""
    put(tmp_path / "set/cat/0.jpg", content)
    assert said in _remedy_of(scan(tmp_path / "set"))
    draw(tmp_path / "set", ["cat/0.jpg"])
    assert len(sound(scan(tmp_path / "set"))) == 1


# -- embeddings and annotations -------------------------------------------------------------------


def _pickled(path: Path, X: np.ndarray) -> None:
    np.savez(path, embeddings=X, files=np.array(NAMES, dtype=object))


def _text(path: Path, X: np.ndarray) -> None:
    np.savez(path, embeddings=X.astype(str), files=np.array(NAMES))


def _fewer_without_names(path: Path, X: np.ndarray) -> None:
    np.savez(path, embeddings=X[:4])


def _flat(path: Path, X: np.ndarray) -> None:
    np.savez(path, embeddings=X.ravel(), files=np.array(NAMES))


def _fewer_names(path: Path, X: np.ndarray) -> None:
    np.savez(path, embeddings=X, files=np.array(NAMES[:4]))


def _elsewhere(path: Path, X: np.ndarray) -> None:
    np.savez(path, embeddings=X, files=np.array([f"x{name}" for name in NAMES]))


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (_pickled, "np.array(files, dtype=str)"),
        (_text, "as float32"),
        (_fewer_without_names, "with 'embeddings' and 'files'"),
        (_flat, "one row per item"),
        (_fewer_names, "one entry per row"),
        (_elsewhere, "paths relative to the root"),
    ],
)
def test_embeddings_saved_as_it_is_said(
    tmp_path: Path, write: Callable[[Path, np.ndarray], None], said: str
) -> None:
    root, file = draw(tmp_path / "set", NAMES), tmp_path / "X.npz"
    X = np.arange(24, dtype=np.float32).reshape(6, 4)
    write(file, X)
    assert said in refused(root, "--no-labels", embeddings=file)
    np.savez(file, embeddings=X, files=np.array(NAMES, dtype=str))
    result = scan(root, "--no-labels", embeddings=file)
    assert result.embeddings is not None
    assert np.array_equal(result.embeddings, X)


def test_pictures_put_beside_their_annotations(tmp_path: Path) -> None:
    source = scenes.coco(tmp_path / "set")
    shutil.move(tmp_path / "set/train2017", tmp_path / "away")
    with pytest.raises(RosetteError) as told:
        scan(source)
    assert "into the folder of the annotations, or beside it" in told.value.hint
    shutil.move(tmp_path / "away", tmp_path / "set/train2017")
    assert sorted(sound(scan(source))) == scenes.LABELS
