"""What a running app has at hand. Layouts and callbacks get it from the current Flask app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from explorer.dataset import Dataset

KEY = "rosette"


@dataclass(frozen=True, slots=True)
class Services:
    """The data set that is looked at."""

    dataset: Dataset


def services() -> Services:
    """Return the services of the app that answers this request."""
    return cast(Services, current_app.extensions[KEY])
