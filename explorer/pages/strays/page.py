"""The page of single suspects, and its address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from explorer.pages.page import Asked, Page
from explorer.pages.strays.layout import strays_layout
from explorer.pages.strays.view import StraysView, strays_view


def _view(asked: Asked) -> StraysView:
    view = strays_view(asked.dataset, asked.search, asked.at_hand.decided())
    return replace(view, may_decide=asked.at_hand.may_decide)


def _layout(view: StraysView, asked: Asked) -> Any:
    return strays_layout(view, asked.run)


PAGE: Final = Page("/strays", "Single images", _view, _layout)
