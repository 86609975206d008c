"""Figures: maps of images, the ranking, and the colours they are drawn in."""

from __future__ import annotations

from explorer.figures.by_itself import map_by_itself, ranking_by_itself
from explorer.figures.colouring import (
    QUIET,
    Colouring,
    by_finding,
    by_value,
    coloured_groups,
    dense_spot,
)
from explorer.figures.density import Density, density_of
from explorer.figures.label_parts import Part, part_groups, part_signs, split_signs
from explorer.figures.palette import CLUSTER_COLOURS, read_palette, token
from explorer.figures.scatter_map import Group, Sign, dot_size, scatter_map
from explorer.figures.small_map import small_dot_size, small_map

__all__ = [
    "CLUSTER_COLOURS",
    "QUIET",
    "Colouring",
    "Density",
    "Group",
    "Part",
    "Sign",
    "by_finding",
    "by_value",
    "coloured_groups",
    "dense_spot",
    "density_of",
    "dot_size",
    "map_by_itself",
    "part_groups",
    "part_signs",
    "ranking_by_itself",
    "read_palette",
    "scatter_map",
    "small_dot_size",
    "small_map",
    "split_signs",
    "token",
]
