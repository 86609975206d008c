"""What changes on the Confusion page after it is drawn: the labels looked for, and the scale."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from explorer.components import palette_of_request, read_place
from explorer.data import services
from explorer.pages.confusion.layout import confusion_parts
from explorer.pages.confusion.view import confusion_view


def register(app: Dash) -> None:
    """Add the callbacks to an app."""

    @app.callback(
        Output("confusion-page", "children"),
        Input("url", "data"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    def redraw(url: Any, shown: str | None) -> Any:
        place = read_place(url)
        if place.pathname != "/confusion" or shown != "/confusion":
            return no_update
        view = confusion_view(services().dataset, place.search)
        return confusion_parts(view, palette_of_request())
