"""The faces of the product: the command line, the app, and the app in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from explorer.notebook import show

__all__ = ["show"]

__getattr__, __dir__ = lazy_names(__name__, {"notebook": ("show",)})
