"""The Map page and its address; the colouring follows it, the sample what is zoomed to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from explorer.components import palette_of_request
from explorer.figures import dot_size, scatter_map
from explorer.pages.map.layout import atlas_layout, legend
from explorer.pages.map.view import LEGEND, AtlasView, atlas_view, colour_in, window_of
from explorer.pages.page import Asked, Page, Redraw


def _view(asked: Asked) -> AtlasView:
    window = window_of(asked.values[0]) if asked.values else None
    decided = asked.at_hand.decided()
    view = atlas_view(asked.dataset, colour_in(asked.search), window, decided)
    return replace(view, may_decide=asked.at_hand.may_decide)


def _layout(view: AtlasView, asked: Asked) -> Any:
    return atlas_layout(view, asked.run, palette_of_request())


def _parts(view: AtlasView, asked: Asked) -> tuple[Any, ...]:
    figure = scatter_map(
        view.groups,
        view.signs,
        palette_of_request(),
        dot=dot_size(view.n),
        above=LEGEND,
        density=view.density,
    )
    return figure, legend(view), view.sampled


PAGE: Final = Page(
    "/map",
    "Map",
    _view,
    _layout,
    redraw=Redraw(
        (("atlas-map", "figure"), ("atlas-legend", "children"), ("atlas-sampled", "children")),
        _parts,
        inputs=(("atlas-window", "data"),),
    ),
)
