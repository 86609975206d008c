"""Embeddings somebody else made, alone and beside a data set."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError
from embeddings.manifest import unpacked
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


def vectors(n: int, width: int = 4) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.arange(n * width, dtype=np.float32).reshape(n, width)


def firsts(result: ScanResult) -> dict[str, float]:
    assert result.embeddings is not None
    assert result.embeddings.dtype == np.float32
    return {
        file: float(row[0])
        for file, row in zip(result.rows[c.FILE], result.embeddings, strict=True)
    }


def test_npz_alone(root: Path) -> None:
    files = ["dog/10.png", "cat/1.png", "elsewhere/2.png"]
    np.savez(root / "e.npz", embeddings=vectors(3), files=files, labels=["dog", "cat", "cat"])
    result = manifest.scan(root / "e.npz")
    assert firsts(result) == {"cat/1.png": 4.0, "dog/10.png": 0.0, "elsewhere/2.png": 8.0}
    assert column(result, c.LABEL)["elsewhere/2.png"] == "cat"
    assert column(result, c.STATUS) == {
        "cat/1.png": c.OK,
        "dog/10.png": c.OK,
        "elsewhere/2.png": c.NO_IMAGE,
    }
    assert len(set(result.rows[c.SHA256])) == 3


def test_npy_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", vectors(12).astype(np.float64))
    result = manifest.scan(tmp_path / "e.npy")
    assert list(result.rows[c.FILE])[-1] == "0000011"
    assert set(result.rows[c.STATUS]) == {c.NO_IMAGE}
    assert list(firsts(result).values()) == [4.0 * i for i in range(12)]


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_a_table_with_vectors(root: Path, suffix: str) -> None:
    rows = {"file": FILES[:3], "label": "x", "embedding": [[1.0, 2.0], None, [3.0, 4.0]]}
    if suffix == ".parquet":
        pd.DataFrame(rows).to_parquet(root / "e.parquet")
    else:
        pd.DataFrame(rows).to_json(root / "e.jsonl", orient="records", lines=True)
    result = manifest.scan(root / f"e{suffix}")
    assert column(result, c.STATUS)["cat/2.png"] == c.UNREADABLE
    assert firsts(result)["dog/1.png"] == 3.0
    beside = manifest.scan(root, embeddings=root / f"e{suffix}")
    assert firsts(beside)["dog/1.png"] == 3.0
    assert column(beside, c.REASON)["dog/2.png"] == "there is no embedding of it"


def test_fixed_size_lists_of_parquet(root: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    half = pa.FixedSizeListArray.from_arrays(pa.array(vectors(4).ravel().astype(np.float16)), 4)
    pq.write_table(pa.table({"file": FILES[:4], "embedding": half}), root / "e.parquet")
    assert firsts(manifest.scan(root / "e.parquet"))["dog/10.png"] == 12.0


def test_rows_without_names_follow_sorted_paths(root: Path) -> None:
    np.save(root / "e.npy", vectors(5))
    result = manifest.scan(root, embeddings=root / "e.npy")
    assert firsts(result) == {file: 4.0 * i for i, file in enumerate(FILES)}
    assert any("'cat/1.png' first and 'dog/2.png' last" in note for note in result.notes)
    np.save(root / "e.npy", vectors(4))
    with pytest.raises(SourceError, match=r"4 embeddings without file names, and .* 5 items"):
        manifest.scan(root, embeddings=root / "e.npy")


def test_rows_without_names_follow_the_table(root: Path) -> None:
    order = [FILES[3], FILES[0], FILES[4]]
    pd.DataFrame({"file": order, "label": "x"}).to_csv(root / "t.csv", index=False)
    np.save(root / "e.npy", vectors(3))
    result = manifest.scan(root / "t.csv", embeddings=root / "e.npy")
    assert firsts(result) == {file: 4.0 * i for i, file in enumerate(order)}


def test_names_match_by_folder_and_file_too(root: Path) -> None:
    files = [f"/other/place/{file}" for file in FILES] + ["/other/place/fox/1.png"]
    np.savez(root / "e.npz", embeddings=vectors(6), files=files)
    result = manifest.scan(root, embeddings=root / "e.npz")
    assert firsts(result) == {file: 4.0 * i for i, file in enumerate(FILES)}
    text = "\n".join(result.notes)
    assert "5 embeddings were matched by folder and file name" in text
    assert "1 embeddings belong to no item" in text
    np.savez(root / "e.npz", embeddings=vectors(1), files=["fox/1.png"])
    with pytest.raises(SourceError, match="None of the files"):
        manifest.scan(root, embeddings=root / "e.npz")


def test_labels_come_along_where_the_source_has_none(root: Path) -> None:
    for file in FILES:
        (root / file).rename(root / file.replace("/", "_"))
    files = [file.replace("/", "_") for file in FILES]
    labels = [file.split("/")[0] for file in FILES]
    np.savez(root / "e.npz", embeddings=vectors(5), files=files, labels=labels)
    result = manifest.scan(root, embeddings=root / "e.npz")
    assert result.labelled
    assert column(result, c.LABEL)["dog_10.png"] == "dog"
    assert not manifest.scan(root, embeddings=root / "e.npz", labels=False).labelled


def test_what_is_not_finite_is_a_row_with_the_reason(root: Path) -> None:
    matrix = vectors(5).astype(np.float64)
    matrix[1, 2], matrix[2, 0], matrix[3, 0] = np.nan, np.inf, 1e300
    np.savez(root / "e.npz", embeddings=matrix, files=FILES)
    result = manifest.scan(root, embeddings=root / "e.npz")
    assert column(result, c.STATUS) == {
        "cat/1.png": c.OK,
        "cat/2.png": c.UNREADABLE,
        "dog/1.png": c.UNREADABLE,
        "dog/10.png": c.UNREADABLE,
        "dog/2.png": c.OK,
    }
    assert "NaN" in column(result, c.REASON)["cat/2.png"]
    assert result.embeddings is not None
    assert np.isnan(result.embeddings).all(axis=1).tolist() == [False, True, True, False, True]


def test_an_image_that_is_broken_matters_not_beside_its_embedding(root: Path) -> None:
    (root / FILES[0]).write_bytes(b"oops")
    np.savez(root / "e.npz", embeddings=vectors(5), files=FILES)
    result = manifest.scan(root, embeddings=root / "e.npz")
    assert column(result, c.STATUS)[FILES[0]] == c.NO_IMAGE
    assert "not an image" in column(result, c.REASON)[FILES[0]]


def test_values_beyond_half_precision_are_scaled(root: Path) -> None:
    np.savez(root / "e.npz", embeddings=vectors(5) * 1e6, files=FILES)
    result = manifest.scan(root, embeddings=root / "e.npz")
    assert result.embeddings is not None
    assert np.isfinite(result.embeddings.astype(np.float16)).all()
    largest = result.embeddings.max()
    shares = {file: first / largest for file, first in firsts(result).items()}
    assert shares == pytest.approx({file: 4 * i / 19 for i, file in enumerate(FILES)})
    assert any("divided by" in note for note in result.notes)


def saved(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_embeddings_that_are_none(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    objects = np.empty(1, dtype=object)
    objects[0] = Trap()
    e = tmp_path / "e.npz"
    for arrays, message in (
        ({"a": vectors(2), "b": vectors(2)}, "no 'embeddings'"),
        ({"embeddings": vectors(2), "p": ["a", "b"], "q": ["c", "d"]}, "no array 'files'"),
        ({"embeddings": vectors(2), "files": ["a"]}, "2 embeddings but 1 files"),
        ({"embeddings": vectors(2), "labels": ["a"]}, "2 embeddings but 1 labels"),
        ({"embeddings": np.zeros(5)}, r"the shape \(5,\)"),
        ({"embeddings": np.zeros((5, 0))}, r"the shape \(5, 0\)"),
        ({"embeddings": np.zeros((0, 5))}, "no embeddings"),
        ({"embeddings": np.array([["a"]])}, "not numbers"),
        ({"embeddings": np.zeros((1, 2), dtype=complex)}, "not numbers"),
        ({"embeddings": vectors(1), "files": objects}, "Python objects"),
    ):
        with pytest.raises(SourceError, match=message) as told:
            manifest.scan(saved(e, **arrays))
        assert told.value.hint
    assert not (tmp_path / "ran").exists()
    whole = saved(e, embeddings=vectors(50), files=[str(i) for i in range(50)]).read_bytes()
    for data in (b"", b"oops", whole[:100], whole[: len(whole) // 2], whole[:-30]):
        e.write_bytes(data)
        with pytest.raises(SourceError):
            manifest.scan(e)


def test_vectors_of_two_widths_are_refused(root: Path) -> None:
    rows = {"file": FILES[:2], "embedding": [[1.0, 2.0], [3.0]]}
    pd.DataFrame(rows).to_parquet(root / "e.parquet")
    pd.DataFrame(rows).to_json(root / "e.jsonl", orient="records", lines=True)
    for suffix in (".parquet", ".jsonl"):
        with pytest.raises(SourceError, match="differ in width, 2 and 1"):
            manifest.scan(root / f"e{suffix}")
    pd.DataFrame({"file": FILES[:2], "embedding": ["a", "b"]}).to_parquet(root / "e.parquet")
    with pytest.raises(SourceError, match="does not hold lists of numbers"):
        manifest.scan(root / "e.parquet")
    (root / "e.jsonl").write_text('{"file": "a", "embedding": ["x", 1]}')
    with pytest.raises(SourceError, match="does not hold lists of numbers"):
        manifest.scan(root / "e.jsonl")


def test_two_sources_of_embeddings_are_one_too_many(root: Path) -> None:
    path = saved(root / "e.npz", embeddings=vectors(1), files=["a"])
    other = saved(root / "f.npz", embeddings=vectors(1), files=["a"])
    with pytest.raises(SourceError, match="brings its own"):
        manifest.scan(path, embeddings=other)
    assert len(manifest.scan(path, embeddings=path).rows[c.FILE]) == 1  # the same file twice is one


def test_a_name_longer_than_any_file_has_no_image(tmp_path: Path) -> None:
    np.savez(tmp_path / "e.npz", embeddings=vectors(2), files=["x" * 300 + ".png", "a/" * 3000])
    result = manifest.scan(tmp_path / "e.npz")
    assert set(result.rows[c.STATUS]) == {c.NO_IMAGE}


def test_labels_of_arrays_that_look_the_same_are_one_and_that_is_said(tmp_path: Path) -> None:
    labels = ["big cat", " big  cat", "caf\u00e9", "cafe\u0301", ""]
    np.savez(tmp_path / "e.npz", embeddings=vectors(5), labels=labels)
    result = manifest.scan(tmp_path / "e.npz")
    assert set(result.rows[c.LABEL]) == {"big cat", "caf\u00e9", c.NO_LABEL}
    assert sum("read as one" in note for note in result.notes) == 2


def test_a_packed_array_that_is_none(tmp_path: Path) -> None:
    e = tmp_path / "e.npz"
    header = b"\x93NUMPY\x01\x00"
    for content in (b"oops", header + b"\x05\x00{'a':", header + b"\x04\x00(((("):
        with zipfile.ZipFile(e, "w") as pack:
            pack.writestr("embeddings.npy", content)
        with pytest.raises(SourceError) as told:
            manifest.scan(e)
        assert told.value.hint


@pytest.mark.shared
def test_embeddings_of_photos(shared: Path) -> None:
    data = shared / "data"
    result = manifest.scan(data / "photos", embeddings=data / "photos_mobilenetv2.npz")
    assert set(result.rows[c.STATUS]) == {c.OK}
    assert result.embeddings is not None
    assert result.embeddings.shape == (2594, 1280)


@pytest.mark.parametrize("number", [0x110000, 0x3FFFFF, 0x7FFFFFFF])
def test_a_string_of_numbers_that_are_no_characters_is_written_as_bytes(
    root: Path, number: int
) -> None:
    spoilt = np.array([ord("a"), number, 0xD800], dtype="<u4").view("<U3")
    names = np.concatenate([np.array(FILES[:1]), spoilt])
    np.savez(root / "e.npz", embeddings=vectors(2), files=names, labels=["cat", "dog"])
    result = manifest.scan(root / "e.npz")
    pd.DataFrame(result.rows).to_parquet(root / "rows.parquet")
    assert "its name is not valid text" in result.rows[c.REASON]


@pytest.mark.parametrize("suffix", [".npz", ".parquet"])
def test_what_unpacks_to_more_than_the_memory_is_refused(
    root: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million zeros pack to next to nothing, and so would a million times as many."""
    path = root / f"bomb{suffix}"
    zeros = np.zeros((4000, 250), np.float32)
    if suffix == ".npz":
        np.savez_compressed(path, embeddings=zeros)
    else:
        names = [f"{row}.png" for row in range(4000)]
        frame = pd.DataFrame({"file": names, "embedding": list(zeros)})
        frame.to_parquet(path, compression="zstd")
    assert path.stat().st_size < 50_000
    assert manifest.scan(path).embeddings is not None
    monkeypatch.setattr(unpacked, "memory", lambda: 1_000_000)
    with pytest.raises(SourceError, match="more than the 0 GB of memory here"):
        manifest.scan(path)
