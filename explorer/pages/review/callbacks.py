"""What changes on the Review page after it is drawn: everything, after a decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from explorer.components import read_place
from explorer.data import services
from explorer.pages.review.layout import review_parts
from explorer.pages.review.view import review_view


def register(app: Dash) -> None:
    """Add the callbacks to an app."""

    @app.callback(
        Output("review-page", "children"),
        Input("url", "data"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    def redraw(url: Any, shown: str | None) -> Any:
        place, at_hand = read_place(url), services()
        if place.pathname != "/review" or shown != "/review" or at_hand.decisions is None:
            return no_update
        at_hand.decisions.follow()
        view = review_view(
            at_hand.dataset, at_hand.decisions, now=datetime.now(UTC), search=place.search
        )
        return review_parts(view, at_hand.dataset.run_id, may_decide=at_hand.may_decide)
