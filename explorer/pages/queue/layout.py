"""The Queue page: head, filters, and the place where the script lists the findings."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from dash import html

from explorer.components import at
from explorer.pages.queue.view import QueueView


def queue_layout(view: QueueView, run: str) -> Any:
    """Return the page. Its list is drawn by the script, from what the page brings along."""
    cases = {
        "cases": view.cases,
        "settled": [
            {"id": one.id, "decided": one.decided, "batch": one.batch} for one in view.settled
        ],
    }
    n, left = len(view.cases), sum(one.left for one in view.filters)
    return html.Div(
        [
            html.Div(
                [
                    html.Div([html.H1(view.heading, id="queue-left"), html.P(view.sentence)]),
                    _progress(n, left),
                ],
                className="head",
            ),
            _filters(view),
            html.Div(id="queue-notices", className="notices"),
            html.Section(id="queue-list", className="qlist", **{"aria-label": "Findings"}),
            html.P(f"and {view.n_more:,} more, of less worth", className="muted sm")
            if view.n_more
            else None,
            html.Div(id="queue-end"),
        ],
        className="page",
        id="queue-page",
        **{
            "data-run": run,
            "data-key": f"{run} {view.who}",
            "data-kind": view.kind,
            "data-queue": json.dumps(cases, separators=(",", ":")),
            "data-decided": json.dumps(view.decided, separators=(",", ":")),
        },
    )


def _progress(n: int, left: int) -> Any:
    return html.Div(
        [
            html.Div(
                [
                    html.Span(f"{n - left:,} of {n:,} settled", id="queue-settled"),
                    html.Span("", id="queue-images"),
                ]
            ),
            html.Div(html.I(), className="prog", id="queue-bar", role="img",
                     **{"aria-label": f"{n - left:,} of {n:,} settled"}),
            html.A("History and export", href=at("/review"), className="link sm"),
        ],
        className="left",
    )  # fmt: skip


def _filters(view: QueueView) -> Any:
    chips: list[Any] = [
        html.Button(
            [words, html.I(f"{left:,}")],
            className="chip",
            **{"data-kind": kind, "aria-pressed": "true" if kind == view.kind else "false"},
        )
        for kind, words, left in [
            ("", "All", sum(one.left for one in view.filters)),
            *((one.kind, one.words, one.left) for one in view.filters),
        ]
    ]
    if view.reviewers:
        chips.append(html.Span(className="sep"))
        chips += [
            html.A(
                words,
                href=at(f"/queue?{urlencode({'who': name})}" if name else "/queue"),
                className="chip",
                **{"aria-current": "true" if name == view.who else "false"},
            )
            for name, words in [("", "Anyone"), *((name, name) for name in view.reviewers)]
        ]
    moves = html.Span(
        [html.Kbd("J"), html.Kbd("K"), " move"], className="faint sm only-lg end moves"
    )
    return html.Div([*chips, moves], className="filters", role="group", **{"aria-label": "Show"})
