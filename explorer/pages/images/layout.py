"""The Images page: one gallery of any slice, with the panel of one image and the decision bar."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from explorer.components import at, decide_bar, empty, icon
from explorer.pages.images.view import ImagesView

ALIKE_FROM = "0.60"  # where the slider of likeness stands at first


def images_layout(view: ImagesView, run: str) -> Any:
    """Return the page."""
    content = {**view.facts, "captions": view.captions, "alike": view.alike}
    content |= {"shared": view.label, "label_of_like": view.suggestion}
    n = len(view.rows)
    gallery: Any = html.Div(
        [html.Div(className="gallery", id="slice-gallery"), decide_bar(view.may_decide)],
        className="galleries",
    )
    if not n:
        gallery = empty("Nothing here", "No image fits.", html.A("Overview", href=at("/overview")))
    return html.Div(
        [
            html.Div(
                html.Div(
                    [
                        html.H1(view.heading),
                        html.P(
                            [
                                html.Span(f"{n:,} image{'' if n == 1 else 's'}", id="slice-count"),
                                f". {view.sentence}",
                            ]
                        ),
                    ]
                ),
                className="head",
            ),
            _tools(view),
            html.Div(
                [
                    gallery,
                    html.Aside(id="item-panel", className="insp", **{"aria-label": "One image"}),
                ],
                className="slice bulk",
                **{"data-panel": "yes"},
            ),
        ],
        className="page",
        id="images-page",
        **{
            "data-run": run,
            "data-key": view.heading,
            "data-items": json.dumps(content, separators=(",", ":")),
            "data-spare": json.dumps(view.spare, separators=(",", ":")),
            "data-decided": json.dumps(view.decided, separators=(",", ":")),
        },
    )


def _tools(view: ImagesView) -> Any:
    """Return the tools that only this gallery has; the script adds those that all have."""
    if not view.rows:
        return None
    spare = None
    if view.spare:
        said = f"Tick all but the first of each ({len(view.spare):,})"
        spare = html.Button(said, className="btn sm", id="select-spare")
    seed = 0 if view.seed is None else view.seed + 1
    ordered = html.Button("In order", className="btn sm ghost", **{"data-order": ""})
    alike = None
    if any(view.alike):
        alike = html.Label(
            [
                html.Span("At least this alike"),
                html.Span(className="alike-place", **{"data-from": ALIKE_FROM}),
            ],
            className="chip in similar",
        )
    return html.Div(
        [
            alike,
            # the script puts its tools between the two
            html.Div(
                [
                    spare,
                    html.Button(
                        [icon("icon-again"), "Shuffle"],
                        className="btn sm ghost",
                        **{"data-order": "random", "data-seed": f"{seed}"},
                    ),
                    None if view.seed is None else ordered,
                ],
                className="row wrap more-tools",
            ),
        ],
        className="row wrap arrange-tools",
        id="arrange",
    )
