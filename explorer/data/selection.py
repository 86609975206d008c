"""Some chosen items: what they are, in words, and as a table for other tools."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.records import MORE_LIKELY_THAN_NOT
from embeddings.storage import neutralised

if TYPE_CHECKING:
    import pandas as pd

    from explorer.data.dataset import Dataset, Rows

COLUMNS = (c.FILE, c.LABEL, c.CLUSTER, c.SUSPICION, c.SUGGESTED_LABEL, c.DECISION)


def rows_in(dataset: Dataset, given: object) -> Rows:
    """Read rows that a client named; what is no row of the data set is left out."""
    values = given if isinstance(given, list) else []
    whole = len(dataset)
    rows = {v for v in values if isinstance(v, int) and not isinstance(v, bool) and 0 <= v < whole}
    return np.array(sorted(rows), dtype=np.intp)


def selection_view(dataset: Dataset, rows: Rows) -> dict[str, Any]:
    """Return a selection in words, its rows by label (rarest last), and their files and labels."""
    labels = dataset.items[c.LABEL].iloc[rows].astype(str)
    counts = labels.value_counts()
    rank = {label: n for n, label in enumerate(counts.index)}
    order = np.argsort([rank[label] for label in labels], kind="stable")
    return {
        "words": words(list(zip(counts.index, (int(n) for n in counts), strict=True))),
        "label": str(counts.index[0]) if len(counts) else "",
        "rows": rows[order].tolist(),
        "files": dataset.files(rows[order]),
        "labels": labels.iloc[order].tolist(),
        "suggested": suggested_labels(dataset, rows[order]),
    }


def item_facts(dataset: Dataset, rows: Rows) -> dict[str, list[Any]]:
    """Return what galleries are sorted and filtered by, each list parallel to ``rows``.

    ``pixels`` is width times height, 0 where that is not known.
    """
    return {
        "rows": [int(row) for row in rows],
        "file": dataset.files(rows) if len(rows) else [],
        "label": dataset.texts_at(c.LABEL, rows),
        "to": suggested_labels(dataset, rows) if len(rows) else [],
        "suspicion": _rounded(dataset.suspicion[rows]),
        "typicality": _rounded(dataset.columns.floats(c.TYPICALITY)[rows]),
        "pixels": _pixels(dataset, rows),
    }


def _rounded(values: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 3) for value in np.nan_to_num(values)]


def _pixels(dataset: Dataset, rows: Rows) -> list[int]:
    names = (c.WIDTH, c.HEIGHT)
    if not all(name in dataset.columns.names for name in names):
        return [0] * len(rows)
    wide, high = (np.nan_to_num(dataset.columns.floats(name)[rows]) for name in names)
    return [int(n) for n in wide * high]


def suggested_labels(dataset: Dataset, rows: Rows) -> list[str]:
    """Return the label that each item is suspected to be, its cluster's where it has none.

    "" where nothing is suspected.
    """
    out = [""] * len(rows)
    asked = (dataset.suspicion[rows] >= MORE_LIKELY_THAN_NOT) | dataset.in_odd_part[rows]
    doubted = np.flatnonzero(asked)
    labels = dataset.texts_at(c.LABEL, rows[doubted])
    for name in (c.CLUSTER_SUGGESTED_LABEL, c.SUGGESTED_LABEL):  # an item's own goes over it
        if name in dataset.columns.names:
            said = dataset.texts_at(name, rows[doubted])
            for place, label, one in zip(doubted, labels, said, strict=True):
                out[place] = one if one and one != label else out[place]
    return out


def words(counts: Sequence[tuple[str, int]], *, counted: bool = False) -> str:
    """Say which labels are in a selection, most first; of more than two, how many there are.

    Where it was ``counted`` before, the number of images is not said again.
    """
    if not counts:
        return ""
    if len(counts) == 1:
        return f"All are labelled {counts[0][0]}."
    if len(counts) > 2:
        labels = f"{len(counts):,} labels."
        return f"Under {labels}" if counted else f"{sum(n for _, n in counts):,} images, {labels}"
    first, second = (f"{n:,} labelled {label}" for label, n in counts)
    return f"{first} lie among {second}."


def selection_csv(dataset: Dataset, rows: Rows, decided: Mapping[int, str]) -> str:
    """Return a table with a line per item, safe to open in a spreadsheet.

    ``decided`` holds the decisions in force by row: a run's own frame knows none.
    """
    names = [name for name in COLUMNS if name in dataset.items]
    frame: pd.DataFrame = dataset.items[names].iloc[rows]
    frame = frame.assign(**{c.DECISION: [decided.get(int(row), "") for row in rows]})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for values in frame.itertuples(index=False):
        writer.writerow([_cell(value) for value in values])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None or value != value:  # NaN is the one value that is not itself
        return ""
    return neutralised(value) if isinstance(value, str) else str(value)
