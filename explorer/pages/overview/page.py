"""The Overview page and its address; the wall of images follows it."""

from __future__ import annotations

from typing import Any, Final

from explorer.pages.overview.layout import overview_layout
from explorer.pages.overview.view import OverviewView, overview_view, seed_in
from explorer.pages.page import Asked, Page, Redraw


def _view(asked: Asked) -> OverviewView:
    return overview_view(asked.dataset, seed_in(asked.search))


def _layout(view: OverviewView, asked: Asked) -> Any:
    return overview_layout(view, asked.run)


def _parts(view: OverviewView, asked: Asked) -> tuple[Any, ...]:
    return (_layout(view, asked).children,)


PAGE: Final = Page(
    "/overview", "Overview", _view, _layout, redraw=Redraw((("overview-page", "children"),), _parts)
)
