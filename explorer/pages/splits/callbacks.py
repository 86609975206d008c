"""What changes on the Splits page after it is drawn: filters, and labels that come on scrolling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, Patch, State, no_update

from explorer.components import read_place
from explorer.data import services
from explorer.pages.splits.layout import cards, chips, lines, more_words, splits_list
from explorer.pages.splits.query import read_query
from explorer.pages.splits.view import chunk, splits_view


def register(app: Dash) -> None:
    """Add the callbacks to an app."""

    @app.callback(
        Output("splits-list", "children"),
        Output("splits-chips", "children"),
        Output("splits-end", "data"),
        Input("url", "data"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    def filtered(url: Any, shown: str | None) -> Any:
        place = read_place(url)
        if place.pathname not in ("/", "/splits") or place.pathname != shown:
            return no_update, no_update, no_update
        at_hand = services()
        dataset = at_hand.dataset
        view = splits_view(dataset, read_query(place.search), decided_by_label())
        view = replace(view, may_decide=at_hand.may_decide)
        return splits_list(view, dataset.run_id), chips(view), view.first.end

    @app.callback(
        Output("splits-cards", "children"),
        Output("splits-lines", "children"),
        Output("splits-end", "data", allow_duplicate=True),
        Output("splits-more", "children"),
        Output("splits-more", "hidden"),
        Input("splits-more", "n_clicks"),
        State("splits-end", "data"),
        State("url", "data"),
        prevent_initial_call=True,
    )
    def more(clicks: int | None, end: int | None, url: Any) -> Any:
        if not clicks:
            return no_update, no_update, no_update, no_update, no_update
        dataset = services().dataset
        query = read_query(read_place(url).search)
        some = chunk(dataset, query, max(0, end) if isinstance(end, int) else 0, decided_by_label())
        may = services().may_decide
        above, below = Patch(), Patch()
        above.extend(cards(some, dataset.run_id, may))
        below.extend(lines(some, dataset.run_id))
        return above, below, some.end, more_words(some), not some.more


def decided_by_label() -> Mapping[str, int] | None:
    """Return how many images of each label are decided, None where none are kept."""
    decisions = services().decisions
    if decisions is None:
        return None
    decisions.follow()
    return decisions.by_label()
