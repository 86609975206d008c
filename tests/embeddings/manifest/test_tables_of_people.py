"""Tables and lists in the forms that people have: read right, asked about, or a word that helps."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import RosetteError, SourceError, UnclearSourceError
from embeddings.records import ScanResult
from tests.embeddings.manifest.sets import draw, labels, put

FILES = [f"imgs/{label}{n}.jpg" for label in ("cat", "dog") for n in range(3)]
LABELS = ["cat"] * 3 + ["dog"] * 3
ROWS = list(zip(FILES, LABELS, strict=True))
CSV = "file,label\n" + "".join(f"{file},{label}\n" for file, label in ROWS)
WANTED = dict(ROWS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return draw(tmp_path / "set", FILES)


def scan(source: Path, rule: str = "") -> ScanResult:
    label_from = manifest.rule_named(rule, "--label-from") if rule else None
    return manifest.scan(source, unpack_to=source.parent / "ws", label_from=label_from)


# -- no header, lists, comments ----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("t.csv", "{file},{label}\n"),
        ("t.tsv", "{label}\t{file}\n"),
        ("train.txt", "{file} {label}\n"),
        ("train.lst", "{n}\t{label}\t{file}\n"),
        ("images.txt", "{n} {file} {label}\n"),
    ],
)
def test_the_first_line_of_a_table_without_header_is_an_item(
    root: Path, name: str, line: str
) -> None:
    """mlcommons/inference issue 1404 (``val_map.txt``), Caffe's lists, MXNet's ``.lst``."""
    lines = [line.format(n=n, file=f, label=label) for n, (f, label) in enumerate(ROWS)]
    result = scan(put(root / name, "".join(lines)))
    assert labels(result) == WANTED
    assert any("has no header" in note for note in result.notes)


@pytest.mark.parametrize("name", ["labels.txt", "names.txt", "classes.txt"])
def test_a_list_called_like_yolos_names(root: Path, name: str) -> None:
    """A list of file and label, under a name that YOLO's classes have too."""
    lines = "".join(f"{file} {label}\n" for file, label in ROWS)
    assert labels(scan(put(root / name, lines))) == WANTED


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing\n"])
def test_an_empty_list(root: Path, content: str) -> None:
    with pytest.raises(SourceError, match="is empty"):
        scan(put(root / "t.txt", content))


_WORDS = st.sampled_from(
    ["imgs/cat0.jpg", "cat", "0", "-1", "1.5", "#", "file", "label", "é", "[]"]
)
_MARKS = st.sampled_from([" ", ",", "\t", ";", "\n", "\r\n", '"', "\0", "\ufeff"])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_WORDS | _MARKS, max_size=40).map("".join), st.sampled_from(["txt", "lst", "csv"]))
def test_whatever_a_list_holds_it_is_read_or_refused(root: Path, said: str, suffix: str) -> None:
    with contextlib.suppress(RosetteError):
        scan(put(root / f"t.{suffix}", said))


_CELLS = st.none() | st.sampled_from(["imgs/cat0.jpg", "cat", 1, 1.5, True])
_JSON = st.recursive(
    _CELLS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["file", "label", "data", "train", "imgs/dog1.jpg"]), inner
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_JSON)
def test_whatever_json_holds_it_is_read_or_refused(root: Path, content: object) -> None:
    with contextlib.suppress(RosetteError):
        scan(put(root / "t.json", json.dumps(content)))


def test_a_label_of_several_words_in_a_list(tmp_path: Path) -> None:
    """FGVC-Aircraft's ``images_variant_train.txt``: ``1025794 A300 B4``, names without suffix."""
    root = draw(tmp_path / "set", [f"images/{n}.jpg" for n in (10, 11, 12, 13)])
    lines = "10 707-320\n11 A300 B4\n12 707-320\n13 A300 B4\n"
    result = scan(put(root / "images_variant_train.txt", lines))
    assert list(labels(result).values()) == ["707-320", "A300 B4", "707-320", "A300 B4"]
    with pytest.raises(UnclearSourceError, match="images_variant_train"):
        scan(root)


