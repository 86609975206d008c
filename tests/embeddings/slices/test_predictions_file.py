"""Predictions as people keep them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings.errors import SourceError
from embeddings.slices import FilePredictions, match, read_kept, read_predictions, write_kept


def test_a_table_of_names(tmp_path: Path) -> None:
    file = tmp_path / "told.csv"
    file.write_text("Path;Prediction;split\ncat/1.jpg;dog;train\ncat/2.jpg;cat;val\n")
    told = read_predictions(file)
    assert told.files == ("cat/1.jpg", "cat/2.jpg")
    assert told.predicted == ("dog", "cat")
    assert told.trained_on is not None
    assert told.trained_on.tolist() == [True, False]


def test_names_that_look_like_numbers_or_nothing_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "told.csv"
    file.write_text("file,predicted\n1.jpg,007\n2.jpg,NA\n3.jpg,\n")
    assert read_predictions(file).predicted == ("007", "NA", "")


def test_probabilities_of_each_label(tmp_path: Path) -> None:
    frame = pd.DataFrame({"file": ["a.jpg", "b.jpg"], "cat": [0.9, 0.2], "dog": [0.1, 0.8]})
    for name in ("told.parquet", "told.csv"):
        file = tmp_path / name
        frame.to_parquet(file) if name.endswith("parquet") else frame.to_csv(file, index=False)
        assert read_predictions(file).predicted == ("cat", "dog")


def test_arrays(tmp_path: Path) -> None:
    file = tmp_path / "told.npz"
    np.savez(
        file,
        files=np.array(["a.jpg", "b.jpg"]),
        probabilities=np.array([[0.1, 0.9], [0.6, 0.4]]),
        classes=np.array(["cat", "dog"]),
    )
    assert read_predictions(file).predicted == ("dog", "cat")
    np.savez(file, files=np.array(["a.jpg"]), predicted=np.array(["cat"]))
    assert read_predictions(file).predicted == ("cat",)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.csv", None, "is not there"),
        ("gone.npz", None, "is not there"),
        ("gone.parquet", None, "is not there"),
        ("none.csv", "a,b\n1,2\n", "names no files"),
        ("none.csv", "file,size\na.jpg,9000\n", "holds no predictions"),
        ("bad.npz", "not a zip", "can't be read"),
        ("bad.parquet", "not parquet", "can't be read"),
    ],
)
def test_what_is_no_file_of_predictions_is_said(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(SourceError, match=words):
        read_predictions(tmp_path / name)


def test_arrays_that_do_not_fit_are_said(tmp_path: Path) -> None:
    file = tmp_path / "told.npz"
    np.savez(
        file,
        files=np.array(["a.jpg", "b.jpg"]),
        probabilities=np.zeros((3, 2)),
        classes=np.array(["cat", "dog"]),
    )
    with pytest.raises(SourceError, match="probabilities"):
        read_predictions(file)
    np.savez(file, files=np.array(["a.jpg", "b.jpg"]), predicted=np.array(["cat"]))
    with pytest.raises(SourceError, match="several lengths"):
        read_predictions(file)
    np.savez(file, predicted=np.array(["cat"]))
    with pytest.raises(SourceError, match="names no files"):
        read_predictions(file)


def test_items_are_found_by_the_end_of_their_path() -> None:
    items = ["cat/1.jpg", "dog/1.jpg", "dog/2.jpg"]
    told = FilePredictions(
        ("/home/me/photos/cat/1.jpg", "2.jpg", "1.jpg", "dog\\1.jpg"), ("cat", "dog", "?", "owl")
    )
    found = match(told, items)
    assert found.predicted.tolist() == ["cat", "owl", "dog"]
    assert "1 predictions are of files that are no item" in found.notes[0]
    with pytest.raises(SourceError, match="None of the 1 files"):
        match(FilePredictions(("x.jpg",), ("cat",)), items)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    told = FilePredictions(("a.jpg", "b.jpg"), ("cat", ""), np.array([True, False]))
    write_kept(tmp_path / "kept.parquet", told)
    kept = read_kept(tmp_path / "kept.parquet")
    assert (kept.files, kept.predicted) == (told.files, told.predicted)
    assert kept.trained_on is not None
    assert kept.trained_on.tolist() == [True, False]
