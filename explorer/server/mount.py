"""A Dash app whose page works below any path, whichever the request was asked at.

Dash fixes its prefix when the app is made. A proxy may name it with each request, and the same
server may be asked with and without, so the page's own addresses are written when it is sent.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from dash import Dash
from flask import request

_ADDRESS = re.compile(r'\b(src|href)="/(?!/)')


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
