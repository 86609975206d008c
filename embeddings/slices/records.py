"""What a model is right on, and the slices of the data on which it fails, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

NextStep = Literal["relabel", "collect more like these", "merge", ""]
Evidence = Literal["held out", "trained on", "unknown"]

# What a slice is: a whole label, what was found before (a cluster, a style, near-copies, a fact of
# the files), or a region of a label that was found by where the errors lie.
LABEL: Final = "label"
CLUSTER: Final = "cluster"
STYLE: Final = "style"
NEAR_COPIES: Final = "near-copies"
FILE_FACT: Final = "file fact"
REGION: Final = "region"

SLICE_COLUMNS: Final = (
    "rank", "label", "kind", "slice", "size", "counted", "right", "accuracy", "accuracy_low",
    "accuracy_high", "rest_accuracy", "errors_above", "p_value", "q_value", "fails", "taken_for",
    "taken_for_count", "next_step", "evidence", "sentence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Items that are a slice by what is known of them before any prediction is looked at.

    Parameters
    ----------
    name
        In words: "cluster B", "without colour".
    kind
        One of the kinds above.
    items
        Places of the items; of one label, or of several, as a style has them.
    key
        Number of the cluster or group within its label, -1 where it has none.
    """

    name: str
    kind: str
    items: NDArray[np.intp]
    key: int = -1


@dataclass(frozen=True, slots=True)
class Slice:
    """One label, or a part of one, and how often the model is right on it.

    Parameters
    ----------
    label
        The label that the items are under; "" for a slice through several.
    name, kind, key
        As in ``Group``.
    items
        Places of all its items, those that nothing is counted of included.
    counted, right
        Pieces of evidence (near-copies are one), and on how many of them the model is right.
    low, high
        Wilson's interval of the accuracy, 95 %.
    rest_accuracy
        The accuracy on the rest of the same labels; NaN for a whole label.
    errors_above
        Errors that it holds above what the rest of its label has: what mending would gain.
    p_value, q_value
        One-sided exact test that it holds more errors than the rest of its label, and the same
        after control of the false-discovery rate; 1 for a whole label.
    fails
        Whether the model fails here.
    taken_for, taken_for_count
        The label that its errors are mostly taken for, and how many are; "" and 0 without errors.
    next_step
        What to do about it; "" where nothing is wrong.
    evidence
        Whether the model was trained on the items that were counted.
    """

    label: str
    name: str
    kind: str
    key: int
    items: NDArray[np.intp]
    counted: int
    right: int
    low: float
    high: float
    rest_accuracy: float
    errors_above: float
    p_value: float
    q_value: float
    fails: bool
    taken_for: str
    taken_for_count: int
    next_step: NextStep
    evidence: Evidence

    @property
    def accuracy(self) -> float:
        """The share of what was counted that the model is right on."""
        return self.right / self.counted if self.counted else float("nan")

    @property
    def sentence(self) -> str:
        """What there is to say of it, in plain words."""
        where = f"{self.name} of {self.label}" if self.label and self.kind != LABEL else self.name
        text = f"Your model is right on {self.right:,} of {self.counted:,} of {where}"
        if np.isfinite(self.rest_accuracy):
            text += f", on {self.rest_accuracy:.0%} of the rest"
        if self.taken_for:
            errors = self.counted - self.right
            text += f"; {self.taken_for_count:,} of the {errors:,} errors are {self.taken_for}"
        return f"{text}."


@dataclass(frozen=True, slots=True)
class SliceReport:
    """Where a model fails.

    Parameters
    ----------
    slices
        All slices, those on which the model fails first, ranked by what mending would gain; then
        the others.
    labels
        One slice for each label, the least accurate first.
    counted, right
        Items that a prediction was counted of, and those of them that it is right on.
    evidence
        Whether the model was trained on what was counted.
    notes
        What was assumed or left out, one line each.
    """

    slices: tuple[Slice, ...]
    labels: tuple[Slice, ...]
    counted: int
    right: int
    evidence: Evidence
    notes: tuple[str, ...] = field(default=())

    @property
    def failing(self) -> tuple[Slice, ...]:
        """The slices on which the model fails, what gains most first."""
        return tuple(s for s in self.slices if s.fails)

    def of_label(self, label: str) -> Slice | None:
        """Return how often the model is right on a label; None where nothing was counted."""
        return next((s for s in self.labels if s.label == label), None)

    def of_clusters(self, label: str) -> tuple[Slice, ...]:
        """Return how often the model is right on each cluster of a label, in their order."""
        own = [s for s in self.slices if s.kind == CLUSTER and s.label == label]
        return tuple(sorted(own, key=lambda s: s.key))

    def parts_sentence(self, label: str) -> str:
        """Say how often the model is right on the parts of a label; "" where nothing was counted.

        "Your model is right on 96% of A, on 12% of B."
        """
        parts = [s for s in self.of_clusters(label) if s.counted]
        if len(parts) > 1:
            said = [f"{s.accuracy:.0%} of {s.name.removeprefix('cluster ')}" for s in parts]
            return f"Your model is right on {', on '.join(said)}."
        whole = self.of_label(label)
        if whole is None or not whole.counted:
            return ""
        return f"Your model is right on {whole.right:,} of {whole.counted:,} of it."

    def with_notes(self, notes: tuple[str, ...]) -> SliceReport:
        """Return the same with notes added."""
        return replace(self, notes=(*self.notes, *notes))

    def frame(self) -> pd.DataFrame:
        """Return one row per slice and per label, in the order of the ranking, labels last."""
        import pandas as pd

        rows = [_row(rank, s) for rank, s in enumerate((*self.slices, *self.labels), start=1)]
        return pd.DataFrame(rows, columns=list(SLICE_COLUMNS))


def _row(rank: int, s: Slice) -> tuple[Any, ...]:
    return (
        rank, s.label, s.kind, s.name, len(s.items), s.counted, s.right, s.accuracy, s.low, s.high,
        s.rest_accuracy, s.errors_above, s.p_value, s.q_value, s.fails, s.taken_for,
        s.taken_for_count, s.next_step, s.evidence, s.sentence,
    )  # fmt: skip
