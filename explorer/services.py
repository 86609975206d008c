"""What a running app has at hand. Layouts and callbacks get it from the current Flask app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from explorer.dataset import Dataset

if TYPE_CHECKING:
    from explorer.decisions import Decisions

KEY = "rosette"


@dataclass(frozen=True, slots=True)
class Services:
    """The data set that is looked at, and what was decided on it.

    ``decisions`` is None where nothing can be decided: the app only shows.
    """

    dataset: Dataset
    decisions: Decisions | None = None
    reviewer: str = "reviewer"  # who decides, until the page is told otherwise


def services() -> Services:
    """Return the services of the app that answers this request."""
    return cast(Services, current_app.extensions[KEY])
