"""What is asked for before something is written: a name, a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

if TYPE_CHECKING:
    from explorer.data import Services


def dialogs(at_hand: Services) -> list[Any]:
    """Return the dialogs of an app in which something can be decided."""
    if not at_hand.may_decide:
        return []
    return [
        _form("save", "Save these images under a name", [("save-name", "Name")], "Save"),
        _form(
            "note",
            "A note with the next decision",
            [("note-text", "Note"), ("note-reviewer", "Your name")],
            "Done",
        ),
    ]


def _form(name: str, title: str, fields: list[tuple[str, str]], done: str) -> Any:
    return html.Dialog(
        [
            html.H2(title, id=f"{name}-title"),
            *(
                html.Label(
                    [html.Span(words), dcc.Input(id=field, autoComplete="off")], className="entry"
                )
                for field, words in fields
            ),
            html.Div(
                [
                    html.Button("Cancel", className="btn", id=f"{name}-cancel"),
                    html.Button(done, className="btn primary", id=f"{name}-done"),
                ],
                className="row buttons",
            ),
        ],
        id=f"{name}-dialog",
        className="dialog",
        **{"aria-labelledby": f"{name}-title"},
    )
