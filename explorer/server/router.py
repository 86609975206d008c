"""Router: show the page of an address, and redraw its parts when the address changes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from dash import Dash, Input, Output, State, no_update

from explorer.components import Place, folder_note, not_found, read_place
from explorer.data import Services, services
from explorer.pages import PAGES, Asked, NotThereError, Page, page_named


def register(app: Dash) -> None:
    """Add the callbacks to an app: the router's, and those of the pages."""

    @app.callback(
        Output("main", "children"),
        Output("title", "data"),
        Output("shown", "data"),
        Input("url", "data"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    def route(url: Any, shown: str | None) -> Any:
        place = read_place(url)
        if place.pathname == shown:  # the page itself follows the rest of the address
            return no_update, no_update, no_update
        at_hand = services()
        page, title = page_at(at_hand, place.pathname, place.search)
        name = at_hand.dataset.workspace.name
        return page, f"{title} · {name} · Rosette", place.pathname

    @app.callback(Output("folder", "children"), Input("url", "data"), prevent_initial_call=True)
    def folder(url: Any) -> Any:
        return folder_note(services().dataset)

    app.clientside_callback(
        "function () { return window.rosette.here(); }", Output("url", "data"), Input("frame", "id")
    )

    app.clientside_callback(
        "function (title) { if (title) document.title = title; }", Input("title", "data")
    )

    for page in PAGES:
        if page.redraw is not None:
            _follow_address(app, page)
        if page.callbacks is not None:
            page.callbacks(app)


def _follow_address(app: Dash, page: Page[Any]) -> None:
    """Add the callback that draws parts of a page anew when its address changes."""
    redraw = page.redraw
    assert redraw is not None
    outputs = [Output(*part) for part in redraw.outputs]

    def drawn(url: Any, *rest: Any) -> Any:
        *values, shown = rest
        place = read_place(url)
        parts: tuple[Any, ...] = (no_update,) * len(outputs)
        if page.holds(place.pathname) and place.pathname == shown:
            asked = Asked(services(), place, tuple(values))
            with suppress(NotThereError):  # the page says so already
                parts = redraw.parts(_view(page, asked), asked)
        return parts if len(parts) > 1 else parts[0]

    app.callback(
        outputs if len(outputs) > 1 else outputs[0],
        Input("url", "data"),
        *(Input(*part) for part in redraw.inputs),
        State("shown", "data"),
        prevent_initial_call=True,
    )(drawn)


def page_at(at_hand: Services, pathname: str, search: str) -> tuple[Any, str]:
    """Return the page of an address, and its title."""
    page = page_named(pathname)
    if page is None:
        return not_found("There is no such page."), "Not found"
    asked = Asked(at_hand, Place(pathname, search))
    try:
        view = _view(page, asked)
    except NotThereError as error:
        return not_found(str(error)), "Not found"
    return page.layout(view, asked), page.title_of(view)


def _view(page: Page[Any], asked: Asked) -> Any:
    if asked.at_hand.decisions is not None:
        asked.at_hand.decisions.follow()
    return page.view(asked)
