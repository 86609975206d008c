"""A choice that the script writes into the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html


def choice(name: str, words: str, value: object, options: Sequence[tuple[object, str]]) -> Any:
    """Return a choice that stands in the address as ``name``, the first option by its absence."""
    return html.Label(
        [
            html.Span(words),
            html.Select(
                [html.Option(text, value=str(key)) for key, text in options],
                **{
                    "data-param": name,
                    "data-value": str(value),
                    "data-default": str(options[0][0]),
                },
            ),
        ],
        className="chip in",
    )
