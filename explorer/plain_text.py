"""Text for a terminal: no character that moves the cursor, lines of a readable width."""

from __future__ import annotations

import textwrap
from typing import Final

WIDTH: Final = 100  # characters of a line


def printable(text: object) -> str:
    """Return ``text`` without characters that would move the cursor or break the line."""
    return "".join(ch if ch.isprintable() else "\N{REPLACEMENT CHARACTER}" for ch in str(text))


def wrapped(text: str, indent: int = 0, first: int | None = None) -> list[str]:
    """Return ``text`` in lines of the width of a report, indented."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * (indent if first is None else first),
        subsequent_indent=" " * indent,
        break_long_words=False,
    )
