"""The Changes page: what the decisions, or another run, did to the splits, items and accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from explorer.components import at, empty, label_link

if TYPE_CHECKING:
    from embeddings.comparison import Comparison

MOST_ROWS = 200


def changes_layout(against: str) -> Any:
    """Return the page, before anything is worked out."""
    said = f"against {against}" if against else "by your decisions"
    return html.Div(
        [
            html.Div(
                html.Div(
                    [html.H1("What changed"), html.P(f"Worked out {said}, on held-out images.")]
                ),
                className="head",
            ),
            html.Div(
                [
                    html.P("Training a small classifier on both…", className="muted"),
                    html.Div(className="sk", style={"height": "160px"}),
                ],
                id="changes-body",
                className="stack",
                **{"aria-live": "polite"},
            ),
            dcc.Store(id="changes-start", data=1),
        ],
        className="page",
        id="changes-page",
    )


def nothing_decided() -> list[Any]:
    """Return what stands where nothing was decided yet."""
    action = html.A("To the review", href=at("/review"), className="btn")
    return [empty("Nothing is decided yet", "Decide on something, then look again.", action)]


def changes_parts(found: Comparison) -> list[Any]:
    """Return what was worked out."""
    lines = found.lines()
    return [
        html.Section(
            [html.P(line, className="evidence") for line in lines],
            className="panel told",
            **{"aria-label": "In words"},
        ),
        _splits(found),
        _moves(found),
        _confusions(found),
    ]


def _table(title: str, heads: list[str], rows: list[list[Any]]) -> Any:
    if not rows:
        return None
    return html.Section(
        [
            html.Div(html.H2(title), className="row panelhead"),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(head) for head in heads])),
                        html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows]),
                    ],
                    className="tbl",
                ),
                className="scroll-x",
                tabIndex=0,
                **{"aria-label": title},
            ),
        ],
        className="panel",
        **{"aria-label": title},
    )


def _splits(found: Comparison) -> Any:
    rows = [
        [
            html.A(one.label, href=label_link(one.label), className="link"),
            one.change,
            _score(one.before),
            _score(one.after),
        ]
        for one in found.splits[:MOST_ROWS]
    ]
    return _table("Splits", ["Label", "Change", "Score before", "Score after"], rows)


def _moves(found: Comparison) -> Any:
    rows: list[list[Any]] = [
        [move.before, move.after, f"{len(move.files):,}"] for move in found.items.moves[:MOST_ROWS]
    ]
    return _table("Images moved", ["From", "To", "Images"], rows)


def _confusions(found: Comparison) -> Any:
    rows: list[list[Any]] = [
        [one.label, one.taken_for, f"{one.before:,}", f"{one.after:,}"]
        for one in found.confusions[:MOST_ROWS]
    ]
    return _table("Taken for another label", ["Label", "Taken for", "Before", "After"], rows)


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
