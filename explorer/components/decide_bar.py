"""The bar below galleries: what is ticked, and one action on it."""

from __future__ import annotations

from typing import Any

from dash import html

from explorer.components.parts import icon


def decide_bar(may_decide: bool) -> Any:
    """Return the bar that appears when something is ticked."""
    return html.Div(
        [
            html.Div([html.B("", id="bar-what")], className="what"),
            *(_deciding() if may_decide else ()),
            html.Div([*(_quiet() if may_decide else ()), _more(may_decide)], className="quiet"),
        ],
        className="decide",
        id="decide",
        role="toolbar",
        hidden=True,
        **{"aria-label": "With what is ticked"},
    )


def _deciding() -> tuple[Any, ...]:
    field = html.Span(
        [
            html.Span("are", className="muted only-lg"),
            html.Button(
                [html.Span("Choose a label"), icon("icon-down-small")],
                id="bar-label",
                className="field pickme",
                title="Other label: R",
                **{"aria-haspopup": "dialog"},
            ),
        ],
        className="row",
    )
    relabel = html.Button(
        [html.Span("Relabel", id="bar-relabel-words"), html.Kbd("Y")],
        className="btn primary lg",
        id="bar-relabel",
    )
    return field, relabel


def _quiet() -> tuple[Any, ...]:
    actions = (
        ("keep", "Label is right", "N", ""),
        ("remove", "Exclude", "X", "Left out of exports; the file stays where it is"),
        ("unsure", "Not sure", "U", ""),
    )
    return (
        *(
            html.Button(
                [words, html.Kbd(key)], className="btn ghost", title=said, **{"data-act": action}
            )
            for action, words, key, said in actions
        ),
    )


def _more(may_decide: bool) -> Any:
    """Return what is wanted now and then, behind one button."""
    rows = [
        ("bar-similar", "Find similar", "S"),
        ("bar-csv", "List of files (CSV)", ""),
    ]
    if may_decide:
        rows += [("bar-save", "Save under a name…", ""), ("bar-note", "Add a note…", "")]
    buttons = [
        html.Button([words, html.Kbd(key) if key else None], id=name, className="btn ghost")
        for name, words, key in rows
    ]
    return html.Details(
        [html.Summary("More", className="btn ghost"), html.Div(buttons)], className="menu"
    )
