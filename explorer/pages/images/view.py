"""The Images page as plain data: any slice of the data set as one gallery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import numpy as np

from embeddings import columns as c
from embeddings.label_errors import CHECKED
from explorer.views.selection import words

if TYPE_CHECKING:
    from explorer.dataset import Dataset, Rows


@dataclass(frozen=True, slots=True)
class ImagesView:
    """Everything the page says; ``rows``, ``files`` and ``labels`` are parallel."""

    heading: str
    sentence: str
    rows: tuple[int, ...]
    files: tuple[str, ...]
    labels: tuple[str, ...]
    decided: dict[int, str]
    may_decide: bool


def images_view(dataset: Dataset, search: str, decided: dict[int, str] | None = None) -> ImagesView:
    """Make the view model of what an address asks for; nonsense is an empty gallery.

    ``finding=NAME`` shows what the file facts found, ``given=`` and ``predicted=`` the images of a
    label that the model takes for another, ``label=`` one label.
    """
    asked = {k: v[0] for k, v in parse_qs(search.lstrip("?"), max_num_fields=20).items()}
    heading, sentence, rows = _asked(dataset, asked)
    labels = dataset.items[c.LABEL].iloc[rows].astype(str)
    if not sentence and len(rows):
        counts = labels.value_counts()
        sentence = words(list(zip(counts.index, (int(n) for n in counts), strict=True)))
    return ImagesView(
        heading=heading,
        sentence=sentence,
        rows=tuple(int(row) for row in rows),
        files=tuple(dataset.items[c.FILE].iloc[rows].astype(str)),
        labels=tuple(labels),
        decided=decided or {},
        may_decide=decided is not None,
    )


def _asked(dataset: Dataset, asked: dict[str, str]) -> tuple[str, str, Rows]:
    if "finding" in asked:
        for finding in dataset.odd_files:
            if finding.name == asked["finding"]:
                return finding.title, finding.said, finding.rows
        return "Nothing of the kind was found", "", np.zeros(0, np.intp)
    keep = np.ones(len(dataset.items), dtype=bool)
    told = []
    for name, column, said in (
        ("label", c.LABEL, "labelled {}"),
        ("given", c.LABEL, "labelled {}"),
        ("predicted", c.PREDICTED, "that the model takes for {}"),
        ("looks", CHECKED, "that look like {}"),
    ):
        if name in asked and column in dataset.items:
            keep &= (dataset.items[column].fillna("").astype(str) == asked[name]).to_numpy()
            told.append(said.format(asked[name]))
    heading = f"Images {', '.join(told)}" if told else "All images"
    return heading, "", np.flatnonzero(keep)
