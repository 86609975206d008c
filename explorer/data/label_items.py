"""The items of one label, in the order in which its galleries show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.columns import NOISE

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset, Rows


def cluster_numbers(dataset: Dataset, label: str) -> list[int]:
    """Return the clusters that hold images, A first, what is in none last."""
    rows = dataset.rows_of(label)
    present = np.unique(dataset.cluster[rows[np.isfinite(dataset.label_xy[rows, 0])]])
    return [*(int(n) for n in present if n != NOISE), *(int(n) for n in present if n == NOISE)]


def label_items(dataset: Dataset, label: str) -> list[dict[str, Any]]:
    """Return, for each cluster, its rows (most typical first) and the names of their files."""
    clusters = []
    for number in cluster_numbers(dataset, label):
        members: Rows = dataset.members(label, number)
        clusters.append(
            {
                "number": number,
                "rows": members.tolist(),
                "files": dataset.files(members),
            }
        )
    return clusters
