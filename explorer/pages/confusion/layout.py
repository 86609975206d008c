"""The Confusion page: the matrix, the same as a list, and the figures of each label."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from embeddings.label_errors import LabelFigures, TakenFor
from explorer.components import at, empty, label_link
from explorer.figures import confusion_map
from explorer.pages.confusion.view import SCALES, SOURCES, ConfusionView

NEXT = {"check": "looks", "model": "predicted"}  # what the Images page calls the other label


def confusion_layout(view: ConfusionView, palette: Mapping[str, str]) -> Any:
    """Return the page."""
    return html.Div(confusion_parts(view, palette), className="page", id="confusion-page")


def confusion_parts(view: ConfusionView, palette: Mapping[str, str]) -> list[Any]:
    """Return what the page holds, to be put anew when the address changes."""
    head = html.Div(html.Div([html.H1(view.heading), html.P(view.sentence)]), className="head")
    if not view.names:
        nothing = (
            empty("No label of that name", "Look for another part of a name.")
            if view.q
            else empty("Nothing to compare", "Run `rosette cluster` on this workspace again.")
        )
        return [head, _filters(view), nothing] if view.q else [head, nothing]
    return [
        head,
        _filters(view),
        html.Div([_matrix(view, palette), _list(view)], className="conf"),
        _metrics(view),
    ]


def _matrix(view: ConfusionView, palette: Mapping[str, str]) -> Any:
    figure = confusion_map(view.names, view.wrong, view.right, palette, share=view.scale == "share")
    cells = {
        "names": view.names,
        "numbers": view.numbers,
        "level": view.level,
        "next": NEXT[view.by],
        "by": view.by,
        "wrong": view.wrong.tolist(),
    }
    content = json.dumps(cells, separators=(",", ":"))
    what = "labels" if view.level == "labels" else "groups of labels"
    return html.Section(
        [
            html.P(
                [view.shown, _way_back(view)], className="muted sm row wrap"
            )
            if view.shown or view.inside
            else None,
            html.Div(
                dcc.Graph(
                    id="confusion-map",
                    figure=figure,
                    config={"displayModeBar": False, "responsive": True},
                ),
                className="heat-scroll",
                id="confusion-box",
                role="application",
                style={"minHeight": f"{figure.layout.height}px"},  # nothing moves when it is drawn
                tabIndex=0,
                **{
                    "aria-label": f"Matrix of {len(view.names):,} {what}. Arrow keys move, Enter "
                    "opens the images; the list says the same in words.",
                    "data-cells": content,
                    "data-key": f"{zlib.crc32(content.encode()):x}",  # the script starts anew
                },
            ),
            html.P(
                "A cell, a row's or a column's name leads to its images.", className="faint xs"
            ),
        ],
        className="panel heatpanel",
        **{"aria-label": "Matrix"},
    )  # fmt: skip


def _way_back(view: ConfusionView) -> Any:
    if view.level == "groups":
        return html.A("Labels confused most", href=at("/confusion?show=labels"), className="link")
    return html.A("All groups", href=at("/confusion"), className="link") if view.inside else None


def _filters(view: ConfusionView) -> Any:
    chips = [
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
        _choice("Scale", "scale", view.scale, SCALES),
    ]  # fmt: skip
    if len(view.sources) > 1:
        chips.append(
            _choice("Said by", "by", view.by, {name: SOURCES[name] for name in view.sources})
        )
    return html.Div(chips, className="filters", role="group", **{"aria-label": "Filters"})


def _choice(words: str, param: str, value: str, options: Mapping[Any, str]) -> Any:
    first = next(iter(options))
    select = html.Select(
        [html.Option(said, value=name) for name, said in options.items()],
        **{"data-param": param, "data-value": value, "data-default": first},
    )
    return html.Label([html.Span(words), select], className="chip in")


def _list(view: ConfusionView) -> Any:
    lines: list[Any] = [_line(pair, NEXT[view.by]) for pair in view.pairs]
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


def _line(pair: TakenFor, other: str) -> Any:
    tone = {"a split": "is-split", "wrong labels": "is-susp"}.get(pair.reason, "is-one")
    return html.A(
        [
            html.Span(f"{pair.count:,}", className="n"),
            html.Span([html.B(pair.label), " look like ", html.B(pair.taken_for)]),
            html.Span(f"{pair.share:.0%} of it", className="faint sm"),
            html.Span(pair.reason, className=f"sm {tone}"),
        ],
        href=at(f"/images?{urlencode({'given': pair.label, other: pair.taken_for})}"),
        className="pairline",
        title=pair.evidence,
    )


def _metrics(view: ConfusionView) -> Any:
    if not view.metrics:
        return None
    heads = ("Label", "Images", "Recognised", "Rightly named", "F1", "Look at")
    more = view.n_labels - len(view.metrics)
    return html.Section(
        [
            html.Div(
                [
                    html.H2("By label"),
                    html.Span("the least recognised first", className="muted sm"),
                ],
                className="row panelhead",
            ),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                        html.Tbody([_row(one, view) for one in view.metrics]),
                    ],
                    className="tbl nums",
                ),
                className="scroll-x",
                tabIndex=0,
                role="region",
                **{"aria-label": "Figures of each label"},
            ),
            html.P(f"and {more:,} more; look for them by name", className="muted sm none")
            if more > 0
            else None,
            html.P(
                "Recognised: the share of its images that look like it (recall). Rightly named: "
                "the share of what looks like it that is labelled so (precision).",
                className="faint xs none",
            ),
        ],
        className="panel",
        **{"aria-label": "By label"},
    )


def _row(one: LabelFigures, view: ConfusionView) -> Any:
    other = NEXT[view.by]
    ways = (
        ("taken for others", {"given": one.label, "differs": other}),
        ("others taken for it", {other: one.label, "differs": other}),
    )
    links = [
        html.A(words, href=at(f"/images?{urlencode(what)}"), className="link sm")
        for words, what in ways
    ]
    return html.Tr(
        [
            html.Th(
                html.A(one.label, href=label_link(one.label), className="link"), scope="row"
            ),
            html.Td(f"{one.size:,}"),
            html.Td(_share(one.recall)),
            html.Td(_share(one.precision)),
            html.Td("–" if one.f1 != one.f1 else f"{one.f1:.2f}"),
            html.Td(html.Span(links, className="ways")),
        ]
    )  # fmt: skip


def _share(value: float) -> str:
    return "–" if value != value else f"{value:.0%}"
