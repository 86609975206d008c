"""The Class page: the map, one gallery per cluster, the panel of one image.

The galleries are filled by the page's own script, which draws only what is seen. What it draws
comes with the page rather than after it, so that nothing moves once it is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from embeddings.health import counted
from explorer.components import (
    at,
    colour_class,
    decide_bar,
    icon,
    label_link,
    meter,
    thumbnail,
    verdict,
    wrapping,
)
from explorer.figures import dot_size, scatter_map
from explorer.pages.label.view import Column, LabelView

GRAPH = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset", "responsive": True}


def label_layout(view: LabelView, run: str, palette: Mapping[str, str]) -> Any:
    """Return the page."""
    return html.Div(
        [
            _head(view),
            html.Div(
                [
                    _side(view, palette),
                    html.Div(
                        [
                            html.Div(id="arrange", className="row wrap arrange-tools"),
                            _picked(),
                            _columns(view, run),
                            decide_bar(view.may_decide),
                        ],
                        className="galleries",
                    ),
                    html.Aside(id="item-panel", className="insp", **{"aria-label": "One image"}),
                ],
                className="klass",
                **{"data-panel": "yes"},
            ),
        ],
        className="page",
        id="label-page",
        **{
            "data-run": run,
            "data-items": json.dumps(view.items, separators=(",", ":")),
            "data-decided": json.dumps(view.decided, separators=(",", ":")),
            "data-suspects": json.dumps(view.suspects, separators=(",", ":")),
            "data-place": str(view.place),
            "data-label": view.label,
            "data-before": label_link(view.before) if view.before is not None else "",
            "data-after": label_link(view.after) if view.after is not None else "",
        },
    )


def _head(view: LabelView) -> Any:
    crumb = html.Nav(
        [
            html.A("Splits", href=at("/splits")),
            icon("icon-next"),
            html.Span(wrapping(f"{view.label}, {view.place + 1:,} of {view.n_labels:,}")),
        ],
        className="crumb",
        **{"aria-label": "You are here"},
    )
    steps = html.Span(
        [
            _step(view.before, "[", "Previous label", shown=""),
            _step(view.after, "]", "Next label", shown=view.after or ""),
        ],
        className="row steps",
    )
    return html.Div(
        [
            html.Div(
                [crumb, html.H1(wrapping(view.heading)), html.P(view.sentence)], className="grow"
            ),
            html.Div(
                [
                    verdict(view.verdict, view.reason, len(view.columns)),
                    meter(view.score, view.verdict),
                    steps,
                ],
                className="row wrap",
            ),
        ],
        className="head",
    )


def _step(label: str | None, key: str, said: str, *, shown: str) -> Any:
    sign = icon("icon-back") if key == "[" else icon("icon-next")
    content = [sign] if key == "[" else [html.Span(shown, className="nm"), sign]
    content.append(html.Kbd(key, className="only-lg"))
    if label is None:
        return html.Span(
            content,
            className="btn sm off",
            role="link",
            **{"aria-disabled": "true", "aria-label": said},
        )
    return html.A(
        content,
        href=label_link(label),
        className="btn sm",
        **{"aria-label": f"{said}: {label}"},
    )


def _side(view: LabelView, palette: Mapping[str, str]) -> Any:
    n = sum(len(group.rows) for group in view.groups)
    parts = ", ".join(f"cluster {one.letter} {one.size:,} images" for one in view.columns)
    tools = [
        ("lasso", "icon-lasso", "Lasso"),
        ("select", "icon-box", "Box"),
        ("pan", "icon-move", "Move"),
    ]
    return html.Div(
        [
            html.Section(
                [
                    html.Div(
                        [
                            html.Button(
                                icon(sign),
                                className="iconbtn",
                                title=said,
                                **{
                                    "aria-label": said,
                                    "aria-pressed": "true" if mode == "lasso" else "false",
                                    "data-drag": mode,
                                },
                            )
                            for mode, sign, said in tools
                        ],
                        className="tools",
                        role="toolbar",
                        **{"aria-label": "Map tools"},
                    ),
                    html.Div(
                        dcc.Graph(
                            id="label-map",
                            figure=scatter_map(view.groups, view.signs, palette, dot=dot_size(n)),
                            config=GRAPH,
                            className="graph",
                        ),
                        className="graphbox",
                        role="img",
                        **{"aria-label": f"Map of {view.label}: {parts}"},
                    ),
                ],
                className="panel mapbox",
                **{"aria-label": "Map"},
            ),
            html.Section(
                [
                    html.H2("Why we think so"),
                    html.Ul(
                        [
                            html.Li([icon(r.icon), html.Span([html.B(r.title), f" {r.text}"])])
                            for r in view.reasons
                        ]
                    ),
                ],
                className="panel why",
            )
            if view.reasons
            else None,
            html.Section(
                [
                    html.Div(
                        [
                            html.Span("–", className="key sm cN"),
                            html.B(
                                f"{counted(view.n_noise, 'image', 'images')} in no group",
                                className="sm",
                            ),
                        ],
                        className="row",
                    ),
                    html.Div(className="strip noise", **{"data-strip": "-1"}),
                ],
                className="panel nz",
            )
            if view.n_noise
            else None,
            html.P(
                f"{view.n_unreadable:,} more could not be read.",
                className="muted sm",
            )
            if view.n_unreadable
            else None,
        ],
        className="side",
    )


def _columns(view: LabelView, run: str) -> Any:
    return html.Div(
        [_column(one, view, run) for one in view.columns],
        className="cols" if len(view.columns) <= 2 else "cols many",
        **{"data-n": str(len(view.columns))},
    )


def _column(one: Column, view: LabelView, run: str) -> Any:
    said = "Looks like no other label" if one.is_odd else f"Stays {view.label}"
    suggested: Any = html.Div(html.Span(said, className="nm"), className="suggest none")
    if one.suggestion is not None:
        suggested = html.A(
            [
                html.Span(["Labelled ", html.B(one.suggestion), " today"]),
                html.Span([thumbnail(run, row) for row in one.proof], className="strip"),
            ],
            href=label_link(one.suggestion),
            className="suggest",
        )
    return html.Section(
        [
            html.Header(
                [
                    html.Span(one.letter, className="key"),
                    html.H2(
                        [
                            *wrapping(f"{one.title} "),
                            html.Span(
                                counted(one.size, "image", "images"), **{"data-count": "yes"}
                            ),
                        ]
                    ),
                    html.Button(
                        [icon("icon-check"), html.Span("Tick all")],
                        className="btn sm ghost all",
                        **{"data-all": str(one.number), "aria-pressed": "false"},
                    ),
                    html.P(one.sentence),
                    html.P(f"Seen as {one.kind}", className="seen") if one.kind else None,
                ]
            ),
            html.Div(
                [
                    suggested if len(view.columns) > 1 else None,
                    html.Div(
                        className="gallery", **{"data-cluster": str(one.number), "role": "none"}
                    ),
                ],
                className="body",
            ),
        ],
        className=f"col {colour_class(one.number)}",
        **{
            "aria-label": f"Cluster {one.letter}",
            "data-cluster-column": str(one.number),
            "data-suggestion": one.suggestion or "",
            "data-new": one.new,
            "data-size": str(one.size),
        },
    )


def _picked() -> Any:
    """What a lasso caught, when it is not simply a cluster."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("", id="picked-title"),
                    html.Button("Clear", className="btn sm ghost end", id="picked-clear"),
                ],
                className="row",
            ),
            html.Div(className="gallery", id="picked-gallery"),
        ],
        className="panel picked",
        id="picked",
        hidden=True,
        **{"aria-label": "Ticked images"},
    )
