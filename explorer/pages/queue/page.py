"""The Queue page and its address."""

from __future__ import annotations

from typing import Any, Final

from explorer.pages.page import Asked, Page
from explorer.pages.queue.layout import queue_layout
from explorer.pages.queue.view import QueueView, queue_view


def _view(asked: Asked) -> QueueView:
    decisions = asked.at_hand.decisions
    return queue_view(
        asked.dataset,
        decisions.decided() if decisions else {},
        decisions.assigned() if decisions else {},
        search=asked.search,
        may_decide=asked.at_hand.may_decide,
    )


def _layout(view: QueueView, asked: Asked) -> Any:
    return queue_layout(view, asked.run)


PAGE: Final = Page("/queue", "Queue", _view, _layout)
