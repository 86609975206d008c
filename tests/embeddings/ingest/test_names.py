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
NAMES = Names(FILES)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("cat/1.jpg", 0),
        ("/data/set/dog/1.jpg", 1),
        ("images\\dog\\1.jpg", 1),
        ("./cat/1.jpg", 0),
        ("cat/1", 0),
        ("1.jpg", AMBIGUOUS),
        ("elsewhere/1.jpg", NOWHERE),
        ("only.png", 2),
        ("elsewhere/only.png", NOWHERE),  # it says more than a name, and that is of no item
        ("https://host/only.png", 2),
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
    assert NAMES.find([name]) == row


def test_a_base_name_counts_only_where_no_name_of_the_row_says_more() -> None:
    assert NAMES.find(["/data/upload/3/0123abcd-only.png"]) == 2
    assert NAMES.find(["bat/only.png", "/data/upload/3/0123abcd-only.png"]) == NOWHERE
    assert NAMES.find([]) == NOWHERE


@given(st.lists(st.text(min_size=1, max_size=6), unique=True, min_size=1, max_size=20))
def test_a_file_is_always_found_by_its_own_name(files: list[str]) -> None:
    names = Names(files)
    for row, file in enumerate(files):
        assert names.find([file]) == row
