"""Figures: colours from the style sheet, dots that name their items."""

from __future__ import annotations

import numpy as np

from explorer.components import assets_folder
from explorer.figures import CLUSTER_COLOURS, Group, Sign, read_palette, scatter_map, token


def test_both_themes_have_every_colour() -> None:
    css = (assets_folder() / "00-tokens.css").read_text(encoding="utf-8")
    light, dark = read_palette(css, dark=False), read_palette(css, dark=True)
    for name in (*(token(n) for n in range(-1, CLUSTER_COLOURS)), "--ink", "--ink-2"):
        assert light[name] != dark[name]
    assert token(CLUSTER_COLOURS) == token(0)


def test_a_map_names_its_items_and_sets_its_signs_aside() -> None:
    xy = np.array([[0, 0], [1, 2]], dtype=np.float32)
    group = Group("A", "--c1", np.array([5, 7]), xy)
    palette = {"--c1": "#000000", "--ink": "#111111", "--ink-2": "#222222"}
    figure = scatter_map([group], [Sign("A", 0, 0, strong=True)], palette, dot=8)
    assert figure.data[0].customdata.tolist() == [5, 7]
    assert figure.data[0].meta == "--c1"
    assert figure.layout.meta["signs"] == [["A", 0, 0, 1, ""]]
    assert figure.layout.xaxis.range[0] < 0 < 1 < figure.layout.xaxis.range[1]


def test_an_empty_map_can_be_drawn() -> None:
    palette = {"--ink": "#111111", "--ink-2": "#222222"}
    assert len(scatter_map([], [], palette, dot=8).data) == 0
