"""A choice between options, which the script writes into the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html


def choice(name: str, words: str, value: object, options: Sequence[tuple[object, str]]) -> Any:
    """Return a choice that is ``name`` in the address; without it the first option holds."""
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
