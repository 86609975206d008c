"""Packed thumbnails."""

from __future__ import annotations

import hashlib
from pathlib import Path

from embeddings.storage import ThumbnailIndex, write_thumbnails


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_each_content_is_found_in_whichever_file(tmp_path: Path) -> None:
    write_thumbnails(tmp_path / "a.arrow", [sha("1"), sha("2")], [b"one", b"two"])
    write_thumbnails(tmp_path / "b.arrow", [sha("3")], [b"three"])
    index = ThumbnailIndex(tmp_path)
    assert len(index) == 3
    assert [index.get(sha(k)) for k in "1234"] == [b"one", b"two", b"three", None]


def test_two_contents_with_one_beginning_are_told_apart(tmp_path: Path) -> None:
    first, second = "ab" * 8 + "0" * 48, "ab" * 8 + "1" * 48
    write_thumbnails(tmp_path / "a.arrow", [first, second], [b"one", b"two"])
    index = ThumbnailIndex(tmp_path)
    assert index.get(second) == b"two"
    assert index.get("ab" * 8 + "2" * 48) is None


def test_no_folder_is_no_thumbnails(tmp_path: Path) -> None:
    assert ThumbnailIndex(tmp_path / "none").get(sha("1")) is None
