"""Dark or light theme from the request's cookie, so that figures are drawn in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from flask import request

from explorer.components.asset_files import assets_folder
from explorer.figures import read_palette

COOKIE = "rosette-theme"


@cache
def palette_of(*, dark: bool) -> Mapping[str, str]:
    """Return token → colour of one theme."""
    css = (assets_folder() / "00-tokens.css").read_text(encoding="utf-8")
    return read_palette(css, dark=dark)


def palette_of_request() -> Mapping[str, str]:
    """Return token → colour for the request that is answered."""
    return palette_of(dark=request.cookies.get(COOKIE) == "dark")
