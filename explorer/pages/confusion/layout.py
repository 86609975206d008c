"""The Confusion page: the matrix, the same as a list, and the figures of each label."""

from __future__ import annotations

import json
import zlib
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from embeddings.label_errors import LabelFigures, TakenFor
from explorer.components import at, choice, empty, label_link, wrapping
from explorer.pages.confusion.view import ORDERS, REASONS, SOURCES, ConfusionView

NEXT = {"check": "looks", "model": "predicted"}  # what the Images page calls the other label


def confusion_layout(view: ConfusionView) -> Any:
    """Return the page."""
    return html.Div(
        confusion_parts(view), className="page", id="confusion-page", **{"data-panel": "yes"}
    )


def confusion_parts(view: ConfusionView) -> list[Any]:
    """Return what the page holds, to be put anew when the address or a decision changes it."""
    head = html.Div(
        [html.Div([html.H1(view.heading), html.P(view.sentence)]), _shown(view)], className="head"
    )
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
        html.Div([_matrix(view), _side(view)], className="conf"),
        _metrics(view),
    ]


def _shown(view: ConfusionView) -> Any:
    """Return the choice between the labels that are confused, and all of them."""
    if not view.names or view.q or view.inside:
        return None
    ways = ((False, "Confused labels", "/confusion"), (True, "All labels", "/confusion?show=all"))
    return html.Div(
        [
            html.A(
                words,
                href=at(address),
                **{"aria-current": "true" if everything == view.everything else "false"},
            )
            for everything, words, address in ways
        ],
        className="seg end",
        role="group",
        **{"aria-label": "Labels shown"},
    )


def _matrix(view: ConfusionView) -> Any:
    rows, columns = view.wrong.nonzero()
    cells = {
        "names": view.names,
        "numbers": view.numbers,
        "level": view.level,
        "next": NEXT[view.by],
        "by": view.by,
        "together": view.order == "",
        "right": view.right.tolist(),
        "cells": [
            [int(y), int(x), int(view.wrong[y, x])] for y, x in zip(rows, columns, strict=True)
        ],
    }
    content = json.dumps(cells, separators=(",", ":"))
    what = "labels" if view.level == "labels" else "groups of labels"
    legend = html.Span(
        [
            html.Span([html.I(className="one"), "one image"]),
            html.Span([html.I("3", className="few"), "number of images"]),
            html.Span([html.I(className="same"), "as labelled"]),
        ],
        className="lgd",
    )
    return html.Section(
        [
            html.Div(
                [html.Span([view.shown, " ", _way_back(view)], className="muted"), legend],
                className="mxhead",
            ),
            html.Div(
                className="mx",
                id="confusion-box",
                role="application",
                tabIndex=0,
                **{
                    "aria-label": f"Matrix of {len(view.names):,} {what}. Arrow keys move, Enter "
                    "opens the images; the list says the same in words.",
                    "data-cells": content,
                    "data-key": f"{zlib.crc32(content.encode()):x}",  # the script starts anew
                },
            ),
            html.P(
                "Arrow keys move between cells, Enter opens one. A name leads to its images.",
                className="foot",
            ),
        ],
        className="panel heatpanel",
        **{"aria-label": "Matrix"},
    )


def _way_back(view: ConfusionView) -> Any:
    back = at("/confusion?show=all")
    return html.A("All groups", href=back, className="link") if view.inside else None


def _filters(view: ConfusionView) -> Any:
    chips = [
        html.Label(
            [
                html.Span("Name contains"),
                dcc.Input(
                    id="confusion-q", type="search", value=view.q, placeholder="any part",
                    autoComplete="off",
                ),
            ],
            className="chip in",
        ),
        choice("order", "Order", view.order, list(ORDERS.items())),
    ]  # fmt: skip
    if len(view.sources) > 1:
        known = [(name if name != "check" else "", SOURCES[name]) for name in view.sources]
        chips.append(choice("by", "Said by", "" if view.by == "check" else view.by, known))
    return html.Div(chips, className="filters", role="group", **{"aria-label": "Filters"})


def _side(view: ConfusionView) -> Any:
    """Return the list of pairs, and the place where the script opens one of them."""
    return html.Div(
        [
            html.Section(
                id="confusion-cell", className="panel sidep", hidden=True,
                **{"aria-label": "One pair"},
            ),
            _list(view),
        ],
        className="confside",
    )  # fmt: skip


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
            html.Span(
                [
                    html.B(wrapping(pair.label)),
                    " look like ",
                    html.B(wrapping(pair.taken_for)),
                ]
            ),
            html.Span(f"{pair.share:.0%} of it", className="faint sm"),
            html.Span(REASONS.get(pair.reason, pair.reason), className=f"sm {tone}"),
        ],
        href=at(f"/images?{urlencode({'given': pair.label, other: pair.taken_for})}"),
        className="pairline",
        title=pair.evidence,
        **{"data-given": pair.label, "data-looks": pair.taken_for, "data-why": pair.evidence},
    )


def _metrics(view: ConfusionView) -> Any:
    if not view.metrics:
        return None
    heads = (
        ("Label", ""),
        ("Images", ""),
        ("Recall", "The share of its images that look like it"),
        ("Precision", "The share of what looks like it that is labelled so"),
        ("F1", "Recall and precision in one figure"),
        ("Look at", ""),
    )
    more = view.n_labels - len(view.metrics)
    return html.Section(
        [
            html.Div(
                [
                    html.H2("By label"),
                    html.Span("most confused first", className="muted sm"),
                ],
                className="row panelhead",
            ),
            html.Div(
                html.Table(
                    [
                        html.Thead(
                            html.Tr(
                                [html.Th(head, scope="col", title=said) for head, said in heads]
                            )
                        ),
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
