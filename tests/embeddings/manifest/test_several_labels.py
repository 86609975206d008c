"""Several labels for one item, in every form that people write: none of them becomes a label."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError, UnclearSourceError
from embeddings.manifest.tables import labels_of_cells
from tests.embeddings.manifest.sets import draw, labels, put

FILES = [f"imgs/{n}.jpg" for n in range(8)]
Tags = list[list[str]]
SOME: Tags = [
    ["cat", "dog"], ["dog"], ["cat"], ["owl", "cat"], ["dog"], ["owl"], ["cat"], ["cat", "owl"],
]  # fmt: skip
MOST: Tags = [
    ["cat", "dog"], ["dog", "owl"], ["cat", "owl"], ["owl", "cat"], ["dog", "cat"], ["owl", "dog"],
    ["cat", "dog"], ["cat", "owl"],
]  # fmt: skip


def _csv(cell: Callable[[list[str]], str], column: str = "label") -> Callable[[Path, Tags], Path]:
    def write(root: Path, tags: Tags) -> Path:
        pd.DataFrame({"file": FILES, column: [cell(one) for one in tags]}).to_csv(
            root / "t.csv", index=False
        )
        return root / "t.csv"

    return write


def _parquet(root: Path, tags: Tags, column: str = "label") -> Path:
    pd.DataFrame({"file": FILES, column: tags}).to_parquet(root / "t.parquet")
    return root / "t.parquet"


def _lines(root: Path, tags: Tags, column: str = "label") -> Path:
    rows = (json.dumps({"file": f, column: t}) + "\n" for f, t in zip(FILES, tags, strict=True))
    return put(root / "t.jsonl", "".join(rows))


def _file_to_list(root: Path, tags: Tags) -> Path:
    return put(root / "t.json", json.dumps(dict(zip(FILES, tags, strict=True))))


def _one_hot(root: Path, tags: Tags) -> Path:
    names = sorted({tag for one in tags for tag in one})
    rows = [",".join([f, *(str(int(n in one)) for n in names)])
            for f, one in zip(FILES, tags, strict=True)]  # fmt: skip
    return put(root / "t.csv", "\n".join([",".join(["file", *names]), *rows]) + "\n")


def _classifications(root: Path, tags: Tags) -> Path:
    samples = [
        {"filepath": f, "ground_truth": {"classifications": [{"label": tag} for tag in one]}}
        for f, one in zip(FILES, tags, strict=True)
    ]
    return put(root / "samples.json", json.dumps({"samples": samples}))


def _fiftyone_labels(root: Path, tags: Tags) -> Path:
    by_name = {Path(f).stem: one for f, one in zip(FILES, tags, strict=True)}
    return put(root / "labels.json", json.dumps({"classes": [], "labels": by_name}))


def _fiftyone_tags(root: Path, tags: Tags) -> Path:
    samples = [{"filepath": f, "tags": [*one, "train"]}
               for f, one in zip(FILES, tags, strict=True)]  # fmt: skip
    return put(root / "samples.json", json.dumps({"samples": samples}))


def _choices(root: Path, tags: Tags) -> Path:
    tasks = [
        {"data": {"image": f}, "annotations": [{"result": [{"value": {"choices": one}}]}]}
        for f, one in zip(FILES, tags, strict=True)
    ]
    return put(root / "tasks.json", json.dumps(tasks))


def _list(mark: str) -> Callable[[Path, Tags], Path]:
    def write(root: Path, tags: Tags) -> Path:
        lines = (f"{f} {mark.join(one)}\n" for f, one in zip(FILES, tags, strict=True))
        return put(root / "t.txt", "".join(lines))

    return write


def _npz(root: Path, own: np.ndarray, **more: object) -> Path:
    X = np.random.default_rng(0).normal(size=(len(FILES), 4)).astype(np.float32)
    np.savez(root / "e.npz", embeddings=X, files=FILES, labels=own, **more)  # type: ignore[arg-type]
    return root / "e.npz"


def _multi_hot(root: Path, tags: Tags) -> Path:
    names = ["cat", "dog", "owl"]
    own = np.array([[int(name in one) for name in names] for one in tags])
    return _npz(root, own, class_names=np.array(names))


def _joined_npz(root: Path, tags: Tags) -> Path:
    return _npz(root, np.array(["|".join(one) for one in tags]))


FORMS: dict[str, Callable[[Path, Tags], Path]] = {
    **{f"cells with {mark!r}": _csv(mark.join)
       for mark in ("|", ";", ",", ", ", " | ", "/", "+", "&", "\n", " ")},
    "JSON in cells": _csv(json.dumps),
    "Python's lists in cells": _csv(str),
    "Python's tuples in cells": _csv(lambda one: str(tuple(one))),
    "NumPy's arrays in cells": _csv(lambda one: str(np.array(one))),
    "PostgreSQL's arrays in cells": _csv(lambda one: "{" + ",".join(one) + "}"),
    "JSON in a column of tags": _csv(json.dumps, "tags"),
    "joined in a column of tags": _csv("|".join, "image_tags"),
    "Parquet": _parquet,
    "tags in Parquet": lambda root, tags: _parquet(root, tags, "tags"),
    "JSON lines": _lines,
    "tags in JSON lines": lambda root, tags: _lines(root, tags, "tags"),
    "file to list": _file_to_list,
    "one-hot": _one_hot,
    "FiftyOne's classifications": _classifications,
    "FiftyOne's labels.json": _fiftyone_labels,
    "FiftyOne's tags": _fiftyone_tags,
    "Label Studio's choices": _choices,
    "a list with commas": _list(","),
    "multi-hot in an archive of arrays": _multi_hot,
    "joined in an archive of arrays": _joined_npz,
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return draw(tmp_path / "set", FILES)


@pytest.mark.parametrize("form", FORMS)
def test_items_with_several_labels_have_none(root: Path, form: str) -> None:
    """BVLC/caffe pull request 3653 (``1 9``), voxel51/fiftyone pull request 1377 (lists)."""
    result = manifest.scan(FORMS[form](root, SOME), unpack_to=root.parent / "ws")
    wanted = [one[0] if len(one) == 1 else c.NO_LABEL for one in SOME]
    assert labels(result) == dict(zip(FILES, wanted, strict=True))
    assert any("several labels" in note for note in result.notes)


@pytest.mark.parametrize("form", FORMS)
def test_where_most_items_have_several_the_source_is_refused(root: Path, form: str) -> None:
    """openAGI/tefla issue 45: a table with a column for each label and several of them 1."""
    source = FORMS[form](root, MOST)
    with pytest.raises((SourceError, UnclearSourceError)) as told:
        manifest.scan(source, unpack_to=root.parent / "ws")
    assert "--no-labels" in told.value.hint
    result = manifest.scan(source, labels=False, unpack_to=root.parent / "ws")
    assert set(labels(result).values()) == {c.NO_LABEL}


@pytest.mark.parametrize(
    "own",
    [
        ["Washington, DC", "Portland, OR", "Boston, MA"],
        ["polar bear", "brown bear", "polar fox"],
        ["AC/DC", "Guns N' Roses", "AC/DC"],
        ["black & white", "colour", "black"],
        ["C++", "C", "C#"],
        ["(unknown)", "[sic]", "{odd"],
        ["n/a", "yes", "no"],
        ["animals/cat", "animals/dog", "plants/oak"],
    ],
)
def test_marks_within_one_label_part_nothing(own: list[str]) -> None:
    assert labels_of_cells(own).labels == own


def test_one_hot_in_an_archive_of_arrays(root: Path) -> None:
    """Keras's ``to_categorical``: a row of 0 and one 1 for each item."""
    own = np.eye(3, dtype=np.float32)[np.arange(8) % 3]
    result = manifest.scan(_npz(root, own, class_names=np.array(["cat", "dog", "owl"])))
    assert set(labels(result).values()) == {"cat", "dog", "owl"}
    assert any("places that hold 1" in note for note in result.notes)


def test_labels_beside_embeddings_do_not_matter_where_the_source_has_its_own(root: Path) -> None:
    folder = draw(root.parent / "own", ["cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg"])
    X = np.eye(4, dtype=np.float32)
    files = ["cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg"]
    np.savez(root / "e.npz", embeddings=X, files=files, labels=np.ones((4, 3), int))
    result = manifest.scan(folder, embeddings=root / "e.npz")
    assert result.rows[c.LABEL] == ["cat", "cat", "dog", "dog"]


def test_a_box_with_several_labels_has_none(root: Path) -> None:
    value = {"x": 0, "y": 0, "width": 50, "height": 50, "rectanglelabels": ["cat", "dog"]}
    one = {"x": 0, "y": 0, "width": 90, "height": 50, "rectanglelabels": ["cat"]}
    tasks = [
        {"data": {"image": FILES[0]}, "annotations": [{"result": [{"value": value}]}]},
        {"data": {"image": FILES[1]}, "annotations": [{"result": [{"value": one}]}]},
    ]
    result = manifest.scan(put(root / "t.json", json.dumps(tasks)), unpack_to=root.parent / "ws")
    assert sorted(result.rows[c.LABEL]) == ["cat", c.NO_LABEL]
