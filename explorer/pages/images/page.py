"""The page of one finding's or slice's images, and its address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from explorer.pages.images.layout import images_layout
from explorer.pages.images.view import ImagesView, images_view
from explorer.pages.page import Asked, Page


def _view(asked: Asked) -> ImagesView:
    view = images_view(asked.dataset, asked.search, asked.at_hand.decided())
    return replace(view, may_decide=asked.at_hand.may_decide)


def _layout(view: ImagesView, asked: Asked) -> Any:
    return images_layout(view, asked.run)


def _title(view: ImagesView) -> str:
    return view.heading


PAGE: Final = Page("/images", _title, _view, _layout)
