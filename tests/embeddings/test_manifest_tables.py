"""Tables and Hugging Face imagefolders to rows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError
from embeddings.records import ScanResult

FILES = ["cat/1.png", "cat/2.png", "dog/1.png", "dog/10.png", "dog/2.png"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of five small images under two labels."""
    folder = tmp_path / "data"
    for number, file in enumerate(FILES):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number * 40, 0, 0)).save(folder / file)
    return folder


def column(result: ScanResult, name: str) -> dict[str, Any]:
    return dict(zip(result.rows[c.FILE], result.rows[name], strict=True))


# -- tables ----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".jsonl"])
@pytest.mark.parametrize("name", ["file", "path", "file_name", "image", "File"])
def test_a_table_of_each_sort(root: Path, suffix: str, name: str) -> None:
    frame = pd.DataFrame({"x": [1, 2], name: FILES[:2], "label": ["007", "NA"]})
    path = root / f"table{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    elif suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    result = manifest.scan(path)
    assert column(result, c.LABEL) == {"cat/1.png": "007", "cat/2.png": "NA"}
    assert column(result, c.STATUS) == {"cat/1.png": c.OK, "cat/2.png": c.OK}
    assert result.root == str(root.resolve())


def test_paths_of_a_table(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    Image.new("RGB", (8, 8)).save(outside)
    (root / "link.png").symlink_to(outside)
    rows = [
        (str(root / "cat/1.png"), "a"),
        ("cat\\2.png", "a"),
        ("./dog/../dog/1.png", "a"),
        ("../secret.png", "a"),
        (str(outside), "a"),
        ("link.png", "a"),
        ("gone.png", "a"),
        ("https://example.org/1.png", "a"),
        ("C:\\photos\\1.png", "a"),
        ("cat", "a"),
        ("", "a"),
    ]
    pd.DataFrame(rows, columns=["file", "label"]).to_csv(root / "t.csv", index=False)
    result = manifest.scan(root / "t.csv")
    assert column(result, c.STATUS) == {
        "cat/1.png": c.OK,
        "cat/2.png": c.OK,
        "dog/1.png": c.OK,
        "../secret.png": c.UNREADABLE,
        str(outside): c.UNREADABLE,
        "link.png": c.UNREADABLE,
        "gone.png": c.MISSING,
        "https://example.org/1.png": c.UNREADABLE,
        "C:\\photos\\1.png": c.UNREADABLE,
        "cat": c.UNREADABLE,
    }
    for refused in ("../secret.png", str(outside), "link.png"):
        assert column(result, c.SHA256)[refused] == ""
        assert "outside" in column(result, c.REASON)[refused]
    assert any("1 rows of t.csv name no file" in note for note in result.notes)


def test_repeated_rows_and_missing_labels(root: Path) -> None:
    rows = [
        {"file": "cat/1.png", "label": "cat"},
        {"file": "cat/1.png", "label": "cat"},
        {"file": "./cat/1.png", "label": "lynx"},
        {"file": "cat/2.png", "label": None},
        {"file": "dog/1.png", "label": 3.0},
        {"file": "dog/2.png", "label": float("nan")},
        {"file": "dog/10.png", "label": " big \n dog "},
    ]
    path = root / "t.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    result = manifest.scan(path)
    assert column(result, c.LABEL) == {
        "cat/1.png": "cat",
        "cat/2.png": c.NO_LABEL,
        "dog/1.png": "3",
        "dog/2.png": c.NO_LABEL,
        "dog/10.png": "big dog",
    }
    text = "\n".join(result.notes)
    assert "1 repeated rows" in text
    assert "1 rows give a file another label" in text
    assert "2 rows have no label" in text


def test_a_table_without_labels_is_one_class(root: Path) -> None:
    pd.DataFrame({"file": FILES, "kind": "x"}).to_csv(root / "t.csv", index=False)
    result = manifest.scan(root / "t.csv")
    assert set(result.rows[c.LABEL]) == {c.NO_LABEL}
    assert any("'kind'" in note for note in result.notes)


def test_a_table_separated_by_semicolons(root: Path) -> None:
    (root / "t.csv").write_text("\ufefffile;label\ncat/1.png;cat\n\ncat/2.png;cat\n", "utf-8")
    result = manifest.scan(root / "t.csv")
    assert set(result.rows[c.LABEL]) == {"cat"}
    assert any("';'" in note for note in result.notes)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("t.csv", b"a,b\n1,2\n", "no column of files; its columns are 'a', 'b'"),
        ("t.csv", b"", "is empty"),
        ("t.csv", b"file,label\n", "holds no images"),
        ("t.csv", b"file,label\na,b,c\n", "line 2: 3 fields"),
        ("t.csv", b'file,label\n"a,b\n', "line 2"),
        ("t.csv", b"file,label\ngone.png,b\n", "None of the files"),
        ("t.jsonl", b'{"file": "a"}\n{oops\n', "line 2 is not JSON"),
        ("t.jsonl", b"[1]\n", "line 1 is not an object"),
        ("t.jsonl", b"[" * 100_000, "line 1 is not JSON"),
        ("t.parquet", b"PAR1 no", "not a Parquet file"),
        ("t.parquet", b"", "not a Parquet file"),
        ("t.csv", b'file,label\n"' + b"a" * 10_000_001 + b'",b\n', "line 2: field larger"),
        ("t.csv", b"\0" * 100, "no column of files"),
        ("t.jsonl", b'{"file": ' + b"1" * 5000 + b"}", "line 1 is not JSON"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError, match=message) as told:
        manifest.scan(tmp_path / name)
    assert told.value.hint


def test_a_damaged_parquet_is_said_wherever_the_damage_lies(root: Path) -> None:
    path = root / "t.parquet"
    pd.DataFrame({"file": FILES, "label": "cat"}).to_parquet(path, compression=None)
    whole = path.read_bytes()
    outcomes = set()
    for at in range(4, len(whole) - 4, 5):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            manifest.scan(path)
        except SourceError as error:
            outcomes.add(error.hint)
    assert "Write it again." in outcomes
    path.write_bytes(whole)
    assert column(manifest.scan(path), c.LABEL)["cat/1.png"] == "cat"


def test_a_label_that_ends_in_nul_is_one_with_its_look_alike(root: Path) -> None:
    (root / "t.csv").write_bytes(b"file,label\ncat/1.png,cat\0\ncat/2.png,cat\n")
    result = manifest.scan(root / "t.csv")  # NumPy's texts would lose the last NUL
    assert set(result.rows[c.LABEL]) == {"cat"}
    assert any("read as one" in note for note in result.notes)


def test_of_two_columns_of_one_name_the_first_counts(root: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = [pa.array(FILES[:1]), pa.array(["gone.png"]), pa.array(["cat"]), pa.array(["dog"])]
    names = ["file", "file", "label", "label"]
    pq.write_table(pa.Table.from_arrays(values, names=names), root / "t.parquet")
    (root / "t.csv").write_text(f"{','.join(names)}\n{FILES[0]},gone.png,cat,dog\n")
    for table in ("t.parquet", "t.csv"):
        assert column(manifest.scan(root / table), c.LABEL) == {FILES[0]: "cat"}


def test_a_hundred_thousand_labels(root: Path) -> None:
    lines = "".join(f"cat/{i}.png,label {i}\n" for i in range(100_000))
    (root / "t.csv").write_text("file,label\n" + lines)
    result = manifest.scan(root / "t.csv")
    assert len(set(result.rows[c.LABEL])) == 100_000


anything = st.text(max_size=12) | st.none() | st.integers() | st.floats() | st.booleans()


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.tuples(anything, anything), max_size=6))
def test_any_table_has_a_defined_outcome(root: Path, rows: list[tuple[Any, Any]]) -> None:
    rows.append(("cat/1.png", "cat"))
    path = root / "t.jsonl"
    path.write_text("\n".join(json.dumps({"file": f, "label": label}) for f, label in rows))
    result = manifest.scan(path)
    files, labels = result.rows[c.FILE], result.rows[c.LABEL]
    assert len(set(files)) == len(files)
    assert all(isinstance(name, str) and name for name in (*files, *labels))
    pd.DataFrame(result.rows).to_parquet(root / "rows.parquet")
    for file, status in zip(files, result.rows[c.STATUS], strict=True):
        if status == c.OK:
            assert os.path.realpath(root / file).startswith(os.path.realpath(root) + os.sep)


