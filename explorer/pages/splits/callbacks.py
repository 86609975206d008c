"""What comes to the Splits page after it is drawn: labels, on scrolling."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, Patch, State, no_update

from explorer.components import read_place
from explorer.data import services
from explorer.pages.splits.layout import cards, lines, more_words
from explorer.pages.splits.query import read_query
from explorer.pages.splits.view import chunk


def register(app: Dash) -> None:
    """Add the callback to an app."""

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
        at_hand = services()
        start = max(0, end) if isinstance(end, int) else 0
        query = read_query(read_place(url).search)
        some = chunk(
            at_hand.dataset, query, start, at_hand.decided_by_label(), at_hand.suspects_by_label()
        )
        above, below = Patch(), Patch()
        above.extend(cards(some, at_hand.dataset.run_id, at_hand.may_decide))
        below.extend(lines(some, at_hand.dataset.run_id))
        return above, below, some.end, more_words(some), not some.more
