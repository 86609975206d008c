"""Arrays and frames as a source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import embeddings
from tests.embeddings.api.test_workspace import kinds


def test_a_frame_of_embeddings_with_files_and_labels(tmp_path: Path) -> None:
    X, labels = kinds()
    frame = pd.DataFrame(X).assign(label=labels, file=[f"{i:02d}.jpg" for i in range(len(X))])
    ws = embeddings.run(frame, tmp_path / "birds")
    assert ws.name == "birds"
    assert ws.items()["file"].tolist() == frame["file"].tolist()
    assert ws.classes()["label"].iloc[0] == "cat"
    again = embeddings.run(
        frame[list(range(16))], tmp_path / "again", files=frame["file"], labels=frame["label"]
    )
    ours, theirs = ws.items(), again.items()
    pd.testing.assert_frame_equal(ours, theirs)


def test_without_labels_there_is_one_class(tmp_path: Path) -> None:
    ws = embeddings.run(kinds()[0], tmp_path / "ws")
    assert ws.classes()["label"].tolist() == ["unlabelled"]


def test_missing_labels_are_unlabelled(tmp_path: Path) -> None:
    X, labels = kinds()
    given = pd.Series(labels, dtype="object")
    given[given == "owl"] = None
    ws = embeddings.run(X, tmp_path / "ws", labels=given)
    assert set(ws.items()["label"]) == {"cat", "dog", "unlabelled"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"files": ["a.jpg"]}, "80 embeddings and 1 files"),
        ({"labels": ["a"]}, "80 embeddings and 1 labels"),
        ({"embeddings": "x.npz"}, "a source in memory"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, more: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        embeddings.run(kinds()[0], tmp_path / "ws", **more)  # type: ignore[arg-type]


def test_a_source_on_disk_brings_its_own_names(tmp_path: Path) -> None:
    with pytest.raises(embeddings.UsageError, match="sources in memory"):
        embeddings.run(tmp_path, tmp_path / "ws", labels=["a"])


def test_a_frame_of_files_alone_says_what_to_do(tmp_path: Path) -> None:
    frame = pd.DataFrame({"file": ["a.jpg"], "label": ["a"]})
    with pytest.raises(embeddings.UsageError, match="to_csv"):
        embeddings.run(frame, tmp_path / "ws")


def test_the_same_array_gives_the_same_bytes(tmp_path: Path) -> None:
    X, labels = kinds()
    for name in ("one", "two"):
        embeddings.run(X, tmp_path / name / "ws", labels=labels)
    one, two = (tmp_path / name / "ws" / "source" / "ws.npz" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert np.load(one)["embeddings"].shape == X.shape
