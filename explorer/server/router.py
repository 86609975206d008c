"""From an address to a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from explorer.components import label_in, not_found, palette_of_request, read_place
from explorer.data import Services, services
from explorer.pages.changes.layout import changes_layout
from explorer.pages.confusion.layout import confusion_layout
from explorer.pages.confusion.view import confusion_view
from explorer.pages.images.layout import images_layout
from explorer.pages.images.view import images_view
from explorer.pages.label.layout import label_layout
from explorer.pages.label.view import label_view
from explorer.pages.map.callbacks import colour_in
from explorer.pages.map.layout import atlas_layout
from explorer.pages.map.view import atlas_view
from explorer.pages.overview.layout import overview_layout
from explorer.pages.overview.view import overview_view, seed_in
from explorer.pages.review.layout import review_layout
from explorer.pages.review.view import review_view
from explorer.pages.splits.callbacks import decided_by_label
from explorer.pages.splits.layout import splits_layout
from explorer.pages.splits.query import read_query
from explorer.pages.splits.view import splits_view


def register(app: Dash) -> None:
    """Add the callback to an app."""

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
        if place.pathname == shown:  # a page itself follows what else the address says
            return no_update, no_update, no_update
        at_hand = services()
        page, title = page_at(at_hand, place.pathname, place.search)
        name = at_hand.dataset.workspace.name
        return page, f"{title} · {name} · Rosette", place.pathname

    app.clientside_callback(
        "function () { return window.rosette.here(); }", Output("url", "data"), Input("frame", "id")
    )

    app.clientside_callback(
        "function (title) { if (title) document.title = title; }", Input("title", "data")
    )


def page_at(at_hand: Services, pathname: str, search: str) -> tuple[Any, str]:
    """Return the page of an address, and its title."""
    dataset, decisions = at_hand.dataset, at_hand.decisions
    run = dataset.run_id
    if decisions is not None:
        decisions.follow()
    label = label_in(pathname)
    if label is not None:
        if label not in dataset.places:
            return not_found(f"There is no label “{label}” in this data set."), "Not found"
        decided = decisions.texts(dataset.rows_of(label)) if decisions else None
        view = replace(label_view(dataset, label, decided), may_decide=at_hand.may_decide)
        return label_layout(view, run, palette_of_request()), label
    if pathname in ("/", "/splits"):
        splits = splits_view(dataset, read_query(search), decided_by_label())
        splits = replace(splits, may_decide=at_hand.may_decide)
        return splits_layout(splits, run), "Splits"
    if pathname == "/overview":
        return overview_layout(overview_view(dataset, seed_in(search)), run), "Overview"
    if pathname == "/confusion":
        confusion = confusion_view(dataset, search)
        return confusion_layout(confusion, palette_of_request()), "Confusion"
    if pathname == "/images":
        shown = images_view(dataset, search, at_hand.decided())
        shown = replace(shown, may_decide=at_hand.may_decide)
        return images_layout(shown, run), shown.heading
    if pathname == "/map":
        atlas = atlas_view(dataset, colour_in(search), decided=at_hand.decided())
        atlas = replace(atlas, may_decide=at_hand.may_decide)
        return atlas_layout(atlas, run, palette_of_request()), "Map"
    if pathname == "/changes" and decisions is not None:
        return changes_layout(at_hand.against), "Changes"
    if pathname == "/review" and decisions is not None:
        review = review_view(dataset, decisions, now=datetime.now(UTC), search=search)
        return review_layout(review, run, may_decide=at_hand.may_decide), "Review"
    return not_found("There is no such page."), "Not found"
