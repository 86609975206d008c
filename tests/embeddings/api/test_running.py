"""Arrays and frames as a source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import embeddings
from tests.embeddings.api.test_workspace import kinds
from tests.embeddings.photos import make_photo, make_photos
from tests.embeddings.pipeline.test_run import Colours


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


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twelve photos of crowds and twelve of owls, in folders that do not say which."""
    make_photos(tmp_path / "photos", one=12, two=12)
    return tmp_path / "photos"


def frame_of(pictures: Path) -> pd.DataFrame:
    files = sorted(pictures.rglob("*.png"))
    species = ["crane" if file.parent.name == "one" else "owl" for file in files]
    return pd.DataFrame(
        {"path": [str(f.relative_to(pictures)) for f in files], "species": species, "shot": 3}
    )


def test_a_frame_names_image_files_below_a_root(pictures: Path, tmp_path: Path) -> None:
    frame = frame_of(pictures)
    ws = embeddings.run(frame, tmp_path / "birds", root=pictures, model=Colours())
    assert (ws.name, Path(ws.info.root)) == ("birds", pictures)
    items = ws.items().set_index("file").loc[frame["path"]]
    assert items["label"].tolist() == frame["species"].tolist()
    assert (items["status"] == "ok").all()
    again = embeddings.run(frame, tmp_path / "birds", root=str(pictures), model=Colours())
    assert again.run_id == ws.run_id


def test_absolute_paths_need_no_root_and_relative_ones_begin_here(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = frame_of(pictures)
    absolute = frame.assign(path=[pictures / path for path in frame["path"]])  # objects, not text
    one = embeddings.run(absolute, tmp_path / "one", model=Colours())
    assert set(one.items()["file"]) == set(frame["path"])
    monkeypatch.chdir(pictures)
    two = embeddings.run(frame[["species"]], tmp_path / "two", files=frame["path"], model=Colours())
    pd.testing.assert_frame_equal(one.items(), two.items())


def test_labels_beside_a_frame_of_files_go_before_its_own(pictures: Path, tmp_path: Path) -> None:
    frame = frame_of(pictures).rename(columns={"path": "file", "species": "label"})
    ws = embeddings.run(
        frame, tmp_path / "ws", root=pictures, labels=[None, *["bird"] * 23], model=Colours()
    )
    assert ws.items()["label"].value_counts().to_dict() == {"bird": 23, "unlabelled": 1}


def test_what_lies_outside_the_root_is_not_opened(pictures: Path, tmp_path: Path) -> None:
    frame = frame_of(pictures)
    ws = embeddings.run(frame, tmp_path / "ws", root=pictures / "one" / "..", model=Colours())
    assert (ws.items()["status"] == "ok").all()
    make_photo(tmp_path / "secret.png", 99)
    frame.loc[0, "path"] = "../secret.png"
    ws = embeddings.run(frame, tmp_path / "ws", root=pictures, model=Colours())
    assert "outside" in ws.items().set_index("file").loc["../secret.png", "reason"]


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        ({}, {"root": "nowhere"}, "as root="),
        ({}, {"files": ["a.png"]}, "24 rows, and there are 1 files"),
        ({"species": [object()] * 24}, {}, "can't be written as a table"),
    ],
)
def test_a_frame_that_does_not_fit_is_said(
    pictures: Path, tmp_path: Path, change: dict[str, object], more: dict[str, object], said: str
) -> None:
    frame = frame_of(pictures).assign(**change)  # type: ignore[arg-type]
    with pytest.raises(embeddings.RosetteError) as told:
        embeddings.run(frame, tmp_path / "ws", model=Colours(), **more)  # type: ignore[arg-type]
    assert said in f"{told.value.message} {told.value.hint}"


def test_a_root_is_for_tables(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(embeddings.RosetteError, match="A root is for the paths of a table"):
        embeddings.run(pictures, tmp_path / "ws", root=tmp_path, model=Colours())


def test_the_same_array_gives_the_same_bytes(tmp_path: Path) -> None:
    X, labels = kinds()
    for name in ("one", "two"):
        embeddings.run(X, tmp_path / name / "ws", labels=labels)
    one, two = (tmp_path / name / "ws" / "source" / "ws.npz" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert np.load(one)["embeddings"].shape == X.shape
