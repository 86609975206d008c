"""What "?" opens: how to read a finding, what the answers do, and the keys."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from explorer.components.parts import icon

KEYS: Final = (
    ("J K", "next, previous", False),
    ("Y", "do what the black button says", True),
    ("N", "no: the label is right", True),
    ("R", "another label", True),
    ("U", "not sure", True),
    ("X", "exclude from exports", True),
    ("Space", "tick, untick", False),
    ("⇧Y", "accept all that is ticked", True),
    ("Z ⇧Z", "undo, redo", True),
    ("Enter", "open", False),
    ("F", "full screen", False),
    ("C", "compare two", False),
    ("S", "find similar images", False),
    ("← ↑ ↓ →", "move in a gallery", False),
    ("⇧← ⇧→", "tick more", False),
    ("A B …", "tick a group", False),
    ("L", "lasso on the map", False),
    ("] [", "next, previous label", False),
    ("/", "find a label or file", False),
    ("G then Q S", "go to Queue, Splits", False),
    ("Esc", "back one step", False),
    ("?", "this page", False),
)


def help_dialog(may_decide: bool) -> Any:
    """Return the dialog; keys that decide are left out where nothing can be decided."""
    rows = [
        html.Div([html.Span(words), html.Span([html.Kbd(key) for key in keys.split(" ")])])
        for keys, words, deciding in KEYS
        if may_decide or not deciding
    ]
    return html.Dialog(
        [
            html.Div(
                [
                    html.H2("How to read and work", id="keys-title"),
                    html.Button(
                        icon("icon-close"), className="iconbtn end", id="keys-close", title="Close",
                        **{"aria-label": "Close"},
                    ),
                ],
                className="row",
            ),
            html.Div([_groups(), _score(), *(_answers() if may_decide else ())], className="two"),
            html.H3("Keys"),
            html.Div(rows, className="keys"),
        ],
        id="keys",
        className="dialog helpbox",
        **{"aria-labelledby": "keys-title"},
    )  # fmt: skip


def _groups() -> Any:
    return html.Div(
        [
            html.H3(
                [
                    html.Span("A", className="key sm cA"),
                    " and ",
                    html.Span("B", className="key sm cB"),
                ]
            ),
            html.P(
                "Both carry the same label today. A is the larger group and keeps it. B looks like "
                "something else and may need a name of its own. C, D and so on follow by size."
            ),
        ]
    )


def _score() -> Any:
    scale = html.Div([html.I(), html.I(), html.I()], className="scale", **{"aria-hidden": "true"})
    return html.Div(
        [
            html.H3("The score"),
            scale,
            html.Div(
                [html.Span("0, one kind"), html.Span("perhaps"), html.Span("two kinds, 1")],
                className="scalel",
            ),
            html.P(
                "How clearly the images of a label fall into groups. It says that they look apart, "
                "not that the label is wrong: two styles of one thing look apart too. You decide."
            ),
        ]
    )


def _answers() -> tuple[Any, ...]:
    return (
        html.Div(
            [
                html.H3("Label is right"),
                html.P(
                    "The images keep their label and are not asked about again. The answer goes "
                    "into exports, so that others see that someone looked."
                ),
            ]
        ),
        html.Div(
            [
                html.H3("Exclude"),
                html.P(
                    "Exports leave the images out. Your files are never changed or moved, and any "
                    "decision can be undone, now or later in the history."
                ),
            ]
        ),
    )
