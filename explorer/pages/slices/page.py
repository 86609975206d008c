"""The Slices page and its address; the filter by next step follows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from explorer.components import asked_in
from explorer.pages.page import Asked, Page, Redraw
from explorer.pages.slices.layout import slices_layout, slices_parts
from explorer.pages.slices.view import SlicesView, slices_view


def _view(asked: Asked) -> SlicesView:
    view = slices_view(asked.dataset, asked_in(asked.search))
    return replace(view, may_decide=asked.at_hand.may_decide)


def _layout(view: SlicesView, asked: Asked) -> Any:
    return slices_layout(view, asked.run)


def _parts(view: SlicesView, asked: Asked) -> tuple[Any, ...]:
    return (slices_parts(view, asked.run),)


PAGE: Final = Page(
    "/slices", "Slices", _view, _layout, redraw=Redraw((("slices-page", "children"),), _parts)
)
