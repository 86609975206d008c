"""The faces of the product: the command line, the app, and the app in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.notebook import show

__all__ = ["show"]


def __getattr__(name: str) -> Any:
    if name == "show":
        from explorer.notebook import show

        return show
    raise AttributeError(f"module 'explorer' has no attribute {name!r}")
