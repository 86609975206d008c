"""The Images page: one gallery of any slice, with the panel of one image and the decision bar."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from explorer.components import at, decide_bar, empty, icon
from explorer.pages.images.view import ImagesView

PARALLEL = (
    "rows", "files", "captions", "labels", "to", "suspicion", "typicality", "pixels", "alike",
)  # fmt: skip
ORDERS = (
    ("found", "as found"),
    ("suspicion", "most suspicious"),
    ("typical", "most typical"),
    ("odd", "least typical"),
    ("file", "file name"),
    ("large", "largest"),
    ("small", "smallest"),
)
SHOWS = (
    ("all", "all"),
    ("open", "not decided"),
    ("decided", "decided"),
    ("suspect", "suspects"),
)
CELLS = (("0", "small"), ("1", "medium"), ("2", "large"))
ALIKE_FROM = "0.60"  # where the slider of likeness stands at first


def images_layout(view: ImagesView, run: str) -> Any:
    """Return the page."""
    content = {name: getattr(view, name) for name in PARALLEL}
    content |= {"label": view.label, "label_of_like": view.suggestion}
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
    """Return how the gallery is ordered, filtered and sized, and what can be ticked at once."""
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
            html.Label(
                [
                    html.Span("Name contains"),
                    html.Span(className="find-place"),
                ],
                className="chip in",
            ),
            _choice("Show", "show", SHOWS),
            _choice("Sort by", "order", ORDERS),
            _choice("Size", "cell", CELLS, at="1"),
            html.Button("Tick all", className="btn sm", id="select-all"),
            spare,
            html.Button(
                [icon("icon-again"), "Shuffle"],
                className="btn sm ghost",
                **{"data-order": "random", "data-seed": f"{seed}"},
            ),
            None if view.seed is None else ordered,
        ],
        className="row wrap slice-tools",
        role="group",
        **{"aria-label": "Gallery"},
    )


def _choice(words: str, name: str, options: tuple[tuple[str, str], ...], at: str = "") -> Any:
    return html.Label(
        [
            html.Span(words),
            html.Select(
                [html.Option(said, value=value, selected=value == at) for value, said in options],
                **{"data-view": name},
            ),
        ],
        className="chip in",
    )
