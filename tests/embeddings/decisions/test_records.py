"""Keys, choices and their text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.decisions import Choice, Item, parse_choice
from embeddings.decisions.records import LONGEST_NAME, clean_name
from embeddings.errors import UsageError

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def test_a_renamed_file_is_the_same_item() -> None:
    assert Item("a/1.jpg", "a", "ab").key == Item("moved/2.png", "a", "AB").key


def test_the_same_content_under_two_labels_is_two_items() -> None:
    assert Item("x.jpg", "a", "ab").key != Item("x.jpg", "b", "ab").key


def test_without_an_image_the_file_stands_for_the_content() -> None:
    assert Item("x", "a").key == Item("x", "a", only_this_file=True).key
    assert len({Item("x", "a").key, Item("y", "a").key, Item("z", "a", "x").key}) == 3


def test_one_copy_is_not_all_copies_but_in_their_group() -> None:
    both, one = Item("x", "a", "ab"), Item("x", "a", "ab", only_this_file=True)
    assert one.key != both.key
    assert one.group == both.group == both.key
    assert one.key != Item("y", "a", "ab", only_this_file=True).key


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"])
def test_names_that_no_database_keeps_are_refused(bad: str) -> None:
    for item in (Item(bad, "a"), Item("x", bad, "ab")):
        with pytest.raises(UsageError, match="can't be stored"):
            _ = item.key
    with pytest.raises(UsageError, match="can't be stored"):
        Choice("keep", note=bad)


@pytest.mark.parametrize(
    ("action", "to_label", "says"),
    [
        ("relabel", None, "empty"),
        ("relabel", " \n", "empty"),
        ("remove", "car", "takes no label"),
        ("delete", None, "no action 'delete'"),
        ("relabel", "x" * (LONGEST_NAME + 1), "characters"),
    ],
)
def test_a_choice_that_makes_no_sense(action: str, to_label: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Choice(action, to_label)  # type: ignore[arg-type]


def test_a_label_is_spelt_one_way() -> None:
    assert Choice("relabel", "  fire\u00a0 engine\n").to_label == "fire engine"
    assert clean_name("e\u0301", "label") == "\u00e9"


@given(NAMES.filter(lambda name: bool(name.strip())))
def test_the_text_of_a_relabel_is_read_back(label: str) -> None:
    choice = Choice("relabel", label)
    assert parse_choice(choice.text) == choice


@pytest.mark.parametrize("action", ["remove", "keep", "unsure"])
def test_the_text_of_other_actions_is_read_back(action: str) -> None:
    assert parse_choice(action, "why") == Choice(action, note="why")  # type: ignore[arg-type]


def test_text_that_is_no_decision() -> None:
    assert parse_choice(" ") is None
    for text in ("relabel", "relabel:", "Remove it", "relabel:car"):
        with pytest.raises(UsageError, match="no decision"):
            parse_choice(text)
