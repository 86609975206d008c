"""Keys, labels and image paths as FiftyOne's importer looks them up."""

from __future__ import annotations

import json
import os.path
import posixpath
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from embeddings.export.formats.fiftyone import uuids, write
from tests.embeddings.export.making import NASTY_NAMES, make_source

parts = st.sampled_from(["a", "b", "a.jpg", "a.png", "a.jpg.gif", "..x", "c d"])


@given(st.lists(st.tuples(parts, parts).map("/".join) | parts, unique=True, max_size=12))
def test_keys_are_unique(files: list[str]) -> None:
    keys = uuids(files)
    assert len(set(keys)) == len(files)
    for key, file in zip(keys, files, strict=True):
        assert key in (file, os.path.splitext(file)[0])


def test_the_importers_lookup_finds_every_image_and_label(tmp_path: Path) -> None:
    files = [f"dir/{name}.jpg" for name in NASTY_NAMES] + ["dir/plain.png", "bare"]
    labels = ["x" if n % 2 else "=y" for n in range(len(files))]
    decisions = ["relabel: سيارة", "remove"] + [""] * (len(files) - 2)
    source = make_source(tmp_path / "images", files, labels, decisions=decisions)
    write(source, tmp_path / "out")
    content = json.loads((tmp_path / "out" / "labels.json").read_text(encoding="utf-8"))
    data = json.loads((tmp_path / "out" / "data.json").read_text(encoding="utf-8"))
    # fiftyone/utils/data/importers.py: _load_data_map(ignore_exts=True), then by key
    paths = {
        posixpath.normpath(os.path.splitext(key)[0].replace("\\", "/")): value
        for key, value in data.items()
    }
    assert content["classes"] == ["=y", "x", "سيارة"]
    root = str((tmp_path / "images").resolve())
    found = {
        os.path.relpath(paths[key], root): (t["label"], t["attributes"]["given_label"])
        for key, t in content["labels"].items()
    }
    expected = {f: (label, label) for f, label in zip(files, labels, strict=True)}
    expected[files[0]] = ("سيارة", labels[0])
    assert found == expected
    attributes = {k: t["attributes"] for k, t in content["labels"].items()}
    assert attributes["dir/com,ma"]["decision"] == "remove"
    assert "decision" not in attributes["bare"]
    assert "suggested_label" not in attributes["dir/com,ma"]
