"""Outliers: items that are far from all other items of their label.

The distance of an item is that to its five nearest images of the same label (Ramaswamy, Rastogi &
Shim 2000). It is compared with the usual distance, the mean of the label's and the data set's: so a
varied label does not have only outliers, and a uniform one does not have an outlier for each small
difference. The unit is the usual spread about the median (MAD).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Labels, Matrix, keeps_index, labels_of, rows_of, shared_space
from embeddings.display import Table, counted, equal_records, table_of
from embeddings.errors import UsageError
from embeddings.neighbors import nearest_of_others
from embeddings.records import Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd

NEAREST: Final = 5
FEWEST: Final = 6  # different images of a label; with fewer it is not known what is usual
OUT_AT: Final = 4.0  # spreads below the usual likeness
_NORMAL: Final = 1.4826  # from the median absolute deviation to a standard deviation
_SMALLEST_SPREAD: Final = 0.02  # of a cosine: smaller differences do not count


@dataclass(frozen=True, slots=True)
class Outliers:
    """How far each item lies from its label; rows in the order given.

    ``distance`` (n,) float32 in spreads, larger is farther, about 0 for a usual item and NaN in
    labels too small to tell; ``likeness`` (n,) float32 is the mean cosine to the nearest images of
    the label, NaN likewise; ``usual`` (n,) float32 what it is for most images of the label.
    ``index`` is that of the pandas object that was given, None where there was none.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(rng.normal(size=(2, 16)) * 3, 20, axis=0) + rng.normal(size=(40, 16))
    >>> X[5] = 40 * rng.normal(size=16)
    >>> found = find_outliers(X, np.repeat(["cat", "dog"], 20))
    >>> found.ranked().tolist(), bool(found.frame()["is_outlier"].iloc[5])
    ([5], True)
    >>> print(found.evidence(5, "cat"))
    Even the nearest images of cat are unlike it: 0.21 alike, where most have 0.83.
    """

    distance: NDArray[np.float32]
    likeness: NDArray[np.float32]
    usual: NDArray[np.float32]
    index: Any = None

    __eq__ = equal_records

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()

    def _table(self) -> Table:
        ranked = self.ranked()
        names = ranked if self.index is None else self.index[ranked]
        title = (
            f"Outliers: {len(ranked):,} of {counted(len(self.distance), 'item')} "
            "far from everything in their label (.ranked(), .frame())"
        )
        figures = zip(names, self.distance[ranked], self.likeness[ranked], strict=True)
        rows = [(n, f"{distance:.1f}", f"{alike:.2f}") for n, distance, alike in figures]
        return table_of(title, ("item", "distance", "likeness"), rows)

    def frame(self) -> pd.DataFrame:
        """Return one row per item: ``distance``, ``likeness``, ``usual`` and ``is_outlier``."""
        import pandas as pd

        columns = {"distance": self.distance, "likeness": self.likeness, "usual": self.usual}
        return pd.DataFrame({**columns, "is_outlier": self.out}, index=self.index)

    @property
    def out(self) -> NDArray[np.bool_]:
        """(n,) bool: far from everything in its label."""
        out: NDArray[np.bool_] = np.nan_to_num(self.distance, nan=0.0) >= OUT_AT
        return out

    def ranked(self) -> NDArray[np.intp]:
        """Return the items that are out, farthest first."""
        order = np.argsort(-np.nan_to_num(self.distance, nan=-np.inf), kind="stable")
        ranked: NDArray[np.intp] = order[self.out[order]]
        return ranked

    def evidence(self, item: int, label: str) -> str:
        """Say in a line how far out an item lies."""
        if not np.isfinite(self.distance[item]):
            return f"Too few images of {label} to say what is usual."
        return (
            f"Even the nearest images of {label} are unlike it: {self.likeness[item]:.2f} alike, "
            f"where most have {self.usual[item]:.2f}."
        )


@keeps_index
def find_outliers(
    X: Matrix,
    labels: Labels | None = None,
    *,
    groups: NDArray[np.intp] | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Outliers:
    """Return for each item its distance from the other items of its label.

    Parameters
    ----------
    X
        (n, d) embeddings, finite; read in blocks.
    labels
        (n,) label of each item; None puts all under one.
    groups
        (n,) content of each item as numbers; copies of an image do not count as being near it.
        By default every item is its own content.
    seed
        Of the neighbour search in labels of many thousand items.
    progress
        Called as ``progress(done, total, what)``.

    Raises
    ------
    UsageError
        The shapes do not fit, there are no items, or one has no finite embedding.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat(np.arange(2), 20)
    >>> X = (rng.normal(size=(2, 16)) * 3)[kind] + rng.normal(size=(40, 16))
    >>> X[5] = 40 * rng.normal(size=16)
    >>> find_outliers(X, np.array(["cat", "dog"])[kind]).ranked().tolist()
    [5]
    """
    rows = rows_of(X)
    content = np.arange(len(rows)) if groups is None else np.asarray(groups)
    if len(content) != len(rows):
        raise UsageError(
            f"There are {len(rows)} embeddings and {len(content)} groups.",
            hint="Give one group per embedding.",
        )
    _, label = np.unique(labels_of(labels, len(rows)), return_inverse=True)
    label = label.reshape(-1).astype(np.intp)
    _, first = np.unique(content, return_index=True)
    counted = np.zeros(len(rows), dtype=bool)
    counted[first] = True
    # a label whose contents are all counted under other labels still needs a mean
    counted |= np.bincount(label[counted], minlength=label.max() + 1)[label] == 0
    space = shared_space(rows, label, counted)
    likeness = _likeness(space, label, content.astype(np.intp), seed, progress)
    return _compared(likeness, label)


def _likeness(
    space: NDArray[np.float32],
    label: NDArray[np.intp],
    content: NDArray[np.intp],
    seed: int,
    progress: Progress,
) -> NDArray[np.float32]:
    likeness = np.full(len(space), np.nan, dtype=np.float32)
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(label.max() + 2))
    count = len(bounds) - 1
    for number in range(count):
        progress(number, count, "outliers")
        own = order[bounds[number] : bounds[number + 1]]
        if len(np.unique(content[own])) < FEWEST:
            continue
        near = nearest_of_others(space[own], content[own], NEAREST, seed=seed)
        found = np.isfinite(near.similarity)
        total = np.where(found, near.similarity, 0).sum(axis=1)
        likeness[own] = total / np.maximum(found.sum(axis=1), 1)
    progress(count, count, "outliers")
    return likeness


def _compared(likeness: NDArray[np.float32], label: NDArray[np.intp]) -> Outliers:
    known = np.isfinite(likeness)
    usual = np.full(len(likeness), np.nan, dtype=np.float32)
    if not known.any():
        return Outliers(usual, likeness, usual.copy())
    overall = float(np.median(likeness[known]))
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(label.max() + 2))
    for start, stop in pairwise(bounds):
        own = order[start:stop]
        usual[own] = np.median(likeness[own])
    spread = _NORMAL * float(np.median(np.abs(likeness - usual)[known]))
    middle = 0.5 * (usual + overall)
    distance = (middle - likeness) / max(spread, _SMALLEST_SPREAD)
    return Outliers(distance.astype(np.float32), likeness, usual)
