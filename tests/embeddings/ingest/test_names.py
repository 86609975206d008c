"""Finding the item that is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.ingest.names import AMBIGUOUS, NOWHERE, Names

FILES = [
    "cat/1.jpg",
    "dog/1.jpg",
    "dog/only.png",
    "a b/c#1.jpg",
    "é/x.jpg",
    "same/s.jpg",
    "top.jpg",
]
SHAS = ["aa", "bb", "cc", "", "ee", "ee", "ff"]
NAMES = Names(FILES, SHAS)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("cat/1.jpg", 0),
        ("/data/set/dog/1.jpg", 1),
        ("images\\dog\\1.jpg", 1),
        ("./cat/1.jpg", 0),
        ("cat/1", 0),
        ("1.jpg", AMBIGUOUS),
        ("elsewhere/1.jpg", AMBIGUOUS),
        ("only.png", 2),
        ("elsewhere/only.png", 2),
        ("only", 2),
        ("/data/local-files/?d=mnt/a%20b/c%231.jpg", 3),
        ("/data/upload/3/0123abcd-only.png", 2),
        ("https://host/x/a%20b/c%231.jpg?size=3", 3),
        ("e\u0301/x.jpg", 4),
        ("/anywhere/top.jpg", 6),
        ("none.jpg", NOWHERE),
        ("", NOWHERE),
    ],
)
def test_by_name(name: str, row: int) -> None:
    assert NAMES.find([name], None) == row


def test_content_finds_what_names_do_not() -> None:
    assert NAMES.find(["none.jpg"], "CC") == 2
    assert NAMES.find([], "cc") == 2
    assert NAMES.find(["none.jpg"], "ee") == AMBIGUOUS
    assert NAMES.find(["1.jpg"], "bb") == 1
    assert NAMES.find([], None) == NOWHERE


def test_a_file_whose_content_lies_elsewhere_was_moved() -> None:
    assert NAMES.find(["cat/1.jpg"], "bb") == 1
    assert NAMES.find(["cat/1.jpg"], "unknown") == 0
    assert NAMES.find(["same/s.jpg"], "ee") == 5


@given(st.lists(st.text(min_size=1, max_size=6), unique=True, min_size=1, max_size=20))
def test_a_file_is_always_found_by_its_own_name(files: list[str]) -> None:
    names = Names(files, [""] * len(files))
    for row, file in enumerate(files):
        assert names.find([file], None) == row
