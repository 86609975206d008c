"""Addresses of pages, as anybody may write them."""

from __future__ import annotations

import pytest

from explorer.components import asked_in, label_in, label_link, read_place
from explorer.components.links import MOST_FIELDS, Place
from explorer.data import Dataset, Services
from explorer.server import create_app, page_at


@pytest.mark.parametrize("label", ["a/b", "..", "%", "caf\u00e9", "\u202e", "a\nb", "?x=1#y", " "])
def test_any_label_has_an_address(label: str) -> None:
    assert label_in(label_link(label)) == label


@pytest.mark.parametrize("given", [None, 5, "/", [], {}, {"pathname": 5, "search": []}])
def test_what_makes_no_sense_is_the_first_page(given: object) -> None:
    assert read_place(given) == Place("/", "")


def test_the_first_value_of_each_name_counts() -> None:
    assert asked_in("?a=1&b=%20&a=2&c") == {"a": "1", "b": " "}
    assert asked_in("") == asked_in("%") == asked_in("\0=") == {}


@pytest.mark.parametrize("pathname", ["/", "/overview", "/confusion", "/images", "/map", "/review"])
@pytest.mark.parametrize("search", ["?" + "a=1&" * (MOST_FIELDS + 1), "?q=%ff%00&seed=" + "9" * 99])
def test_an_absurd_query_asks_for_nothing(dataset: Dataset, pathname: str, search: str) -> None:
    services = Services(dataset)
    with create_app(services).server.test_request_context():
        page, title = page_at(services, pathname, search)
    assert page is not None
    assert title


def test_half_a_pair_of_surrogates_is_no_text() -> None:
    given = {"pathname": "/class/\ud800a", "search": "?label=\ud800a"}
    assert read_place(given) == Place("/class/?a", "?label=?a")
    assert asked_in("?label=\ud800a") == {"label": "?a"}
