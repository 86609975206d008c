"""The picture of growth."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from benchmarks.parts.growth import growth


def test_linear_growth_lies_on_the_dashed_line() -> None:
    points = [(1e3, 0.5), (1e4, 5.0), (1e5, 50.0)]
    drawn = growth({"seconds <now>": points}, "items")
    ElementTree.fromstring(drawn)
    line, curve = re.findall(r'polyline points="([^"]+)"', drawn)
    ends = [[float(n) for n in pair.split(",")] for pair in line.split()]
    for pair in curve.split():
        x, y = (float(n) for n in pair.split(","))
        (x0, y0), (x1, y1) = ends
        assert y == pytest.approx(y0 + (y1 - y0) * (x - x0) / (x1 - x0), abs=0.2)
