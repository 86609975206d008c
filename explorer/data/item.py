"""One image: facts, evidence, what the model would say, and what is nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from embeddings import columns as c
from explorer.data.label_items import letter, new_label_of

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset

NEAREST = 8
MOST_CLASSES = 5
IMAGENET_CLASSES = 1000


def item_view(dataset: Dataset, row: int) -> dict[str, Any]:
    """Return what the panel of one image shows, as plain values."""
    item = dataset.columns.row(row)
    label, cluster = str(item[c.LABEL]), int(item[c.CLUSTER])
    suggestion = _suggestion(dataset, item, row)
    near = dataset.nearest.near(row, dataset.rows_of(label), NEAREST)
    anywhere, inside, outside = near.anywhere, near.inside, near.outside
    asked = anywhere if suggestion is None else outside
    return {
        "row": row,
        "file": str(item[c.FILE]),
        "label": label,
        "place": dataset.places.get(label),
        "cluster": cluster,
        "letter": letter(cluster),
        "status": str(item[c.STATUS]),
        "reason": str(item[c.REASON] or ""),
        "suspicion": _number(item[c.SUSPICION]),
        "suggestion": suggestion,
        "new": _new(dataset, row, label, cluster) if suggestion is None else "",
        "typicality": _number(item[c.TYPICALITY]),
        "format": str(item.get(c.FORMAT) or ""),
        "width": int(item.get(c.WIDTH) or 0),
        "height": int(item.get(c.HEIGHT) or 0),
        "bytes": int(item.get(c.BYTES) or 0),
        "grey": bool(item.get(c.GREY)),
        "picture": dataset.workspace.pictures.state(
            str(item[c.FILE]), str(item.get(c.SHA256) or "")
        ),
        "evidence": _told(item) or nearest_words(label, [dataset.label_of(r) for r in asked]),
        "copies": [r for r in dataset.copies(row) if r != row][:NEAREST],
        "predicted": _predicted(dataset, row),
        "says": who_says(dataset),
        "nearest": _strip(dataset, anywhere, row),
        "inside": _strip(dataset, inside, row),
        "outside": _strip(dataset, outside, row),
    }


def _suggestion(dataset: Dataset, item: dict[str, Any], row: int) -> str | None:
    """Return the label that an item is suspected to be, its cluster's where that is odd."""
    own, inside = item[c.SUGGESTED_LABEL], item.get(c.CLUSTER_SUGGESTED_LABEL)
    said = own or (inside if dataset.in_odd_cluster[row] else None)
    return str(said) if isinstance(said, str) and said != item[c.LABEL] else None


def _new(dataset: Dataset, row: int, label: str, cluster: int) -> str:
    """Return the new label that the item's cluster could get, where that is odd."""
    return new_label_of(dataset, label, cluster) if dataset.in_odd_cluster[row] else ""


def _told(item: dict[str, Any]) -> str:
    """Return what the run said of the item itself, "" where it is in no question."""
    said = item.get(c.EVIDENCE)
    return "" if said is None or pd.isna(said) else str(said)


def nearest_words(label: str, labels: list[str]) -> str:
    """Say in one line which labels the nearest images have."""
    if not labels:
        return ""
    counted = pd.Series(labels).value_counts()
    first, n = str(counted.index[0]), int(counted.iloc[0])
    whole = len(labels)
    of = f"all {whole}" if n == whole else f"{n} of {whole}"
    if first == label:
        return f"{of.capitalize()} nearest images are {label} too."
    return f"Labelled {label}, but {of} nearest images are {first}."


def _strip(dataset: Dataset, rows: list[int], row: int) -> list[dict[str, Any]]:
    own = dataset.label_of(row)
    return [
        {
            "row": r,
            "label": dataset.label_of(r),
            "file": dataset.file_of(r),
            "letter": letter(int(dataset.cluster[r])) if dataset.label_of(r) == own else "",
        }
        for r in rows
    ]


def _predicted(dataset: Dataset, row: int) -> list[dict[str, Any]]:
    return [
        {"name": name, "probability": round(probability, 4)}
        for name, probability in dataset.predicted(row)[:MOST_CLASSES]
    ]


def who_says(dataset: Dataset) -> str:
    """Say whose word the likeliest classes are: a model of one's own, or one of ImageNet."""
    model = dataset.workspace.info.model
    n = len(model.classes) if model and model.classes else 0
    return "ImageNet guess" if n == IMAGENET_CLASSES else "The model says"


def _number(value: Any) -> float | None:
    return round(float(value), 4) if value is not None and np.isfinite(value) else None
