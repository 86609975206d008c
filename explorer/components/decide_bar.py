"""The bar below galleries: what is selected, and one action on it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html


def decide_bar(may_decide: bool) -> Any:
    """Return the bar that appears when something is selected."""
    return html.Div(
        [
            html.Div([html.B("", id="bar-what")], className="what"),
            *(_deciding() if may_decide else ()),
            html.Div(
                [
                    *(_quiet() if may_decide else ()),
                    html.Button("CSV", className="btn ghost", id="bar-csv"),
                ],
                className="quiet",
            ),
        ],
        className="decide",
        id="decide",
        role="toolbar",
        hidden=True,
        **{"aria-label": "With the selection"},
    )


def _deciding() -> tuple[Any, ...]:
    field = html.Label(
        [
            html.Span("are", className="muted only-lg"),
            dcc.Input(
                id="bar-label",
                placeholder="Choose a label",
                autoComplete="off",
                className="bar-label",
                list="all-labels",
            ),
        ],
        className="field",
    )
    relabel = html.Button(
        [html.Span("Relabel", id="bar-relabel-words"), html.Kbd("R")],
        className="btn primary lg",
        id="bar-relabel",
    )
    return field, relabel


def _quiet() -> tuple[Any, ...]:
    actions = (("keep", "Keep", "K"), ("remove", "Remove", "X"), ("unsure", "Unsure", "U"))
    return (
        *(
            html.Button([words, html.Kbd(key)], className="btn ghost", **{"data-act": action})
            for action, words, key in actions
        ),
        html.Button("Note…", className="btn ghost note", id="bar-note"),
        html.Button("Save…", className="btn ghost note", id="bar-save"),
    )
