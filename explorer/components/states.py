"""States that pages share: not found, empty, loading."""

from __future__ import annotations

from typing import Any

from dash import html

from explorer.components.links import at
from explorer.components.parts import icon


def not_found(said: str) -> Any:
    """Return a page that says what is missing, and where to go."""
    return html.Div(
        empty("Not here", said, html.A("To the splits", href=at("/splits"), className="btn"))
    )


def empty(title: str, said: str, action: Any = None) -> Any:
    """Return the text of an empty page: what it means, and where to go."""
    return html.Div(
        [icon("icon-ring"), html.H2(title), html.P(said), action],
        className="empty",
    )


def skeleton() -> Any:
    """Return grey shapes in the sizes of the content that is loading."""
    bar = html.Div(className="sk", style={"height": "34px", "width": "min(460px, 80%)"})
    cards = [html.Div(className="sk", style={"height": "190px"}) for _ in range(4)]
    return html.Div(
        [html.Div([bar], className="head"), html.Div(cards, className="cards")],
        className="page",
        **{"aria-busy": "true", "aria-label": "Loading"},
    )
