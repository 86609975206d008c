"""Small parts that pages share."""

from __future__ import annotations

from dash import html

from explorer.components import wrapping


def test_a_label_may_break_after_what_joins_its_words_only() -> None:
    pieces = wrapping("wild_cat/in-snow")
    assert [one for one in pieces if isinstance(one, str)] == ["wild_", "cat/", "in-", "snow"]
    assert sum(isinstance(one, html.Wbr) for one in pieces) == 3
    assert wrapping("car") == ["car"]
    assert wrapping("__") == ["__"]
