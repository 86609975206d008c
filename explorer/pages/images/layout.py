"""The Images page: one gallery of any slice, with the panel of one image and the decision bar."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from explorer.components import at, decide_bar, empty, icon
from explorer.pages.images.view import ImagesView


def images_layout(view: ImagesView, run: str) -> Any:
    """Return the page."""
    content = {"rows": view.rows, "files": view.files, "captions": view.captions}
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
                        html.P(f"{n:,} image{'' if n == 1 else 's'}. {view.sentence}"),
                    ]
                ),
                className="head",
            ),
            _tools(view),
            html.Div(
                [
                    gallery,
                    html.Aside(
                        id="item-panel", className="item drawer", **{"aria-label": "One image"}
                    ),
                ],
                className="slice",
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
    """Return what can be done with the gallery as a whole."""
    if len(view.rows) < 2:
        return None
    spare = None
    if view.spare:
        said = f"Select all but the first of each ({len(view.spare):,})"
        spare = html.Button(said, className="btn sm", id="select-spare")
    seed = 0 if view.seed is None else view.seed + 1
    ordered = html.Button("In order", className="btn sm ghost", **{"data-order": ""})
    return html.Div(
        [
            html.Button(
                [icon("icon-again"), "Shuffle"],
                className="btn sm",
                **{"data-order": "random", "data-seed": f"{seed}"},
            ),
            None if view.seed is None else ordered,
            spare,
        ],
        className="row wrap slice-tools",
        role="group",
        **{"aria-label": "Gallery"},
    )