def test_celebas_list_of_attributes_is_asked_about(tmp_path: Path) -> None:
    """open-edge-platform/datumaro pull request 484: a count, names without one for the file."""
    root = draw(tmp_path / "set", [f"img/{n:06d}.jpg" for n in range(4)])
    rows = "".join(
        f"{n:06d}.jpg {-1 if n % 2 else ' 1'} {-1 if n < 2 else ' 1'}\n" for n in range(4)
    )
    table = put(root / "list_attr_celeba.txt", f"4\nMale Young\n{rows}")
    with pytest.raises(UnclearSourceError, match="'Male', 'Young'"):
        scan(table)
    assert list(labels(scan(table, "column:Male")).values()) == ["1", "-1", "1", "-1"]


def test_a_numbered_partition_is_no_label(tmp_path: Path) -> None:
    """CelebA's ``list_eval_partition.csv``: 0, 1 and 2 are train, validation and test."""
    root = draw(tmp_path / "set", [f"img/{n:06d}.jpg" for n in range(6)])
    rows = "".join(f"{n:06d}.jpg,{n % 3}\n" for n in range(6))
    table = put(root / "list_eval_partition.csv", f"image_id,partition\n{rows}")
    assert set(labels(scan(table)).values()) == {c.NO_LABEL}


@pytest.mark.parametrize("above", ["# exported 2024-05-01\n", "# a\n# b, c\n", "#"])
def test_comments_above_a_header(root: Path, above: str) -> None:
    assert labels(scan(put(root / "t.csv", above + CSV))) == WANTED


# -- packed ------------------------------------------------------------------------------


