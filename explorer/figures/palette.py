"""Colours from the style sheet, for figures that are drawn on a canvas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

CLUSTER_COLOURS: Final = 10
_DECLARATION = re.compile(r"(--[\w-]+)\s*:\s*(#[0-9a-fA-F]{6})\b")


def token(number: int) -> str:
    """Return the token of a cluster's colour: A is blue, B orange, noise (-1) grey."""
    return "--noise" if number < 0 else f"--c{number % CLUSTER_COLOURS + 1}"


def read_palette(css: str, *, dark: bool) -> Mapping[str, str]:
    """Return token → colour of one theme, from the text of the style sheet."""
    light, _, rest = css.partition("@media(prefers-color-scheme:dark)")
    colours = dict(_DECLARATION.findall(light))
    if dark:
        colours.update(_DECLARATION.findall(rest))
    return colours
