"""The Class page and its address, which names the label."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from explorer.components import label_in, palette_of_request
from explorer.pages.label.layout import label_layout
from explorer.pages.label.view import LabelView, label_view
from explorer.pages.page import Asked, NotThereError, Page


def _view(asked: Asked) -> LabelView:
    label = label_in(asked.place.pathname)
    if label is None:
        raise NotThereError("There is no such page.")
    dataset, decisions = asked.dataset, asked.at_hand.decisions
    if label not in dataset.places:
        raise NotThereError(f"There is no label “{label}” in this data set.")
    decided = decisions.texts(dataset.rows_of(label)) if decisions else None
    return replace(label_view(dataset, label, decided), may_decide=asked.at_hand.may_decide)


def _layout(view: LabelView, asked: Asked) -> Any:
    return label_layout(view, asked.run, palette_of_request())


def _title(view: LabelView) -> str:
    return view.label


PAGE: Final = Page("/class/", _title, _view, _layout)
