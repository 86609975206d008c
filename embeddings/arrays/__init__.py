"""Matrices of embeddings read in blocks: unit rows, principal axes, whitening, copies."""

from __future__ import annotations

from embeddings.arrays.content_hash import content_numbers, contents
from embeddings.arrays.distances import condensed_distances
from embeddings.arrays.distinct_items import LabelItems
from embeddings.arrays.given import (
    HasArray,
    Labels,
    Matrix,
    index_of,
    keeps_index,
    label_texts,
    labels_of,
    rows_of,
)
from embeddings.arrays.matrix import Picked, Rows, StoredRows, blocks, by_group, wide
from embeddings.arrays.pca import widest, widest_of_scatter
from embeddings.arrays.unit_rows import unit_rows
from embeddings.arrays.whitening import principal, shared_space

__all__ = [
    "HasArray",
    "LabelItems",
    "Labels",
    "Matrix",
    "Picked",
    "Rows",
    "StoredRows",
    "blocks",
    "by_group",
    "condensed_distances",
    "content_numbers",
    "contents",
    "index_of",
    "keeps_index",
    "label_texts",
    "labels_of",
    "principal",
    "rows_of",
    "shared_space",
    "unit_rows",
    "wide",
    "widest",
    "widest_of_scatter",
]
