"""The Changes page and its address."""

from __future__ import annotations

from typing import Any, Final

from explorer.pages.changes.callbacks import register
from explorer.pages.changes.layout import changes_layout
from explorer.pages.page import Asked, NotThereError, Page


def _against(asked: Asked) -> str:
    if asked.at_hand.decisions is None:
        raise NotThereError("There is no such page.")
    return asked.at_hand.against


def _layout(against: str, asked: Asked) -> Any:
    return changes_layout(against)


PAGE: Final = Page("/changes", "Changes", _against, _layout, callbacks=register)
