"""Figures: maps of images, and the colours they are drawn in."""

from __future__ import annotations

from explorer.figures.density import Density, density_of
from explorer.figures.palette import CLUSTER_COLOURS, read_palette, token
from explorer.figures.scatter_map import Group, Sign, dot_size, scatter_map
from explorer.figures.small_map import small_dot_size, small_map

__all__ = [
    "CLUSTER_COLOURS",
    "Density",
    "Group",
    "Sign",
    "density_of",
    "dot_size",
    "read_palette",
    "scatter_map",
    "small_dot_size",
    "small_map",
    "token",
]
