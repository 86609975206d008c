"""The Review page and its address; after each decision all of it is drawn anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from explorer.pages.page import Asked, NotThereError, Page, Redraw
from explorer.pages.review.layout import review_layout, review_parts
from explorer.pages.review.view import ReviewView, review_view


def _view(asked: Asked) -> ReviewView:
    decisions = asked.at_hand.decisions
    if decisions is None:
        raise NotThereError("There is no such page.")
    return review_view(asked.dataset, decisions, now=datetime.now(UTC), search=asked.search)


def _layout(view: ReviewView, asked: Asked) -> Any:
    return review_layout(view, asked.run, may_decide=asked.at_hand.may_decide)


def _parts(view: ReviewView, asked: Asked) -> tuple[Any, ...]:
    return (review_parts(view, asked.run, may_decide=asked.at_hand.may_decide),)


PAGE: Final = Page(
    "/review", "Review", _view, _layout, redraw=Redraw((("review-page", "children"),), _parts)
)
