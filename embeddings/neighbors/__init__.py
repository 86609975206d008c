"""Nearest-neighbour search: exact in blocks, random-projection forest, inverted-file index."""

from __future__ import annotations

from embeddings.neighbors.brute_index import Nearest
from embeddings.neighbors.exact import (
    BLOCK_CELLS,
    Neighbours,
    largest,
    nearest_by_products,
    nearest_within,
)
from embeddings.neighbors.ivf_index import IVF_EXACT_UP_TO, IVF_FOLDER, NearIndex, ensure_ivf_index
from embeddings.neighbors.rp_forest import Wanted, near_points, nearest_of_others, search

__all__ = [
    "BLOCK_CELLS",
    "IVF_EXACT_UP_TO",
    "IVF_FOLDER",
    "NearIndex",
    "Nearest",
    "Neighbours",
    "Wanted",
    "ensure_ivf_index",
    "largest",
    "near_points",
    "nearest_by_products",
    "nearest_of_others",
    "nearest_within",
    "search",
]
