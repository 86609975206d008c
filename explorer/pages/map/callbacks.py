"""What changes on the Map page after it is drawn: the colouring, and the sample when zoomed."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from explorer.components import asked_in, palette_of_request, read_place
from explorer.data import services
from explorer.figures import dot_size, scatter_map
from explorer.pages.map.layout import legend
from explorer.pages.map.view import LEGEND, atlas_view, window_of


def register(app: Dash) -> None:
    """Add the callbacks to an app."""

    @app.callback(
        Output("atlas-map", "figure"),
        Output("atlas-legend", "children"),
        Output("atlas-sampled", "children"),
        Input("url", "data"),
        Input("atlas-window", "data"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    def redraw(url: Any, window: Any, shown: str | None) -> Any:
        place = read_place(url)
        if place.pathname != "/map" or shown != "/map":
            return no_update, no_update, no_update
        at_hand = services()
        view = atlas_view(
            at_hand.dataset, colour_in(place.search), window_of(window), at_hand.decided()
        )
        figure = scatter_map(
            view.groups, view.signs, palette_of_request(), dot=dot_size(view.n), above=LEGEND
        )
        return figure, legend(view), view.sampled


def colour_in(search: str) -> str:
    """Return the colouring that an address asks for."""
    return asked_in(search).get("colour", "")
