"""The Splits page as plain data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import columns as c
from explorer.data import Dataset, letter
from explorer.pages.splits import view as splits
from explorer.pages.splits.query import Query, read_query
from explorer.pages.splits.view import asked_for, bins, chunk, heading, splits_view


def labels(dataset: Dataset, query: Query) -> list[str]:
    return [dataset.labels[place] for place in asked_for(dataset, query)]


def test_it_ranks_and_sets_apart(dataset: Dataset) -> None:
    view = splits_view(dataset, Query())
    assert view.heading == "1 of 4 labels hides two kinds of thing"
    assert [card.label for card in view.first.cards] == ["jaguar", "crane"]
    assert [line.label for line in view.first.lines] == ["<b>cup</b>", "car"]
    main, odd = view.first.cards[0].clusters
    assert (main.letter, odd.letter, odd.suggestion) == ("A", "B", "car")
    assert len(odd.images) == 3
    assert view.unreadable == (("jaguar/cut.jpg", "the file is cut short"),)
    assert view.counts == {"": 4, "two": 1, "perhaps": 1, "one": 2}


def test_the_most_typical_images_come_first(dataset: Dataset) -> None:
    shown = dataset.items[c.TYPICALITY].iloc[dataset.typical("jaguar", 0, 5)].tolist()
    assert shown == sorted(shown, reverse=True)
    assert dataset.typical("nobody", 0, 5) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["jaguar", "crane", "<b>cup</b>", "car"]),
        ("?show=one&sort=name", ["<b>cup</b>", "car"]),
        ("?sort=size", ["jaguar", "crane", "<b>cup</b>", "car"]),
        ("?sort=name", ["crane", "jaguar", "<b>cup</b>", "car"]),
        ("?q=CA", ["car"]),
        ("?least=6", ["jaguar", "crane"]),
        ("?low=0.4&high=0.5", ["crane"]),
        ("?q=nobody", []),
    ],
)
def test_filters_and_orders(dataset: Dataset, search: str, found: list[str]) -> None:
    assert labels(dataset, read_query(search)) == found


def test_labels_come_in_chunks(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "CHUNK", 3)
    first = chunk(dataset, Query(), 0)
    assert (first.end, first.more) == (3, 1)
    rest = chunk(dataset, Query(), first.end)
    assert [line.label for line in rest.lines] == ["car"]
    assert (rest.end, rest.more) == (4, 0)


@given(st.text(max_size=60))
def test_any_address_can_be_read(search: str) -> None:
    query = read_query(search)
    assert read_query(query.link().partition("?")[2]) == query


@given(
    st.builds(
        Query,
        show=st.sampled_from(["", "two", "perhaps", "one"]),
        sort=st.sampled_from(["", "size", "name"]),
        q=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        least=st.integers(0, 10**6),
        low=st.floats(0, 1),
        high=st.floats(0, 1),
    )
)
def test_an_address_gives_back_what_made_it(query: Query) -> None:
    assert read_query(query.link().partition("?")[2]) == query


def test_the_distribution_counts_every_label_once() -> None:
    scores = np.array([0.0, 0.01, 0.5, 1.0])
    verdicts = np.array(["one kind", "one kind", "perhaps two", "two kinds"], dtype=object)
    found = bins(scores, verdicts)
    assert sum(one.count for one in found) == 4
    assert (found[0].count, found[-1].verdict) == (2, "two kinds")


@pytest.mark.parametrize(
    ("n", "total", "said"),
    [(0, 5, "No label hides two kinds"), (1200, 2000, "1,200 of 2,000 labels hide two kinds")],
)
def test_headings(n: int, total: int, said: str) -> None:
    assert heading(n, total).startswith(said)


def test_letters_go_on_after_z() -> None:
    assert [letter(n) for n in (-1, 0, 1, 25, 26)] == ["–", "A", "B", "Z", "A1"]
