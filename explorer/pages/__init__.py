"""The pages: a folder each, with view, layout and the ``Page`` that ties them to an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from explorer.pages.page import Asked, NotThereError, Page
    from explorer.pages.registry import PAGES, page_named

__all__ = ["PAGES", "Asked", "NotThereError", "Page", "page_named"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {"page": ("Asked", "NotThereError", "Page"), "registry": ("PAGES", "page_named")},
)
