"""A Dash app whose page works below any path prefix, which may differ with each request.

Dash fixes its prefix when the app is made. A proxy may send it with each request, and the same
server may be used with and without it, so the page's own addresses are written when it is sent.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from dash import Dash
from flask import request

_OF_DASH = re.compile(r"dash_", re.IGNORECASE)
_ADDRESS = re.compile(r'\b(src|href)="/(?!/)')


@contextmanager
def without_settings_of_dash() -> Iterator[None]:
    """Leave ``DASH_…`` of the environment aside within the block: they are meant for other apps.

    A prefix among them would move every address of this one.
    """
    aside = {name: os.environ.pop(name) for name in list(os.environ) if _OF_DASH.match(name)}
    try:
        yield
    finally:
        os.environ.update(aside)


class MountedDash(Dash):  # type: ignore[misc]  # Dash has no types
    """Dash, with SCRIPT_NAME before every address of its page."""

    def _config(self) -> dict[str, Any]:
        return {**super()._config(), "requests_pathname_prefix": f"{request.script_root}/"}

    def interpolate_index(self, **parts: str) -> str:
        """Return the page; its title is the data set's name, which is text and no HTML."""
        parts["title"] = escape(parts.get("title", ""))
        whole = str(super().interpolate_index(**parts))
        prefix = request.script_root
        return _ADDRESS.sub(rf'\1="{prefix}/', whole).replace("{prefix}", prefix, 1)
