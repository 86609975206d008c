"""The Images page: one gallery of any slice, with the panel of one image and the decision bar."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from explorer.components.decide_bar import decide_bar
from explorer.components.states import empty
from explorer.links import at
from explorer.pages.images.view import ImagesView


def images_layout(view: ImagesView, run: str) -> Any:
    """Return the page."""
    content = {"rows": view.rows, "files": view.files, "labels": view.labels}
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
            "data-decided": json.dumps(view.decided, separators=(",", ":")),
        },
    )
