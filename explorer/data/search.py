"""Search by label or file name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings import columns as c

if TYPE_CHECKING:
    from embeddings.decisions import Decision
    from explorer.data.dataset import Dataset

MOST_LABELS = 8
MOST_FILES = 8
MOST_CHOICES = 30


def find_labels(dataset: Dataset, text: str) -> list[str]:
    """Return labels that hold ``text``, to choose from; those that begin with it come first."""
    hits = _labels(dataset, text.strip().casefold())[:MOST_CHOICES]
    return [dataset.labels[place] for place in hits]


def find(dataset: Dataset, text: str) -> dict[str, Any]:
    """Return labels that hold ``text``, those that begin with it first, and files that hold it.

    Case does not matter. The counts are of all that match, the lists are cut.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return {"labels": [], "files": [], "n_labels": 0, "n_files": 0}
    hits = _labels(dataset, wanted)
    sizes = dataset.classes[c.SIZE].to_numpy()
    held = dataset.folded_files.str.contains(wanted, regex=False).to_numpy(dtype=bool)
    rows = np.flatnonzero(held)
    items = dataset.items
    return {
        "labels": [
            {"place": place, "label": dataset.labels[place], "size": int(sizes[place])}
            for place in hits[:MOST_LABELS]
        ],
        "files": [
            {
                "row": int(row),
                "file": str(items[c.FILE].iloc[row]),
                "label": str(items[c.LABEL].iloc[row]),
            }
            for row in rows[:MOST_FILES]
        ],
        "n_labels": len(hits),
        "n_files": len(rows),
    }


def _labels(dataset: Dataset, wanted: str) -> list[int]:
    """Return the places of the labels that hold ``wanted``, which is folded."""
    folded = [label.casefold() for label in dataset.labels]
    hits = [place for place, label in enumerate(folded) if wanted in label]
    return sorted(hits, key=lambda place: (not folded[place].startswith(wanted), place))


def find_seen(dataset: Dataset, text: str) -> dict[str, Any] | None:
    """Return in how many images the model sees a word, and in which; None where it has no such."""
    found = dataset.words.seen(text) if dataset.words else None
    if found is None or not len(found.rows):
        return None
    return {"word": " ".join(text.split()), "n": len(found.rows), "row": int(found.rows[0])}


def find_decided(decided: Mapping[int, Decision], text: str) -> list[int]:
    """Return the rows with a decision whose words, note or reviewer hold ``text``."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    return [
        row
        for row, one in sorted(decided.items())
        if wanted in f"{one.text}\n{one.note}\n{one.reviewer}".casefold()
    ]
