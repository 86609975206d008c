"""Confusion matrix: which labels are taken for which, in an order that groups them, with reasons.

Only cells that are not empty are kept, so that a thousand labels need little memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Labels, label_texts
from embeddings.columns import NO_LABEL
from embeddings.display import MOST_LINES, Table, counted, equal_records, table_of
from embeddings.errors import UsageError
from embeddings.label_errors.seriation import blocks_of, ordered

if TYPE_CHECKING:
    import pandas as pd

Reason = Literal["wrong labels", "a split", "truly alike"]
MOSTLY: Final = 0.5  # share of a cell's images that a reason must account for


@dataclass(frozen=True, slots=True)
class Confusion:
    """Given against predicted labels.

    Parameters
    ----------
    names
        (K,) labels, sorted; numbers below point into these.
    given, predicted
        (c,) int32 row and column of each cell that holds something.
    count
        (c,) int64 images in it.
    order
        (K,) intp: the labels in the order to draw them, those that are confused side by side.
    block
        (K,) int32, by label: the group of confused labels it is in, numbered along the order.

    Examples
    --------
    >>> found = confusion(["cat", "cat", "dog"], ["cat", "dog", "dog"])
    >>> found.dense().tolist()
    [[1, 1], [0, 1]]
    >>> [figures.label for figures in found.worst_labels()]
    ['cat', 'dog']
    >>> found.metrics()["size"].tolist()
    [2, 1]
    """

    names: tuple[str, ...]
    given: NDArray[np.int32]
    predicted: NDArray[np.int32]
    count: NDArray[np.int64]
    order: NDArray[np.intp]
    block: NDArray[np.int32]

    __eq__ = equal_records

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()

    def _table(self) -> Table:
        """Return the commonest cells off the diagonal."""
        off = np.flatnonzero(self.given != self.predicted)
        off = off[np.argsort(-self.count[off], kind="stable")]
        title = (
            f"Confusion of {counted(len(self.names), 'label')}: {self.agreement:.1%} of "
            f"{counted(int(self.count.sum()), 'item')} agree (.metrics(), .dense())"
        )
        names = self.names
        rows = [
            (f"{self.count[i]:,}", names[self.given[i]], names[self.predicted[i]])
            for i in off[:MOST_LINES]
        ]
        return table_of(title, ("count", "label", "taken for"), rows, total=len(off))

    @property
    def agreement(self) -> float:
        """The share of images of which prediction and label agree."""
        return float(self.count[self.given == self.predicted].sum() / max(self.count.sum(), 1))

    def dense(self) -> NDArray[np.int64]:
        """Return (K, K) counts, rows given and columns predicted, both in drawing order."""
        place = np.empty(len(self.names), dtype=np.intp)
        place[self.order] = np.arange(len(self.names))
        cells = np.zeros((len(self.names), len(self.names)), dtype=np.int64)
        cells[place[self.given], place[self.predicted]] = self.count
        return cells

    def metrics(self) -> pd.DataFrame:
        """Return one row per label: ``label, size, predicted, right, precision, recall, f1``.

        A figure that is not defined is NaN, such as the precision of a label never predicted.
        """
        import pandas as pd

        k = len(self.names)
        same = self.given == self.predicted
        size = np.bincount(self.given, self.count, minlength=k)
        said = np.bincount(self.predicted, self.count, minlength=k)
        right = np.bincount(self.given[same], self.count[same], minlength=k)
        with np.errstate(divide="ignore", invalid="ignore"):
            figures = {
                "precision": right / said,
                "recall": right / size,
                "f1": 2 * right / (said + size),
            }
        counts = {"size": size, "predicted": said, "right": right}
        whole = {name: values.astype(np.int64) for name, values in counts.items()}
        return pd.DataFrame({"label": list(self.names), **whole, **figures})

    def worst_labels(self) -> tuple[LabelFigures, ...]:
        """Return the figures of each label that holds images, the least recognised first."""
        frame = self.metrics()
        columns = [frame[name].to_numpy().tolist() for name in LabelFigures.__slots__]
        figures = [LabelFigures(*row) for row in zip(*columns, strict=True)]
        return tuple(sorted((f for f in figures if f.size), key=lambda f: (f.f1, f.label)))


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label of ``size`` images.

    ``recall`` is the share of them that look like it, ``precision`` the share of what looks like
    it that is labelled so, NaN where nothing does.
    """

    label: str
    size: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class TakenFor:
    """One cell off the diagonal, and the reason for it.

    ``share`` is of the images of ``label``; ``wrong`` of the ``count`` images likely carry the
    wrong label by themselves, ``in_split`` sit in the odd part of a split.
    """

    label: str
    taken_for: str
    count: int
    share: float
    wrong: int
    in_split: int
    reason: Reason
    evidence: str


