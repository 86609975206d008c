"""The Confusion page: the matrix, and the same as a list; either leads to the images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from embeddings.confusion import TakenFor
from explorer.components.states import empty
from explorer.figures.confusion_map import confusion_map
from explorer.links import at
from explorer.pages.confusion.view import SCALES, ConfusionView


def confusion_layout(view: ConfusionView, palette: Mapping[str, str]) -> Any:
    """Return the page."""
    return html.Div(confusion_parts(view, palette), className="page", id="confusion-page")


def confusion_parts(view: ConfusionView, palette: Mapping[str, str]) -> list[Any]:
    """Return what the page holds, to be put anew when the address changes."""
    head = html.Div(html.Div([html.H1(view.heading), html.P(view.sentence)]), className="head")
    if not view.labels:
        return [head, empty("Nothing to compare", "Run `rosette cluster` on this workspace again.")]
    figure = confusion_map(view.labels, view.counts, palette, share=view.scale == "share")
    return [
        head,
        _filters(view),
        html.Div(
            [
                html.Section(
                    [
                        html.P(view.sampled, className="muted sm") if view.sampled else None,
                        html.Div(
                            dcc.Graph(
                                id="confusion-map",
                                figure=figure,
                                config={"displayModeBar": False, "responsive": True},
                            ),
                            className="heat-scroll",
                            id="confusion-box",
                            role="img",
                            tabIndex=0,
                            **{
                                "aria-label": f"Matrix of {len(view.labels):,} labels; the list "
                                "beside it says the same in words"
                            },
                        ),
                    ],
                    className="panel heatpanel",
                ),
                _list(view),
            ],
            className="conf",
        ),
    ]


def _filters(view: ConfusionView) -> Any:
    return html.Div(
        [
            html.Label(
                [
                    html.Span("Label holds"),
                    dcc.Input(
                        id="confusion-q", type="search", value=view.q, placeholder="any name",
                        autoComplete="off",
                    ),
                ],
                className="chip in",
            ),
            html.Label(
                [
                    html.Span("Scale"),
                    html.Select(
                        [html.Option(words, value=name) for name, words in SCALES.items()],
                        **{
                            "data-param": "scale", "data-value": view.scale, "data-default": "",
                        },
                    ),
                ],
                className="chip in",
            ),
        ],
        className="filters",
        role="group",
        **{"aria-label": "Filters"},
    )  # fmt: skip


def _list(view: ConfusionView) -> Any:
    lines: list[Any] = [_line(pair) for pair in view.pairs]
    if view.n_pairs > len(view.pairs):
        lines.append(
            html.P(f"and {view.n_pairs - len(view.pairs):,} more", className="muted sm none")
        )
    if not lines:
        lines = [html.P("No image looks like another label.", className="muted none")]
    return html.Section(
        [html.Div(html.H2("Most confused"), className="row panelhead"), *lines],
        className="panel pairs",
        **{"aria-label": "Most confused"},
    )


def _line(pair: TakenFor) -> Any:
    tone = {"a split": "is-split", "wrong labels": "is-susp"}.get(pair.reason, "is-one")
    return html.A(
        [
            html.Span(f"{pair.count:,}", className="n"),
            html.Span([html.B(pair.label), " look like ", html.B(pair.taken_for)]),
            html.Span(f"{pair.share:.0%} of it", className="faint sm"),
            html.Span(pair.reason, className=f"sm {tone}"),
        ],
        href=at(f"/images?{urlencode({'given': pair.label, 'looks': pair.taken_for})}"),
        className="pairline",
        title=pair.evidence,
    )
