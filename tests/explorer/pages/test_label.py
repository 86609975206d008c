"""The Class page as plain data."""

from __future__ import annotations

import pytest

from explorer.components import label_in, label_link
from explorer.data import Dataset
from explorer.pages.label.view import again, amount, heading, label_view


def test_a_split_label_stands_side_by_side(dataset: Dataset) -> None:
    view = label_view(dataset, "jaguar")
    assert view.heading == "“jaguar” is two kinds of thing"
    assert view.sentence == "9 images show one kind; 4 look like car."
    main, odd = view.columns
    assert (main.title, main.size, main.suggestion) == ("jaguar", 9, None)
    assert (odd.title, odd.size, odd.suggestion, odd.is_odd) == (
        "looks like car",
        4,
        "car",
        True,
    )
    assert [dataset.label_of(row) for row in odd.proof] == ["car"] * 5
    assert (view.before, view.after, view.n_unreadable) == (None, "crane", 1)
    assert [sign.text for sign in view.signs] == ["A · jaguar", "B · car?"]
    assert sum(len(group.rows) for group in view.groups) == 13
    assert [reason.title for reason in view.reasons] == ["Seen.", "Neighbours.", "Gap.", "Steady."]


def test_its_items_come_most_typical_first(dataset: Dataset) -> None:
    items = label_view(dataset, "jaguar").items
    assert [(one["number"], len(one["rows"])) for one in items] == [(0, 9), (1, 4)]
    assert items[0]["rows"] == list(range(9))
    assert items[1]["files"][0] == "jaguar/1-0.jpg"


def test_a_whole_label_says_so(dataset: Dataset) -> None:
    view = label_view(dataset, "car")
    assert view.heading == "“car” is one kind of thing"
    assert view.sentence == "All 5 images hang together."
    assert view.after is None


def test_files_that_explain_a_split_are_named(dataset: Dataset) -> None:
    assert label_view(dataset, "crane").reasons[-1].title == "The source."


def test_words() -> None:
    assert heading("x", "perhaps two", 3) == "“x” is perhaps three kinds of thing"
    assert [amount(s) for s in (1, 0.9, 0.5, 0)] == [
        "all",
        "nearly all",
        "about half",
        "hardly any",
    ]
    assert [again(s) for s in (1, 0.7, 0.1)] == ["every time", "most times", "only now and then"]


@pytest.mark.parametrize("label", ["jaguar", "a/b c", "..", "<i>", "ягуар", "50%", "?x=1#y"])
def test_any_text_may_be_a_label(label: str) -> None:
    assert label_in(label_link(label)) == label


def test_other_addresses_name_no_label() -> None:
    assert label_in("/map") is None
    assert label_in("/class/") is None
