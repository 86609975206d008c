"""The faces of the product: the command line, the app, the app in a notebook, and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from explorer import plot
    from explorer.notebook import show

__all__ = ["plot", "show"]

_fetched, __dir__ = lazy_names(__name__, {"notebook": ("show",)})


def __getattr__(name: str) -> Any:
    if name == "plot":  # a package, whose functions are public
        from importlib import import_module

        return import_module("explorer.plot")
    return _fetched(name)
