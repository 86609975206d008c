"""Labels to choose from, near-spellings, and search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.data import Dataset, choices, find, folded, words
from explorer.data.choices import edits, near_spellings
from explorer.data.search import matches

NAMES = ["wild_cat", "wildcat", "Wild-Dog", "cat", "tom cat", "truck", "bus"]


def test_what_joins_words_does_not_matter() -> None:
    assert matches(NAMES, "wild cat") == ["wild_cat", "wildcat"]
    assert matches(NAMES, "WILD") == ["wild_cat", "wildcat", "Wild-Dog"]
    assert matches(NAMES, "dog wild") == ["Wild-Dog"]
    assert matches(NAMES, "cat")[0] == "cat"  # the whole name comes first


def test_files_are_found_by_all_words(dataset: Dataset) -> None:
    found = find(dataset, "car 0")
    assert [one["label"] for one in found["labels"]] == []
    assert found["n_files"] == 5
    assert find(dataset, " _- ")["n_files"] == 0


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("wild cat", ["wild_cat", "wildcat"]),
        ("trucks", ["truck"]),
        ("trukc", []),  # two letters of five
        ("truck", []),  # it is one
        ("bux", []),  # too short to be told from others
    ],
)
def test_near_spellings(text: str, near: list[str]) -> None:
    assert near_spellings(NAMES, text) == near


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_are_symmetric_and_bounded(a: str, b: str) -> None:
    distance = edits(a, b, 20)
    assert distance == edits(b, a, 20)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))
    assert (distance == 0) == (a == b)
    assert edits(a, b, 1) == min(distance, 2)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_labels_that_decisions_made_can_be_chosen(dataset: Dataset) -> None:
    every = choices(dataset, "", {"Jaguar XJ": 3, "car": 9})
    assert every["total"] == 5
    assert {"label": "Jaguar XJ", "size": 3, "rows": []} in every["labels"]
    assert next(one for one in every["labels"] if one["label"] == "car")["size"] == 5
    near = choices(dataset, "Jaguars")
    assert [one["label"] for one in near["near"]] == ["jaguar"]
    assert (near["labels"], near["exact"]) == ([], False)
    assert choices(dataset, "jaguar")["exact"]


def test_a_selection_in_words() -> None:
    assert words([]) == ""
    assert words([("car", 5)]) == "All are labelled car."
    assert words([("car", 1200), ("cat", 3)]) == "1,200 labelled car lie among 3 labelled cat."
    assert words([("car", 1200), ("cat", 3), ("dog", 1)]) == "1,204 images, 3 labels."
