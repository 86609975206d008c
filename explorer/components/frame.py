"""What stands around every page: top bar, theme, skip link."""

from __future__ import annotations

from typing import Any

from dash import html

from explorer.components.parts import icon


def frame(data_set: str, model: str, content: Any) -> Any:
    """Return a whole page."""
    bar = html.Header(
        [
            html.A([icon("icon-rosette"), html.Span("Rosette")], href="/", className="brand"),
            html.Span("/", className="slash", **{"aria-hidden": "true"}),
            html.Div([html.B(data_set), html.Span(model)], className="run"),
            html.Button(
                icon("icon-moon"),
                id="theme",
                className="iconbtn end",
                **{"aria-label": "Switch between light and dark"},
            ),
        ],
        className="topbar",
    )
    return html.Div(
        [
            html.A("Skip to content", href="#main", className="skip"),
            bar,
            html.Main(content, id="main", tabIndex=-1),
        ]
    )
