"""Small parts that pages share: verdict, meter, thumbnails, maps."""

from __future__ import annotations

import re
from typing import Any, Final

from dash import html

from explorer.components.links import at
from explorer.data import in_words

VERDICTS: Final = {
    "two kinds": ("Two kinds", "is-split", "icon-split"),
    "perhaps two": ("Perhaps two", "is-susp", "icon-half"),
    "one kind": ("One kind", "is-one", "icon-ring"),
}
LETTERS: Final = "ABCDEFGHIJ"
_JOINTS: Final = re.compile(r"(?<=[_/-])(?=[^_/-])")


def icon(name: str) -> Any:
    """Return an icon that screen readers skip."""
    return html.Span(className=f"icon {name}", **{"aria-hidden": "true"})


def wrapping(text: str) -> list[Any]:
    """Return a text that may be broken after what joins its words, as labels have it."""
    pieces = _JOINTS.split(text)
    return [part for piece in pieces for part in (piece, html.Wbr())][:-1]


def colour_class(number: int) -> str:
    """Return the class that sets a cluster's colour; A is blue, B orange, C green."""
    return "cN" if number < 0 else f"c{LETTERS[number % len(LETTERS)]}"


def verdict(name: str, reason: str = "", kinds: int = 2) -> Any:
    """Return a verdict: icon and words, in its colour; ``kinds`` says how many kinds it means."""
    text, tone, sign = VERDICTS[name]
    if kinds > 2:
        text = text.replace("Two", in_words(kinds).capitalize()).replace("two", in_words(kinds))
    return html.Span(
        [icon(sign), f"{text}, {reason}" if reason else text], className=f"verdict {tone}"
    )


def meter(score: float, name: str) -> Any:
    """Return a score as a bar and a number."""
    return html.Span(
        [
            html.Span(html.I(style={"width": f"{score:.0%}"}), className="bar"),
            html.B(f"{score:.2f}"),
        ],
        className=f"meter {VERDICTS[name][1]}",
        title="How surely this label is two kinds, from 0 to 1",
    )


def thumbnail(run: str, row: int) -> Any:
    """Return one image of a gallery; the text beside it describes it."""
    image = html.Img(src=at(f"/img/{run}/{row}"), alt="", width=112, height=112)
    return html.Span(image, className="t")


def small_map(run: str, place: int, clusters: list[int], label: str) -> Any:
    """Return the small map of a label: a mask per cluster, coloured by the page."""
    dots = [
        html.Span(
            className=f"dots {colour_class(n)}",
            style={"maskImage": f"url({at(f'/map/{run}/{place}/{n}.svg')})"},
        )
        for n in clusters
    ]
    return html.Div(
        dots,
        className="mp",
        role="img",
        **{"aria-label": f"Map of {label}: {len([n for n in clusters if n >= 0])} groups"},
    )
