"""Curves as a picture: SVG written as text, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import log1p

# Okabe & Ito's colours, which people with any colour vision tell apart
COLOURS = ("#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#777777")
DASHES = ("", "5 3", "", "5 3", "8 5", "2 3")
PANEL, HEIGHT, LEFT, TOP, FOOT = 460, 300, 52, 34, 74

Curves = Mapping[str, Sequence[tuple[float, float]]]


def panel(title: str, curves: Curves, ticks: Sequence[int], at: int) -> str:
    """Draw the curves of one set: actions on a logarithmic axis, a value from 0 up."""
    most = max(y for points in curves.values() for _, y in points) or 1.0
    width, height = PANEL - LEFT - 18, HEIGHT - TOP - FOOT

    def x(actions: float) -> float:
        return at * PANEL + LEFT + width * log1p(actions) / log1p(ticks[-1])

    def y(value: float) -> float:
        return TOP + height * (1 - value / most)

    parts = [f'<text x="{x(0)}" y="20" font-weight="bold">{escape(title)}</text>']
    for share in (0, 0.25, 0.5, 0.75, 1):
        line = y(share * most)
        parts.append(
            f'<path d="M{x(0):.1f} {line:.1f}h{width}" stroke="#ccc"/>'
            f'<text x="{x(0) - 6:.1f}" y="{line + 4:.1f}" text-anchor="end">'
            f"{share * most:.0f}</text>"
        )
    for tick in ticks:
        parts.append(
            f'<text x="{x(tick):.1f}" y="{TOP + height + 16}" text-anchor="middle">{tick}</text>'
        )
    for number, points in enumerate(curves.values()):
        path = " ".join(f"{x(a):.1f},{y(v):.1f}" for a, v in points)
        dash = f' stroke-dasharray="{DASHES[number]}"' if DASHES[number] else ""
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{COLOURS[number]}" '
            f'stroke-width="2"{dash}/>'
        )
    return "\n".join(parts)


def picture(panels: Mapping[str, Curves], ticks: Sequence[int], axis: str) -> str:
    """Draw the panels beside each other over one legend; the same curves give the same text."""
    names = list(next(iter(panels.values())))
    width = PANEL * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
        f'width="{width}" font-family="sans-serif" font-size="11" fill="#222">',
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>',
    ]
    parts += [panel(name, curves, ticks, at) for at, (name, curves) in enumerate(panels.items())]
    parts.append(
        f'<text x="{width / 2}" y="{HEIGHT - 38}" text-anchor="middle">{escape(axis)}</text>'
    )
    # an entry takes the room of its letters, and the rest is shared out evenly
    room = (width - 2 * LEFT - sum(32 + 6 * len(name) for name in names)) / len(names)
    left = float(LEFT)
    for number, name in enumerate(names):
        dash = f' stroke-dasharray="{DASHES[number]}"' if DASHES[number] else ""
        parts.append(
            f'<path d="M{left:.0f} {HEIGHT - 16}h26" stroke="{COLOURS[number]}" '
            f'stroke-width="2"{dash}/>'
            f'<text x="{left + 32:.0f}" y="{HEIGHT - 12}">{escape(name)}</text>'
        )
        left += 32 + 6 * len(name) + room
    return "\n".join([*parts, "</svg>\n"])
