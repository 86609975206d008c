"""What the page's own script asks for over HTTP: items, pictures, decisions, exports."""

from __future__ import annotations

from flask import Flask

from explorer.api import decide, exports, images, items, search, selections

__all__ = ["register"]


def register(server: Flask) -> None:
    """Add all these addresses to a server."""
    for part in (images, items, search, decide, selections, exports):
        part.register(server)
