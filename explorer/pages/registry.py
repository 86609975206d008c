"""The pages of the app, each a ``Page`` in the folder of its name."""

from __future__ import annotations

from typing import Any, Final

from explorer.pages.changes import page as changes
from explorer.pages.confusion import page as confusion
from explorer.pages.images import page as images
from explorer.pages.label import page as label
from explorer.pages.map import page as map_
from explorer.pages.overview import page as overview
from explorer.pages.page import Page
from explorer.pages.queue import page as queue
from explorer.pages.review import page as review
from explorer.pages.slices import page as slices
from explorer.pages.splits import page as splits
from explorer.pages.strays import page as strays

PAGES: Final[tuple[Page[Any], ...]] = (
    splits.PAGE,
    label.PAGE,
    overview.PAGE,
    queue.PAGE,
    strays.PAGE,
    confusion.PAGE,
    slices.PAGE,
    images.PAGE,
    map_.PAGE,
    changes.PAGE,
    review.PAGE,
)


def page_named(pathname: str) -> Page[Any] | None:
    """Return the page at an address, None where there is none."""
    return next((page for page in PAGES if page.holds(pathname)), None)
