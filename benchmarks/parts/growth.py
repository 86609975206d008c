"""Growth as a picture: SVG written as text, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

from benchmarks.parts.curves import COLOURS

WIDTH, HEIGHT, LEFT, TOP, FOOT, RIGHT = 640, 360, 58, 20, 74, 36

Points = Sequence[tuple[float, float]]


def growth(curves: Mapping[str, Points], axis: str) -> str:
    """Draw each curve, and a dashed line of linear growth through the first one's last point."""
    every = [point for points in curves.values() for point in points]
    low_x, high_x = (end(log10(x) for x, _ in every) for end in (min, max))
    low_y, high_y = floor(min(log10(y) for _, y in every)), ceil(max(log10(y) for _, y in every))
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - FOOT

    def at(x: float, y: float) -> tuple[float, float]:
        across = (log10(x) - low_x) / (high_x - low_x)
        return LEFT + width * across, TOP + height * (high_y - log10(y)) / (high_y - low_y)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(low_y, high_y + 1):
        _, y = at(10**low_x, 10.0**power)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}h{width}" stroke="#ccc"/><text x="{LEFT - 6}" '
            f'y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    for x in sorted({x for x, _ in every}):
        parts.append(
            f'<text x="{at(x, 1)[0]:.1f}" y="{TOP + height + 18}" text-anchor="middle">{x:,.0f}'
            "</text>"
        )
    last_x, last_y = next(iter(curves.values()))[-1]
    begin = max(10**low_x, last_x * 10.0**low_y / last_y)
    line = " ".join(
        f"{a:.1f},{b:.1f}" for a, b in (at(begin, last_y * begin / last_x), at(last_x, last_y))
    )
    parts.append(f'<polyline points="{line}" fill="none" stroke="#777" stroke-dasharray="5 4"/>')
    for number, points in enumerate(curves.values()):
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (at(*point) for point in points))
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{COLOURS[number]}"/>'
            for a, b in (at(*point) for point in points)
        ]
    parts.append(
        f'<text x="{LEFT + width / 2}" y="{HEIGHT - 32}" text-anchor="middle">{escape(axis)}</text>'
    )
    legend = [*((COLOURS[n], name) for n, name in enumerate(curves)), ("#777", "linear growth")]
    for number, (colour, name) in enumerate(legend):
        x = LEFT + number * width / len(legend)
        parts.append(
            f'<rect x="{x:.1f}" y="{HEIGHT - 19}" width="14" height="4" fill="{colour}"/>'
            f'<text x="{x + 20:.1f}" y="{HEIGHT - 12}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])
