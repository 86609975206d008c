"""The Confusion page and its address; the labels looked for and what is decided follow it."""

from __future__ import annotations

from typing import Any, Final

from explorer.pages.confusion.layout import confusion_layout, confusion_parts
from explorer.pages.confusion.view import ConfusionView, confusion_view
from explorer.pages.page import Asked, Page, Redraw


def _view(asked: Asked) -> ConfusionView:
    return confusion_view(asked.dataset, asked.search, asked.at_hand.decided_rows())


def _layout(view: ConfusionView, asked: Asked) -> Any:
    return confusion_layout(view)


def _parts(view: ConfusionView, asked: Asked) -> tuple[Any, ...]:
    return (confusion_parts(view),)


PAGE: Final = Page(
    "/confusion",
    "Confusion",
    _view,
    _layout,
    redraw=Redraw((("confusion-page", "children"),), _parts),
)
