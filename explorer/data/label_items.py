"""The items of one label, in the order in which its galleries show them, and its letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from embeddings import columns as c
from embeddings import splits
from embeddings.columns import NOISE
from embeddings.kind_names import kind_label, kind_name
from explorer.data.search import folded

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset, Rows


def letter(number: int) -> str:
    """Return the letter of a cluster, A for the largest; a dash for what is in none."""
    return "–" if number < 0 else splits.letter(number)


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


def suggestion_of(dataset: Dataset, label: str, number: int) -> str | None:
    """Return the label that is suggested for a cluster, None where none is."""
    said = dataset.cluster_facts(label, number).get(c.SUGGESTED_LABEL)
    return None if said is None or pd.isna(said) else str(said)


def shown_by(dataset: Dataset, label: str, number: int) -> str:
    """Return what a cluster shows: the suggested label, else what the model's classes call it.

    "" where neither is known.
    """
    return suggestion_of(dataset, label, number) or kind_name(dataset.cluster_facts(label, number))


def new_label_of(dataset: Dataset, label: str, number: int) -> str:
    """Return a new label that a cluster could get where none of the labels fits it.

    It is the word of the model's classes for it; "" where there is none, where a label is
    suggested, and where a label is spelled so already.
    """
    if suggestion_of(dataset, label, number):
        return ""
    cluster = dataset.cluster_facts(label, number)
    word = kind_label(cluster) if kind_name(cluster) else ""
    return "" if folded(word) in dataset.once("folded labels", _folded_labels) else word


def _folded_labels(dataset: Dataset) -> frozenset[str]:
    return frozenset(map(folded, dataset.labels))