# -- Hugging Face imagefolders ---------------------------------------------------------


def test_subsets_are_a_column_and_labels_the_folders_below(root: Path, tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    for subset in ("train", "test"):
        (hub / subset).mkdir(parents=True)
        for label in ("cat", "dog"):
            (hub / subset / label).mkdir()
            (hub / subset / label / "1.png").write_bytes((root / "cat/1.png").read_bytes())
    result = manifest.scan(hub)
    assert column(result, c.LABEL)["train/dog/1.png"] == "dog"
    assert column(result, manifest.SPLIT_OF) == {
        "test/cat/1.png": "test",
        "test/dog/1.png": "test",
        "train/cat/1.png": "train",
        "train/dog/1.png": "train",
    }
    assert any("test 2, train 2; the column 'split' says which" in note for note in result.notes)
    (hub / "bus").mkdir()  # beside subsets that hold labels it is nobody's label
    (hub / "bus" / "1.png").write_bytes((root / "cat/1.png").read_bytes())
    more = manifest.scan(hub)
    assert column(more, c.LABEL)["bus/1.png"] == c.NO_LABEL
    assert set(more.rows[c.LABEL]) == {c.NO_LABEL, "cat", "dog"}


def test_a_train_beside_a_bus_and_a_car_is_a_vehicle(root: Path, tmp_path: Path) -> None:
    for label in ("bus", "car", "train"):
        (tmp_path / "hub" / label).mkdir(parents=True)
        (tmp_path / "hub" / label / "1.png").write_bytes((root / "cat/1.png").read_bytes())
    vehicles = manifest.scan(tmp_path / "hub")
    assert set(vehicles.rows[c.LABEL]) == {"bus", "car", "train"}
    assert manifest.SPLIT_OF not in vehicles.rows
    assert any("'train' is taken for a label" in note for note in vehicles.notes)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_metadata_gives_the_labels(root: Path, suffix: str) -> None:
    frame = pd.DataFrame(
        {"file_name": ["cat/1.png", "dog/1.png", "gone.png"], "label": [0, 1, 1], "text": "hello"}
    )
    if suffix == ".csv":
        frame.to_csv(root / "metadata.csv", index=False)
    else:
        frame.to_json(root / "metadata.jsonl", orient="records", lines=True)
    result = manifest.scan(root)
    assert column(result, c.LABEL) == {
        "cat/1.png": "0",
        "cat/2.png": c.NO_LABEL,
        "dog/1.png": "1",
        "dog/2.png": c.NO_LABEL,
        "dog/10.png": c.NO_LABEL,
        "gone.png": "1",
    }
    assert column(result, c.STATUS)["gone.png"] == c.MISSING
    assert any("3 images are not in metadata" in note for note in result.notes)


def test_metadata_of_each_subset(root: Path, tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    for subset, label in (("train", "cat"), ("validation", "lynx")):
        (hub / subset).mkdir(parents=True)
        (hub / subset / "1.png").write_bytes((root / "cat/1.png").read_bytes())
        (hub / subset / "metadata.csv").write_text(f"file_name,label\n1.png,{label}\n")
    result = manifest.scan(hub)
    assert column(result, c.LABEL) == {"train/1.png": "cat", "validation/1.png": "lynx"}
    assert column(result, manifest.SPLIT_OF)["validation/1.png"] == "validation"


def test_metadata_without_labels_leaves_the_folders(root: Path) -> None:
    (root / "metadata.csv").write_text("file_name,text\ncat/1.png,hello\n")
    result = manifest.scan(root)
    assert set(result.rows[c.LABEL]) == {"cat", "dog"}
    assert any("labels are the folders" in note for note in result.notes)


def test_a_label_that_was_guarded_from_spreadsheets_is_itself_again(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "t.csv").write_text("file,label\na.jpg,'=1+1\n", encoding="utf-8")
    result = manifest.scan(tmp_path / "t.csv")
    assert list(result.rows[c.LABEL]) == ["=1+1"]


def test_a_subset_that_is_no_text_is_written_as_bytes(root: Path) -> None:
    rows = [{"file": file, "label": "cat", "split": "tr\ud800ain"} for file in FILES]
    (root / "t.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    result = manifest.scan(root / "t.jsonl")
    pd.DataFrame(result.rows).to_parquet(root / "rows.parquet")
    assert set(column(result, "split").values()) == {r"tr\ud800ain"}
