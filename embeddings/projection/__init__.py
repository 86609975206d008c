"""Two-dimensional maps of a label and of the whole data set."""

from __future__ import annotations

from embeddings.projection.maps import label_map, whole_map
from embeddings.projection.umap_layout import plane

__all__ = ["label_map", "plane", "whole_map"]