def confusion(given: Labels, predicted: Labels) -> Confusion:
    """Count which labels are taken for which.

    Parameters
    ----------
    given
        (n,) labels.
    predicted
        (n,) what each item is taken for; items with None, NaN or "" are left out.

    Raises
    ------
    UsageError
        The two are not of one length, or nothing is predicted.

    Examples
    --------
    >>> found = confusion(["cat", "cat", "dog"], ["cat", "dog", "dog"])
    >>> round(found.agreement, 2)
    0.67
    >>> found.metrics()[["label", "size", "right"]].to_numpy().tolist()
    [['cat', 2, 1], ['dog', 1, 1]]
    """
    labels, answers = label_texts(given), label_texts(predicted)
    if len(labels) != len(answers):
        raise UsageError(
            f"There are {len(labels)} labels and {len(answers)} predictions.",
            hint="Give one prediction per item.",
        )
    pairs = [(g, p) for g, p in zip(labels, answers, strict=True) if p not in ("", NO_LABEL)]
    if not pairs:
        raise UsageError(
            "There are no predictions to compare with.", hint="Run the cross-check first."
        )
    names, numbers = np.unique(np.array(pairs), return_inverse=True)
    rows, columns = numbers.reshape(-1, 2).T
    k = len(names)
    cells, count = np.unique(rows.astype(np.int64) * k + columns, return_counts=True)
    row, column = (part.astype(np.int32) for part in np.divmod(cells, k))
    order, tree = ordered(row, column, count, k)
    return Confusion(
        names=tuple(str(name) for name in names),
        given=row,
        predicted=column,
        count=count.astype(np.int64),
        order=order,
        block=blocks_of(order, tree),
    )


def top_confusions(
    given: Sequence[Any] | NDArray[Any],
    predicted: Sequence[Any] | NDArray[Any],
    *,
    wrong: NDArray[np.bool_] | None = None,
    in_split: NDArray[np.bool_] | None = None,
    most: int = 100,
) -> tuple[TakenFor, ...]:
    """List the commonest confusions, each with its reason.

    Parameters
    ----------
    given, predicted
        (n,) labels; items with None or "" as prediction are left out.
    wrong
        (n,) whether the item likely carries the wrong label by itself.
    in_split
        (n,) whether it sits in the odd part of a split label, which comes before ``wrong``.
    most
        How many to list.
    """
    import pandas as pd

    n = len(given)
    nothing = np.zeros(n, dtype=bool)
    split = nothing if in_split is None else np.asarray(in_split, dtype=bool)
    frame = pd.DataFrame(
        {
            "label": np.array([str(g) for g in given], dtype=object),
            "taken": np.array([str(p or "") for p in predicted], dtype=object),
            "wrong": (nothing if wrong is None else np.asarray(wrong, dtype=bool)) & ~split,
            "split": split,
        }
    )
    sizes = frame["label"].value_counts()
    off = frame[(frame["taken"] != "") & (frame["label"] != frame["taken"])]
    cells = off.groupby(["label", "taken"], sort=True).agg(
        count=("wrong", "size"), wrong=("wrong", "sum"), split=("split", "sum")
    )
    cells = cells.sort_values("count", ascending=False, kind="stable").head(most)
    return tuple(
        _taken_for(str(label), str(taken), int(c), int(w), int(s), int(sizes[label]))
        for (label, taken), c, w, s in zip(
            cells.index, cells["count"], cells["wrong"], cells["split"], strict=True
        )
    )


def _taken_for(
    label: str, taken: str, count: int, wrong: int, in_split: int, size: int
) -> TakenFor:
    reason: Reason = "truly alike"
    if in_split >= MOSTLY * count:
        reason = "a split"
    elif wrong + in_split >= MOSTLY * count:
        reason = "wrong labels"
    parts = []
    if in_split:
        parts.append(f"{in_split} of {count} are in the odd group of {label}")
    if wrong:
        parts.append(f"{wrong} of {count} likely carry the wrong label")
    rest = count - wrong - in_split
    if not parts:
        parts.append(f"Nothing says that any of the {count} is labelled wrongly")
    elif rest:
        parts.append(f"the other {rest} could be either")
    evidence = "; ".join(parts) + "."
    return TakenFor(label, taken, count, count / size, wrong, in_split, reason, evidence)


@dataclass(frozen=True, slots=True)
class ConfusionChange:
    """One cell off the diagonal that grew or shrank between two runs."""

    label: str
    taken_for: str
    before: int
    after: int


def changed(before: Confusion, after: Confusion) -> tuple[ConfusionChange, ...]:
    """List the confusions that changed, the largest changes first."""
    cells = [_off_diagonal(matrix) for matrix in (before, after)]
    changes = [
        ConfusionChange(*pair, cells[0].get(pair, 0), cells[1].get(pair, 0))
        for pair in sorted(cells[0].keys() | cells[1].keys())
        if cells[0].get(pair, 0) != cells[1].get(pair, 0)
    ]
    return tuple(sorted(changes, key=lambda c: -abs(c.after - c.before)))


def _off_diagonal(matrix: Confusion) -> dict[tuple[str, str], int]:
    cells = zip(matrix.given, matrix.predicted, matrix.count, strict=True)
    return {(matrix.names[g], matrix.names[p]): int(c) for g, p, c in cells if g != p}