def _zstd(content: bytes) -> bytes:
    packed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return packed


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", _zstd)],
)
def test_packed_text(root: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    """``DataFrame.to_csv("t.csv.gz")``."""
    assert labels(scan(put(root / f"t.csv{suffix}", pack(CSV.encode())))) == WANTED
    lines = "".join(json.dumps({"file": f, "label": label}) + "\n" for f, label in ROWS)
    assert labels(scan(put(root / f"t.jsonl{suffix}", pack(lines.encode())))) == WANTED
    with pytest.raises(SourceError, match="can't be unpacked"):
        scan(put(root / f"broken.csv{suffix}", pack(CSV.encode())[:-9]))


def test_a_zip_around_a_table_alone(root: Path) -> None:
    with zipfile.ZipFile(root / "t.csv.zip", "w") as archive:
        archive.writestr("t.csv", CSV)
    with pytest.raises(SourceError, match=r"only 't\.csv'") as told:
        scan(root / "t.csv.zip")
    assert "beside the pictures" in told.value.hint


# -- JSON --------------------------------------------------------------------------------

_FRAME = pd.DataFrame({"file": FILES, "label": LABELS})


@pytest.mark.parametrize(
    "content",
    [
        {file: [label] for file, label in ROWS},
        {file: {"label": label, "score": 1} for file, label in ROWS},
        {"cat": FILES[:3], "dog": FILES[3:]},
        {"data": [{"file": f, "label": label} for f, label in ROWS], "version": 1},
        {
            "train": [{"file": f, "label": label} for f, label in ROWS[:4]],
            "test": [{"file": f, "label": label} for f, label in ROWS[4:]],
        },
        json.loads(_FRAME.to_json()),
        json.loads(_FRAME.to_json(orient="split")),
        json.loads(_FRAME.to_json(orient="records")),
        json.loads(_FRAME.to_json(orient="index")),
    ],
)
def test_forms_of_json(root: Path, content: dict[str, object]) -> None:
    """What pandas and people write; Food-101's ``train.json`` is an object of label to files."""
    table = put(root / "t.json", json.dumps(content))
    assert labels(scan(table)) == WANTED


# -- which column is the label -------------------------------------------------------------


def test_labels_with_boxes_in_one_cell(tmp_path: Path) -> None:
    """ImageNet on Kaggle: ``LOC_val_solution.csv`` (timm issue 1081)."""
    root = draw(tmp_path / "set", [f"val/ILSVRC2012_val_{n:08d}.jpg" for n in range(3)])
    rows = ["n01440764 1 2 30 40 ", "n01443537 5 6 7 8", "n01440764 1 2 3 4 n01440764 9 9 10 10 "]
    text = "".join(f"ILSVRC2012_val_{n:08d},{row}\n" for n, row in enumerate(rows))
    table = put(root / "LOC_val_solution.csv", f"ImageId,PredictionString\n{text}")
    assert list(labels(scan(table)).values()) == ["n01440764", "n01443537", "n01440764"]


def test_labels_that_are_denied(tmp_path: Path) -> None:
    """Open Images' verified labels: a ``Confidence`` of 0 says that the thing is *not* there."""
    root = draw(tmp_path / "set", [f"{n}.jpg" for n in range(4)])
    rows = "0,v,/m/1,1\n1,v,/m/2,1\n1,v,/m/1,0\n2,v,/m/2,1\n3,v,/m/1,0\n"
    table = put(root / "labels.csv", f"ImageID,Source,LabelName,Confidence\n{rows}")
    result = scan(table)
    assert labels(result) == {"0.jpg": "/m/1", "1.jpg": "/m/2", "2.jpg": "/m/2"}
    assert any("confidence of 0" in note for note in result.notes)


def test_one_hot_with_decimals(root: Path) -> None:
    """ISIC's ``GroundTruth.csv`` has 1.0 and 0.0."""
    rows = "".join(f"{f},{float(x == 'cat')},{float(x == 'dog')},0.0\n" for f, x in ROWS)
    table = put(root / "t.csv", f"image,cat,dog,UNK\n{rows}")
    assert labels(scan(table)) == WANTED


@pytest.mark.parametrize("name", ["ClassId", "class id", "LabelName", "Finding Labels", "Species"])
def test_the_name_of_the_label_in_any_spelling(root: Path, name: str) -> None:
    """GTSRB's ``ClassId``, NIH's ``Finding Labels``: a word beside them is no better label."""
    rows = "".join(f"{f},{'MF'[n % 2]},{label}\n" for n, (f, label) in enumerate(ROWS))
    table = put(root / "t.csv", f"Path,Patient Gender,{name}\n{rows}")
    assert labels(scan(table)) == WANTED


def test_attributes_beside_a_word_are_asked_about(root: Path) -> None:
    """CheXpert: 1.0, -1.0 or nothing for each finding, and ``Sex`` as the only column of words."""
    rows = "".join(
        f"{f},{'MF'[n % 2]},{'1.0' if n % 3 else ''},-1.0\n" for n, f in enumerate(FILES)
    )
    rows = rows.replace("-1.0", "1.0", 2)
    with pytest.raises(UnclearSourceError, match="'Sex', 'Edema', 'Effusion'"):
        scan(put(root / "t.csv", f"Path,Sex,Edema,Effusion\n{rows}"))


def test_most_files_with_several_rows_are_refused(root: Path) -> None:
    rows = "".join(f"{file},cat\n{file},indoor\n" for file in FILES)
    with pytest.raises(SourceError, match="several labels to 6 of 6 files"):
        scan(put(root / "t.csv", f"file,label\n{rows}"))


def test_words_for_no_label_are_told(root: Path) -> None:
    result = scan(put(root / "t.csv", CSV.replace(",dog", ",nan")))
    assert set(labels(result).values()) == {"cat", "nan"}
    assert any("leave the cell empty" in note for note in result.notes)


# -- where the pictures are ------------------------------------------------------------------


def test_a_path_that_begins_above_the_data_set(tmp_path: Path) -> None:
    """CheXpert: ``CheXpert-v1.0-small/train/…``, with the same names in every folder."""
    files = [f"train/patient{n}/study1/view1.jpg" for n in range(4)]
    root = draw(tmp_path / "set", files)
    rows = "".join(f"CheXpert-v1.0-small/{f},{'ab'[n % 2]}\n" for n, f in enumerate(files))
    assert list(labels(scan(put(root / "t.csv", f"Path,label\n{rows}")))) == files


def test_web_addresses(root: Path) -> None:
    """Read where the picture lies there under its name; else the word says what to do."""
    rows = "".join(f"https://example.org/{f}?w=8,{label}\n" for f, label in ROWS)
    assert labels(scan(put(root / "t.csv", f"url,label\n{rows}"))) == WANTED
    rows = "".join(f"{n},https://example.org/{n}/x,{label}\n" for n, (_, label) in enumerate(ROWS))
    with pytest.raises(SourceError, match="None of the files") as told:
        scan(put(root / "u.csv", f"id,url,label\n{rows}"))
    assert "'url' holds web addresses: download" in told.value.hint
    assert "under the names in 'id'" in told.value.hint


def test_of_several_tables_the_one_of_the_pictures_is_asked_about(tmp_path: Path) -> None:
    """Kaggle's ``sample_submission.csv`` stands before ``train.csv`` and has one label for all."""
    names = [f"{n}.jpg" for n in range(6)]
    root = draw(tmp_path / "set", [f"train_images/{n}" for n in names] + ["test_images/x.jpg"])
    put(root / "sample_submission.csv", "image_id,label\nx.jpg,4\n")
    rows = "".join(f"{n},{number % 2}\n" for number, n in enumerate(names))
    put(root / "train.csv", f"image_id,label\n{rows}")
    with pytest.raises(UnclearSourceError, match=r"train\.csv names the pictures"):
        scan(root)


# -- pictures that are no files ----------------------------------------------------------------


@pytest.mark.parametrize(
    "names", [[f"pixel{n}" for n in range(64)], [f"{a}x{b}" for a in range(8) for b in range(8)]]
)
def test_pixels_in_columns(tmp_path: Path, names: list[str]) -> None:
    """Kaggle's digit-recognizer and *MNIST in CSV*."""
    frame = pd.DataFrame(np.ones((3, 64), dtype=int), columns=names)
    frame.insert(0, "label", [1, 2, 1])
    frame.to_csv(tmp_path / "train.csv", index=False)
    with pytest.raises(SourceError, match="pictures as numbers in 64 columns"):
        scan(tmp_path / "train.csv")


def test_pixels_in_one_cell_and_in_arrays(tmp_path: Path) -> None:
    """FER2013, MedMNIST."""
    table = put(tmp_path / "fer2013.csv", "emotion,pixels,Usage\n0,1 2 3 4,Training\n")
    with pytest.raises(SourceError, match="in the column 'pixels'"):
        scan(table)
    np.savez(tmp_path / "m.npz", train_images=np.zeros((3, 8, 8), np.uint8), train_labels=[1, 2, 3])
    with pytest.raises(SourceError, match="pictures as arrays, such as 'train_images'"):
        scan(tmp_path / "m.npz")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("train.tfrecord", "TFRecord"),
        ("train.tfrecord-00000-of-00002", "TFRecord"),
        ("train-images-idx3-ubyte", "MNIST's own form"),
        ("t10k-labels-idx1-ubyte.gz", "MNIST's own form"),
        ("data_batch_1", "pickled"),
        ("frame.pkl", "pickled"),
        ("imagelabels.mat", "MATLAB"),
        ("labels.xlsx", "spreadsheet"),
        ("labels.sqlite", "database"),
        ("train.h5", "HDF5"),
        ("photos.rar", "packed"),
    ],
)
def test_formats_that_are_not_read_are_named(tmp_path: Path, name: str, what: str) -> None:
    put(tmp_path / "set" / name, b"x" * 40)
    for source in (tmp_path / "set" / name, tmp_path / "set"):
        with pytest.raises(SourceError, match=what):
            scan(source)


