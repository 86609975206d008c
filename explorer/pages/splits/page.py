"""The Splits page and its address; the filters follow it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from explorer.pages.page import Asked, Page, Redraw
from explorer.pages.splits.callbacks import register
from explorer.pages.splits.layout import chips, splits_layout, splits_list
from explorer.pages.splits.query import read_query
from explorer.pages.splits.view import SplitsView, splits_view


def _view(asked: Asked) -> SplitsView:
    query = read_query(asked.search)
    at_hand = asked.at_hand
    view = splits_view(
        asked.dataset, query, at_hand.decided_by_label(), at_hand.suspects_by_label()
    )
    return replace(view, may_decide=asked.at_hand.may_decide)


def _layout(view: SplitsView, asked: Asked) -> Any:
    return splits_layout(view, asked.run)


def _parts(view: SplitsView, asked: Asked) -> tuple[Any, ...]:
    return splits_list(view, asked.run), chips(view), view.first.end


PAGE: Final = Page(
    "/splits",
    "Splits",
    _view,
    _layout,
    also=("/",),
    redraw=Redraw(
        (("splits-list", "children"), ("splits-chips", "children"), ("splits-end", "data")),
        _parts,
    ),
    callbacks=register,
)
