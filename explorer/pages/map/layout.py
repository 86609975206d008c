"""The Map page: the whole data set, a legend, tools, and a gallery of what the lasso caught."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from explorer.components import at, decide_bar, icon
from explorer.figures import dot_size, scatter_map
from explorer.pages.map.view import LEGEND, AtlasView

GRAPH = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset", "responsive": True}
TICKS = (("all", "Tick all"), ("none", "Tick none"), ("suspects", "Tick suspects"))
TOOLS = (
    ("lasso", "icon-lasso", "Lasso"),
    ("select", "icon-box", "Box"),
    ("pan", "icon-move", "Move"),
    ("in", "icon-plus", "Zoom in"),
    ("out", "icon-minus", "Zoom out"),
    ("fit", "icon-fit", "Fit all"),
)


def atlas_layout(view: AtlasView, run: str, palette: Mapping[str, str]) -> Any:
    """Return the page."""
    return html.Div(
        [
            html.H1("Map of the whole data set", className="vh"),
            html.Div(
                [
                    html.Div(
                        dcc.Graph(
                            id="atlas-map",
                            figure=scatter_map(
                                view.groups,
                                view.signs,
                                palette,
                                dot=dot_size(view.n),
                                above=LEGEND,
                                density=view.density,
                            ),
                            config=GRAPH,
                            className="graph",
                        ),
                        className="graphbox",
                        role="img",
                        **{"aria-label": view.summary},
                    ),
                    html.Div(
                        [
                            html.Label(
                                [
                                    html.Span("Colour"),
                                    html.Select(
                                        [
                                            html.Option(words, value=name)
                                            for name, words in view.colours
                                        ],
                                        id="atlas-colour",
                                        **{
                                            "data-param": "colour",
                                            "data-value": view.colour,
                                            "aria-label": "Colour by",
                                        },
                                    ),
                                ],
                                className="field",
                            ),
                            html.Div(legend(view), id="atlas-legend", className="entries"),
                        ],
                        className="float legend sm",
                    ),
                    html.Div(
                        [
                            html.Button(
                                icon(sign),
                                className="iconbtn",
                                title=said,
                                **{
                                    "aria-label": said,
                                    "data-drag": mode,
                                    "aria-pressed": "true" if mode == "lasso" else "false",
                                },
                            )
                            for mode, sign, said in TOOLS
                        ],
                        className="float maptools",
                        role="toolbar",
                        **{"aria-label": "Map tools"},
                    ),
                    html.P(view.sampled, id="atlas-sampled", className="float sampled sm"),
                    _pick(view.may_decide),
                    html.Aside(id="item-panel", className="insp", **{"aria-label": "One image"}),
                ],
                className="atlas",
                id="atlas",
                **{"data-run": run, "data-panel": "yes"},
            ),
            dcc.Store(id="atlas-window"),
        ]
    )


def legend(view: AtlasView) -> list[Any]:
    """Return the lines of the legend; each hides and shows its dots, which filters the lasso."""
    return [
        html.Button(
            [
                html.Span(className="dot", style={"background": f"var({entry.token})"}),
                html.Span(entry.name, className="nm"),
                html.Span(f"{entry.count:,}", className="faint num"),
            ],
            className="row entry",
            title=f"Hide or show: {entry.name}",
            **{"data-group": entry.name, "aria-pressed": "true"},
        )
        for entry in view.legend
    ]


def _pick(may_decide: bool) -> Any:
    return html.Section(
        [
            html.Div(
                [
                    html.H2("", id="picked-title"),
                    html.Button(
                        icon("icon-close"),
                        className="iconbtn end",
                        id="picked-clear",
                        title="Clear the selection",
                        **{"aria-label": "Clear the selection"},
                    ),
                ],
                className="row pk-head",
            ),
            html.P("", id="picked-words", className="evidence sm pk-words"),
            html.Div(
                [
                    html.Button(words, className="btn sm ghost", **{"data-tick": which})
                    for which, words in TICKS
                ],
                className="row pk-ticks",
                role="group",
                **{"aria-label": "Ticks"},
            ),
            html.Div(id="arrange", className="row wrap arrange-tools"),
            html.Div(html.Div(className="gallery", id="picked-gallery"), className="pk-body"),
            html.Div(
                [
                    html.A("", className="btn sm grow", id="picked-open", href=at("/splits")),
                    decide_bar(may_decide),
                ],
                className="pk-foot",
            ),
        ],
        className="float pick",
        id="picked",
        hidden=True,
        **{"aria-label": "Selection"},
    )
