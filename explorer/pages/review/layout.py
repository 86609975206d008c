"""The Review page: what was decided, each action with its undo, and what goes out."""

from __future__ import annotations

from typing import Any

from dash import html

from explorer.components import at, choice, icon
from explorer.pages.review.view import ACTIONS, SCOPES, Line, ReviewView


def review_layout(view: ReviewView, run: str, *, may_decide: bool) -> Any:
    """Return the page."""
    return html.Div(
        review_parts(view, run, may_decide=may_decide),
        className="page",
        id="review-page",
    )


def review_parts(view: ReviewView, run: str, *, may_decide: bool) -> list[Any]:
    """Return what the page holds, to be put anew after each decision."""
    return [
        html.Div(
            [html.Div([html.H1(view.heading), html.P(view.sentence)]), _progress(view)],
            className="head",
        ),
        html.Div([_history(view, may_decide), _export(view, run)], className="two-col"),
    ]


def _progress(view: ReviewView) -> Any:
    counts = [
        html.Span(f"{view.counts.get(name, 0):,} {words}", className=tone)
        for name, (words, tone) in ACTIONS.items()
        if view.counts.get(name)
    ]
    left = f"{view.n_left:,} finding{'' if view.n_left == 1 else 's'} left"
    return html.Div(
        html.Div(
            [*counts, html.A(left if view.n_left else "Nothing left", href=at("/queue"),
                             className="link end")],
            className="row sm wrap",
        ),
        className="end progress",
    )  # fmt: skip


def _history(view: ReviewView, may_decide: bool) -> Any:
    lines: Any = html.Ol([_line(one, may_decide) for one in view.lines], className="log")
    if not view.lines:
        lines = html.P(
            "Every action will stand here, and can be undone."
            if may_decide
            else "Nothing is decided.",
            className="muted none",
        )
    return html.Section(
        [
            html.Div(
                [
                    html.H2("History"),
                    html.A("What changed", href=at("/changes"), className="btn sm end")
                    if view.lines
                    else None,
                ],
                className="row panelhead",
            ),
            lines,
        ],
        className="panel",
        **{"aria-label": "History"},
    )


def _line(one: Line, may_decide: bool) -> Any:
    tone = ACTIONS.get(one.action, ("", "is-one"))[1]
    said = html.S(one.words) if one.undone else html.Span(one.words)
    button = (
        html.Button("Redo", className="btn ghost sm", **{"data-redo": str(one.batch)})
        if one.undone
        else html.Button("Undo", className="btn ghost sm", **{"data-undo": str(one.batch)})
    )
    return html.Li(
        [
            html.Span(icon("icon-check" if not one.undone else "icon-back"), className=tone),
            html.Span(
                [
                    said,
                    html.Br(),
                    html.Span(
                        f"{one.by}, {one.when}" + (f": {one.note}" if one.note else ""),
                        className="faint xs",
                        title=one.at,
                    ),
                ]
            ),
            button if may_decide else None,
        ]
    )


def _export(view: ReviewView, run: str) -> Any:
    rows = [
        html.Tr(
            [
                html.Td([html.B(name), html.Div(words, className="xs faint")]),
                html.Td(
                    html.A(
                        [icon("icon-down"), "Export"],
                        href=at(f"/export/{run}/{name}.zip?scope={view.scope}"),
                        className="btn sm",
                        download=f"{name}.zip",
                        **{"aria-label": f"Export as {name}"},
                    ),
                    className="r",
                ),
            ]
        )
        for name, words in view.formats
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Export"),
                    html.Div(
                        choice("scope", "Which images", view.scope, list(SCOPES.items())),
                        className="end",
                    ),
                ],
                className="row panelhead",
            ),
            html.Table(html.Tbody([_report(run), *rows]), className="tbl"),
        ],
        className="panel",
        **{"aria-label": "Export"},
    )


def _report(run: str) -> Any:
    """Return the line of the report to send."""
    words = "one file to send or print: ranking, pictures, evidence, decisions"
    return html.Tr(
        [
            html.Td([html.B("report"), html.Div(words, className="xs faint")]),
            html.Td(
                html.A(
                    [icon("icon-down"), "Report"],
                    href=at(f"/export/{run}/report.html"),
                    className="btn sm",
                    download="report.html",
                    **{"aria-label": "Report to send"},
                ),
                className="r",
            ),
        ]
    )


def _scope(scope: str) -> Any:
    return choice("scope", "Which images", scope, list(SCOPES.items()))
