"""The Confusion page as plain data: where labels and images disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

import numpy as np
from numpy.typing import NDArray

from embeddings.confusion import Confusion, TakenFor

if TYPE_CHECKING:
    from explorer.dataset import Dataset

MOST_LABELS = 120  # of the matrix; more can't be told apart on a screen
MOST_PAIRS = 60
SCALES: Final = {"": "count, logarithmic", "share": "share of the label"}


@dataclass(frozen=True, slots=True)
class ConfusionView:
    """Everything the page says; ``counts`` (n, n) by given label and look, in ``labels``' order."""

    heading: str
    sentence: str
    scale: str
    q: str
    labels: tuple[str, ...]
    counts: NDArray[np.int64]
    sampled: str
    pairs: tuple[TakenFor, ...]
    n_pairs: int


def confusion_view(dataset: Dataset, search: str) -> ConfusionView:
    """Make the view model; ``q`` in the address keeps labels that hold that text, and theirs."""
    asked = {k: v[0] for k, v in parse_qs(search.lstrip("?"), max_num_fields=20).items()}
    scale = asked.get("scale", "") if asked.get("scale") in SCALES else ""
    q = asked.get("q", "")[:200]
    matrix, taken = dataset.confusion
    pairs = [pair for pair in taken if _holds(q, pair.label, pair.taken_for)]
    shown = shown_labels(matrix, q)
    return ConfusionView(
        heading=heading(matrix),
        sentence="Each image was compared with the others, its own label not being known. "
        "Rows are the labels given, columns what the images look like.",
        scale=scale,
        q=q,
        labels=tuple(matrix.names[n] for n in shown),
        counts=part_of(matrix, shown),
        sampled=f"Showing the {len(shown):,} labels that are confused most, of "
        f"{len(matrix.names):,}. Look for others by name."
        if len(shown) < len(matrix.names) and not q
        else "",
        pairs=tuple(pairs[:MOST_PAIRS]),
        n_pairs=len(pairs),
    )


def heading(matrix: Confusion) -> str:
    """Say how often labels and images agree."""
    whole = int(matrix.count.sum())
    if not whole:
        return "Nothing was compared in this run"
    other = int(matrix.count[matrix.given != matrix.predicted].sum())
    return f"{other:,} of {whole:,} images look like another label"


def shown_labels(matrix: Confusion, q: str) -> NDArray[np.intp]:
    """Return the labels to show, in the matrix' own order: those that are confused most.

    With ``q`` those that hold it, and those that these are confused with.
    """
    off = matrix.given != matrix.predicted
    n = len(matrix.names)
    taking = np.zeros(n)
    keep = off
    if q:
        held = np.array([_holds(q, name) for name in matrix.names], dtype=bool)
        keep = off & (held[matrix.given] | held[matrix.predicted])
        taking[held] = 0.5
    np.add.at(taking, matrix.given[keep], matrix.count[keep])
    np.add.at(taking, matrix.predicted[keep], matrix.count[keep])
    chosen = np.argsort(-taking, kind="stable")[:MOST_LABELS]
    if q:
        chosen = chosen[taking[chosen] > 0]
    return np.asarray(matrix.order[np.isin(matrix.order, chosen)], dtype=np.intp)


def part_of(matrix: Confusion, shown: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return (k, k) counts of some labels, given by row."""
    place = np.full(len(matrix.names), -1)
    place[shown] = np.arange(len(shown))
    rows, columns = place[matrix.given], place[matrix.predicted]
    inside = (rows >= 0) & (columns >= 0)
    out = np.zeros((len(shown), len(shown)), dtype=np.int64)
    out[rows[inside], columns[inside]] = matrix.count[inside]
    return out


def _holds(q: str, *names: str) -> bool:
    return any(q.casefold() in name.casefold() for name in names)
