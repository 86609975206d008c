"""The Slices page as plain data: where a model fails, and what to do about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from embeddings.slices import CLUSTER
from explorer.data import letter

if TYPE_CHECKING:
    from embeddings.slices import Slice, SliceReport
    from explorer.data import Dataset

MOST: Final = 60  # slices of one page
SHOWN: Final = 3  # images of each side
WORST: Final = 30  # labels in the list below
SHOWS: Final = {
    "": "All",
    "relabel": "Labels to mend",
    "collect more like these": "Too few images",
    "merge": "Perhaps one kind",
}
EVIDENCE: Final = {
    "held out": "Counted on images that it was not trained on.",
    "trained on": "It was trained on these images: on new ones it fails more often.",
    "unknown": "Nobody said which images it was trained on.",
}
HOW: Final = "rosette slices WS --predictions FILE"
HOW_TO_COLLECT: Final = "rosette collect WS --slice 1 --pool FOLDER"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a slice: the slice, or the rest of its label.

    ``letter`` and ``number`` colour it; ``accuracy``, ``low`` and ``high`` are shares.
    """

    letter: str
    number: int
    name: str
    right: int
    counted: int
    accuracy: float
    low: float
    high: float
    images: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SliceView:
    """One slice on which the model fails, ``rank`` from 1."""

    rank: int
    label: str
    name: str
    size: int
    of: int
    sides: tuple[Side, ...]  # the rest first, where there is one
    taken_for: tuple[tuple[str, int], ...]
    gain: int
    points: float
    next_step: str
    to: str  # the label to give, where that is the next step
    cluster: int  # -1 where the slice is no cluster


@dataclass(frozen=True, slots=True)
class LabelLine:
    """How often the model is right on one label."""

    label: str
    right: int
    counted: int
    accuracy: float
    low: float
    high: float
    taken_for: str


@dataclass(frozen=True, slots=True)
class SlicesView:
    """Everything the page says."""

    heading: str
    sentence: str
    there: bool
    show: str
    counts: dict[str, int]
    shares: tuple[float, ...]  # of all errors, by slice
    held: int
    errors: int
    slices: tuple[SliceView, ...]
    labels: tuple[LabelLine, ...]
    notes: tuple[str, ...]
    may_decide: bool = False
    may_collect: bool = False  # there is a pool of images without a label


def slices_view(dataset: Dataset, asked: dict[str, str]) -> SlicesView:
    """Make the view model; ``show=`` keeps the slices of one next step."""
    report = dataset.slices
    if report is None:
        return _nothing()
    failing = report.failing
    show = asked.get("show", "") if asked.get("show") in SHOWS else ""
    kept = [(n, s) for n, s in enumerate(failing, start=1) if not show or s.next_step == show]
    errors = report.counted - report.right
    held = [s.counted - s.right for s in failing]
    counts = Counter(str(s.next_step) for s in failing)
    return SlicesView(
        heading=heading(len(failing)),
        sentence=sentence(report),
        there=True,
        show=show,
        counts={"": len(failing), **counts},
        shares=tuple(k / errors for k in held) if errors else (),
        held=min(errors, sum(held)),
        errors=errors,
        slices=tuple(_slice(dataset, report, n, s) for n, s in kept[:MOST]),
        labels=tuple(
            LabelLine(s.label, s.right, s.counted, s.accuracy, s.low, s.high, s.taken_for)
            for s in report.labels[:WORST]
        ),
        notes=report.notes,
        may_collect=dataset.has_pool,
    )


def _nothing() -> SlicesView:
    said = (
        "Rosette has no predictions of a model here. Give it a table with the file and the label "
        "that your model gives, best of images that it was not trained on."
    )
    return SlicesView("Where does your model fail?", said, False, "", {}, (), 0, 0, (), (), ())


def heading(n: int) -> str:
    """Say on how many kinds of image the model fails."""
    if not n:
        return "Your model fails on no kind of image in particular"
    return f"Your model fails on {'one kind' if n == 1 else f'{n:,} kinds'} of image"


def sentence(report: SliceReport) -> str:
    """Say how much of the errors that is, and how far it can be believed."""
    failing, errors = report.failing, report.counted - report.right
    text = f"It is right on {report.right:,} of {report.counted:,} images"
    text += f" ({report.right / max(1, report.counted):.1%}). "
    if failing:
        first = round(sum(s.errors_above for s in failing[:2]))
        many = "the first" if len(failing) == 1 else "the first two"
        text += f"Mending {many} would remove about {first:,} of its {errors:,} errors. "
    return text + EVIDENCE[report.evidence]


def _slice(dataset: Dataset, report: SliceReport, rank: int, s: Slice) -> SliceView:
    number = s.key if s.kind == CLUSTER and s.key > 0 else 1
    own = Side(
        letter(number), number, s.name, s.right, s.counted, s.accuracy, s.low, s.high,
        tuple(int(row) for row in _spread(s.items)),
    )  # fmt: skip
    rest = _rest(dataset, report, s, 0 if number else 1)
    relabel = s.next_step == "relabel"
    return SliceView(
        rank=rank,
        label=s.label,
        name=s.name,
        size=len(s.items),
        of=len(dataset.rows_of(s.label)) if s.label else len(dataset),
        sides=(own,) if rest is None else (rest, own),
        taken_for=((s.taken_for, s.taken_for_count),) if s.taken_for else (),
        gain=round(s.errors_above),
        points=100 * s.errors_above / max(1, report.counted),
        next_step=s.next_step,
        to=s.taken_for if relabel or s.next_step == "merge" else "",
        cluster=s.key if s.kind == CLUSTER else -1,
    )


def _rest(dataset: Dataset, report: SliceReport, s: Slice, number: int) -> Side | None:
    """Return the rest of the label of a slice, as its other side."""
    from embeddings.slices import wilson

    whole = report.of_label(s.label) if s.label else None
    if whole is None or whole.counted <= s.counted:
        return None
    counted, right = whole.counted - s.counted, whole.right - s.right
    rows = np.setdiff1d(dataset.rows_of(s.label), s.items)
    low, high = wilson(right, counted)
    return Side(
        letter(number), number, "the rest", right, counted, right / counted, low, high,
        tuple(int(row) for row in _spread(rows)),
    )  # fmt: skip


def _spread(rows: Any) -> Any:
    """Return some rows, evenly over all of them."""
    return rows[np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).astype(int)]
