"""The Review page: progress, the queue, history, and what goes out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import html

from explorer.components import VERDICTS, at, choice, empty, icon, label_link, thumbnail
from explorer.pages.review.view import ACTIONS, SCOPES, Finding, Line, ReviewView


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
        _filters(view),
        html.Div(
            [
                _queue(view, run, may_decide),
                html.Div([_history(view, may_decide), _hand_over(view, run)], className="stack"),
            ],
            className="two-col",
        ),
    ]


def _progress(view: ReviewView) -> Any:
    whole = max(1, view.n_flagged)
    done = view.n_flagged_decided
    counts = [
        html.Span(f"{view.counts.get(name, 0):,} {words}", className=tone)
        for name, (words, tone) in ACTIONS.items()
        if view.counts.get(name)
    ]
    left = view.n_flagged - done
    return html.Div(
        [
            html.Div(
                html.I(style={"width": f"{done / whole:.1%}", "background": "var(--decided)"}),
                className="prog",
                role="img",
                **{"aria-label": f"{done:,} of {view.n_flagged:,} flagged images decided"},
            ),
            html.Div(
                [*counts, html.Span(f"{left:,} flagged images left", className="faint end")],
                className="row sm wrap",
            ),
        ],
        className="end progress",
    )


def _filters(view: ReviewView) -> Any:
    if not view.reviewers:
        return None
    people = [("", "Anyone"), *((name, name) for name in view.reviewers)]
    return html.Div(
        [
            html.A(
                words,
                href=at(f"/review?{urlencode({'who': name})}" if name else "/review"),
                className="chip",
                **{"aria-current": "true" if name == view.who else "false"},
            )
            for name, words in people
        ],
        className="filters",
        role="group",
        **{"aria-label": "Assigned to"},
    )


def _queue(view: ReviewView, run: str, may_decide: bool) -> Any:
    if not view.findings:
        content: Any = empty(
            "All findings are decided" if view.n_flagged else "No label hides two kinds",
            "Single images may still be wrong.",
            html.A("Look at the map", href=at("/map"), className="btn"),
        )
    else:
        content = [
            _finding(one, run, first=not n, may_decide=may_decide)
            for n, one in enumerate(view.findings)
        ]
        if view.n_findings > len(view.findings):
            more = f"and {view.n_findings - len(view.findings):,} more"
            content.append(html.P(more, className="muted sm q"))
    return html.Section(content, className="panel", **{"aria-label": "Queue"})


def _finding(one: Finding, run: str, *, first: bool, may_decide: bool) -> Any:
    words, tone, _ = VERDICTS[one.verdict]
    left = f"{one.left:,} of {one.size:,} images" if one.left < one.size else f"{one.size:,} images"
    about = {"data-label": one.label, "data-cluster": str(one.cluster)}
    look = html.A("Look", href=label_link(one.label), className="btn ghost")
    actions: list[Any] = [html.A("Choose a label", href=label_link(one.label), className="btn")]
    if one.suggestion:
        actions = [
            html.Button(
                f"Relabel {one.letter} to {one.suggestion}",
                className="btn primary" if first else "btn",
                **{"data-decide": "relabel", "data-to": one.suggestion, **about},
            ),
            look,
        ]
    actions.append(html.Button("Keep", className="btn ghost", **{"data-decide": "keep", **about}))
    taken: Any = html.Button("Take it", className="link xs take", **{"data-take": one.label})
    if one.assigned:
        taken = html.Span(f"for {one.assigned}", className="faint sm")
    elif not may_decide:
        taken = None
    return html.Div(
        [
            html.Div(
                [
                    html.A(html.B(one.label), href=label_link(one.label)),
                    html.Div(f"{one.letter}, {left}", className="faint sm"),
                    html.Div(f"{words}, {one.score:.2f}", className=f"sm {tone}"),
                    taken,
                ]
            ),
            html.Div([thumbnail(run, row) for row in one.images], className="strip"),
            html.Div(actions if may_decide else look, className="row wrap"),
        ],
        className="q",
    )


def _history(view: ReviewView, may_decide: bool) -> Any:
    lines: Any = html.Ol([_line(one, may_decide) for one in view.lines], className="log")
    if not view.lines:
        lines = html.P(
            "Every action will stand here, and can be undone."
            if may_decide
            else "Nothing is decided yet.",
            className="muted none",
        )
    return html.Section(
        [
            html.Div(
                [
                    html.H2("History"),
                    html.A("What did it change?", href=at("/changes"), className="btn sm end")
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


def _hand_over(view: ReviewView, run: str) -> Any:
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
                    html.H2("Hand over"),
                    html.Div(
                        choice("scope", "Holds", view.scope, list(SCOPES.items())), className="end"
                    ),
                ],
                className="row panelhead",
            ),
            html.Table(html.Tbody([_report(run), *rows]), className="tbl"),
        ],
        className="panel",
        **{"aria-label": "Hand over"},
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
