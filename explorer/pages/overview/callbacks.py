"""What changes on the Overview page after it is drawn: the wall of images."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from explorer.components import read_place
from explorer.data import services
from explorer.pages.overview.layout import overview_layout
from explorer.pages.overview.view import overview_view, seed_in


def register(app: Dash) -> None:
    """Add the callbacks to an app."""

    @app.callback(
        Output("overview-page", "children"),
        Input("url", "data"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    def redraw(url: Any, shown: str | None) -> Any:
        place = read_place(url)
        if place.pathname != "/overview" or shown != "/overview":
            return no_update
        dataset = services().dataset
        return overview_layout(
            overview_view(dataset, seed_in(place.search)), dataset.run_id
        ).children
