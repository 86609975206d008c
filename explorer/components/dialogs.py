"""What is asked for before something is written: a name, a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

if TYPE_CHECKING:
    from explorer.data import Services


MOST_LISTED = 2000  # labels that a page brings along; of more those are asked for that fit


def dialogs(at_hand: Services) -> list[Any]:
    """Return the dialogs of an app in which something can be decided, and the labels to choose."""
    if not at_hand.may_decide:
        return []
    labels = at_hand.dataset.labels
    few = len(labels) <= MOST_LISTED
    known = [html.Option(value=label) for label in sorted(labels)] if few else None
    return [
        html.Datalist(known, id="all-labels", **{"data-asks": "false" if few else "true"}),
        _form("save", "Save the selection", [("save-name", "Name")], "Save"),
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
