"""Fingerprints, and the names of classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings.backbones.description import class_names, file_digest, fingerprint
from embeddings.errors import UsageError


def test_a_folders_digest_knows_content_and_names(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"1")
    first = file_digest(tmp_path)
    assert file_digest(tmp_path) == first
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    second = file_digest(tmp_path)
    (tmp_path / "a" / "y").write_bytes(b"2")
    assert len({first, second, file_digest(tmp_path)}) == 3


def test_a_fingerprint_tells_where_one_part_ends() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_names_beside_the_model(tmp_path: Path) -> None:
    model = tmp_path / "m.tflite"
    assert class_names(model, None, None) == (None, ())
    names, notes = class_names(model, 2, None, inside=("cat", "dog"))
    assert (names, notes) == (("cat", "dog"), ())
    (tmp_path / "m.labels.txt").write_text("bat\nball\n", encoding="utf-8")
    assert class_names(model, 2, None, inside=("cat", "dog")) == (("bat", "ball"), ())
    names, notes = class_names(model, 3, None)
    assert names is None
    assert "2 classes, not 3" in notes[0]


def test_unknown_names_are_said(tmp_path: Path) -> None:
    names, notes = class_names(tmp_path / "m.onnx", 7, None)
    assert names is None
    assert "m.labels.txt" in notes[0]


def test_a_list_asked_for_must_fit(tmp_path: Path) -> None:
    file = tmp_path / "names"
    file.write_text("a\nb", encoding="utf-8")
    assert class_names(tmp_path / "m.onnx", 2, file)[0] == ("a", "b")
    with pytest.raises(UsageError, match="2 classes"):
        class_names(tmp_path / "m.onnx", 3, file)
    with pytest.raises(UsageError, match="can't be read"):
        class_names(tmp_path / "m.onnx", 3, tmp_path / "none")
