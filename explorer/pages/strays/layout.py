"""The Single images page: slider and accept, gallery, and the panel of one image beside it."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from explorer.components import at, empty, icon
from explorer.pages.strays.view import StraysView

BINS = 24  # of the bars above the slider


def strays_layout(view: StraysView, run: str) -> Any:
    """Return the page; the gallery is drawn by the script."""
    items = {
        name: getattr(view, name) for name in ("rows", "files", "labels", "to", "sure", "tick_from")
    }
    return html.Div(
        [_head(view), *(_work(view) if view.rows else [_nothing(view)])],
        className="page fit" if view.rows else "page",
        id="strays-page",
        **{
            "data-run": run,
            "data-key": view.crumb,
            "data-items": json.dumps(items, separators=(",", ":")),
            "data-decided": json.dumps(view.decided, separators=(",", ":")),
        },
    )


def _head(view: StraysView) -> Any:
    crumb = html.Nav(
        [html.A("Queue", href=at("/queue")), icon("icon-next"), html.Span(view.crumb)],
        className="crumb",
        **{"aria-label": "You are here"},
    )
    return html.Div(
        html.Div([crumb, html.H1(view.heading, id="strays-left"), html.P(view.sentence)]),
        className="head",
    )


def _work(view: StraysView) -> list[Any]:
    accept: Any = None
    if view.may_decide:
        accept = html.Button(
            [html.Span("Accept", id="accept-words"), html.Kbd("⇧Y")],
            className="btn primary lg",
            id="accept",
        )
    bars = html.Div([html.I() for _ in range(BINS)], className="h", **{"aria-hidden": "true"})
    slider = html.Div(bars, className="sure")  # the script puts the slider itself below the bars
    return [
        html.Div(
            [slider, html.P("", className="txt", id="ticked", **{"aria-live": "polite"}), accept],
            className="ask",
        ),
        html.Div(id="arrange", className="row wrap arrange-tools"),
        html.Div(
            [
                html.Div(id="strays-gallery", className="sg", tabIndex=-1),
                html.Aside(id="item-panel", className="insp", **{"aria-label": "One image"}),
            ],
            className="bulk",
            id="strays-bulk",
        ),
    ]


def _nothing(view: StraysView) -> Any:
    return empty(
        view.heading,
        "Each decision can be undone in the history.",
        html.A("Back to the queue", href=at("/queue"), className="btn"),
    )