# -- folders -----------------------------------------------------------------------------------


def test_numbered_parts_of_one_set_are_no_labels(tmp_path: Path) -> None:
    """HAM10000: ``HAM10000_images_part_1`` and ``_2``, labels in a table of many columns."""
    files = [f"HAM10000_images_part_{1 + n % 2}/ISIC_{n:07d}.jpg" for n in range(6)]
    root = draw(tmp_path / "set", files)
    rows = "".join(
        f"HAM_{n},ISIC_{n:07d},{'nv' if n < 3 else 'mel'},{'MF'[n % 2]}\n" for n in range(6)
    )
    put(root / "HAM10000_metadata.csv", f"lesion_id,image_id,dx,sex\n{rows}")
    with pytest.raises(UnclearSourceError, match=r"HAM10000_metadata\.csv names the pictures"):
        scan(root)
    found = labels(scan(root / "HAM10000_metadata.csv", "column:dx"))
    assert sorted(found.values()) == ["mel"] * 3 + ["nv"] * 3


def test_of_a_taxonomy_the_lowest_folder_is_offered(tmp_path: Path) -> None:
    """INaturalist by kingdom, class, family and species."""
    species = ["Animalia/Aves/Corvidae/raven", "Animalia/Aves/Paridae/tit",
               "Animalia/Mammalia/Felidae/cat", "Plantae/Rosids/Rosaceae/rose"]  # fmt: skip
    root = draw(tmp_path / "set", [f"{one}/{n}.jpg" for one in species for n in range(2)])
    with pytest.raises(UnclearSourceError) as told:
        scan(root)
    assert "--label-from parent" in told.value.hint
    assert set(labels(scan(root, "parent")).values()) == {"raven", "tit", "cat", "rose"}
