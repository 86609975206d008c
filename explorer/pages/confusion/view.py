"""The Confusion page as plain data: where labels and images disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.label_errors import (
    CHECKED,
    By,
    Confused,
    Confusion,
    LabelFigures,
    TakenFor,
)
from explorer.components import asked_in
from explorer.data import folded

if TYPE_CHECKING:
    from explorer.data import Dataset

MOST_LABELS = 120  # of the matrix; more can't be told apart on a screen
MOST_CONFUSED = 60  # labels that are shown unless all are asked for
LEAST = 3  # images of a pair, in both directions, that make its labels confused ones
MOST_PAIRS = 60
MOST_METRICS = 40
ORDERS: Final = {"": "look-alikes together", "name": "by name"}
SOURCES: Final[dict[By, str]] = {"check": "the check", "model": "the model"}
TOLD_BY: Final[dict[By, str]] = {
    "check": "We guessed every image's label without looking at its own. Rows are the labels, "
    "columns the guesses.",
    "model": "Rows are the labels, columns what the model says. It may have learnt from these very "
    "images.",
}
REASONS: Final[dict[str, str]] = {"truly alike": "hard to tell apart"}
Level = Literal["labels", "groups"]


@dataclass(frozen=True, slots=True)
class ConfusionView:
    """Everything the page says.

    ``wrong`` (n, n) counts the images that look like another label, by what was given and what it
    looks like, in ``names``' order, which are labels or groups of labels (``level``); ``right``
    (n,) the others. ``numbers`` are those of the groups of look-alikes. What is decided is counted
    nowhere.
    """

    heading: str
    sentence: str
    by: By
    sources: tuple[By, ...]
    order: str
    everything: bool
    q: str
    level: Level
    names: tuple[str, ...]
    numbers: tuple[int, ...]
    wrong: NDArray[np.int64]
    right: NDArray[np.int64]
    shown: str
    inside: bool
    pairs: tuple[TakenFor, ...]
    n_pairs: int
    metrics: tuple[LabelFigures, ...]
    n_labels: int


def confusion_view(dataset: Dataset, search: str, decided: Collection[int] = ()) -> ConfusionView:
    """Make the view model.

    ``by=model`` takes the model's word; ``q`` keeps labels that hold that text, and theirs;
    ``groups=3.7`` the labels of these groups; ``show=all`` all labels, or groups of them where
    they are many; without it the labels that are confused. The rows ``decided`` are left out.
    """
    asked = asked_in(search)
    sources = dataset.confusion_sources
    by: By = "model" if "model" in sources and asked.get("by") == "model" else "check"
    found = undecided(dataset.confused(by) or nothing(by), said_of_rows(dataset, by, decided))
    matrix, q = found.matrix, asked.get("q", "")[:200]
    groups = groups_in(asked.get("groups", ""), matrix)
    everything = asked.get("show") == "all"
    shown = shown_labels(matrix, q, groups, few=not everything)
    whole = not q and not groups and everything and len(matrix.names) > MOST_LABELS
    order = asked.get("order", "") if asked.get("order") in ORDERS else ""
    if order == "name":
        shown = np.sort(shown)  # the names of a matrix are sorted
    names: tuple[str, ...] = tuple(matrix.names[n] for n in shown)
    place = np.full(len(matrix.names), -1)
    place[shown] = np.arange(len(shown))
    if whole:
        names, place = group_names(matrix), matrix.block
    wrong, right = wrong_and_right(matrix, place, len(names))
    inside = set(names) if (q or groups) else set(matrix.names)
    pairs = [p for p in found.taken if p.label in inside and p.taken_for in inside]
    metrics = tuple(one for one in matrix.worst_labels() if one.label in inside)
    return ConfusionView(
        heading=heading(matrix),
        sentence=TOLD_BY[by],
        by=by,
        sources=sources,
        order=order,
        everything=everything,
        q=q,
        level="groups" if whole else "labels",
        names=names,
        numbers=tuple(range(len(names))) if whole else tuple(int(matrix.block[n]) for n in shown),
        wrong=wrong,
        right=right,
        shown=said_of(len(matrix.names), len(names), whole, everything or bool(q or groups)),
        inside=bool(groups),
        pairs=tuple(pairs[:MOST_PAIRS]),
        n_pairs=len(pairs),
        metrics=metrics[:MOST_METRICS],
        n_labels=len(metrics),
    )


def nothing(by: By) -> Confused:
    """Return an empty confusion, of a run in which nothing was compared."""
    none = np.zeros(0, dtype=np.int32)
    empty = Confusion((), none, none, none.astype(np.int64), none.astype(np.intp), none)
    return Confused(empty, (), by)


def heading(matrix: Confusion) -> str:
    """Say how often labels and images agree."""
    whole = int(matrix.count.sum())
    if not whole:
        return "Nothing was compared in this run"
    other = int(matrix.count[matrix.given != matrix.predicted].sum())
    return f"{other:,} of {whole:,} images look like another label"


def said_of(n_labels: int, n_shown: int, whole: bool, chosen: bool) -> str:
    """Say what part of the matrix is shown."""
    if whole:
        return f"{n_labels:,} labels in {n_shown} groups of look-alikes. A cell opens its groups."
    shown = f"{n_shown:,} of {n_labels:,} labels"
    left = n_labels - n_shown
    if chosen or not left:
        return shown
    if n_shown == MOST_CONFUSED:
        return f"{shown}, those that are confused most."
    are = "label is" if left == 1 else "labels are"
    return f"{shown}. {left:,} {are} left out: taken for another less than {LEAST} times."


def said_of_rows(dataset: Dataset, by: By, rows: Collection[int]) -> Counter[tuple[str, str]]:
    """Count what some rows are labelled and look like."""
    column = {"check": CHECKED, "model": c.PREDICTED}[by]
    if not len(rows) or column not in dataset.items:
        return Counter()
    part = dataset.items[[c.LABEL, column]].iloc[sorted(rows)].dropna()
    pairs = zip(part[c.LABEL].astype(str), part[column].astype(str), strict=True)
    return Counter(pairs)


def undecided(found: Confused, gone: Counter[tuple[str, str]]) -> Confused:
    """Return a confusion without the images that are ``gone``, by label and look."""
    if not gone:
        return found
    matrix = found.matrix
    cells = zip(matrix.given, matrix.predicted, strict=True)
    less = [gone.get((matrix.names[g], matrix.names[p]), 0) for g, p in cells]
    taken = (
        replace(one, count=one.count - gone.get((one.label, one.taken_for), 0))
        for one in found.taken
    )
    left = sorted((one for one in taken if one.count > 0), key=lambda one: -one.count)
    count = np.maximum(matrix.count - np.array(less, dtype=np.int64), 0)
    return replace(found, matrix=replace(matrix, count=count), taken=tuple(left))


def groups_in(text: str, matrix: Confusion) -> tuple[int, ...]:
    """Return the groups that an address asks for; those that do not exist are left out."""
    last = int(matrix.block.max(initial=-1))
    numbers = {int(part) for part in text.split(".") if part.isascii() and part.isdecimal()}
    return tuple(sorted(n for n in numbers if n <= last))


def group_names(matrix: Confusion) -> tuple[str, ...]:
    """Name each group by its largest label, and say how many more there are in it."""
    size = np.bincount(matrix.given, matrix.count, minlength=len(matrix.names))
    names = []
    for number in range(int(matrix.block.max(initial=-1)) + 1):
        members = np.flatnonzero(matrix.block == number)
        largest = matrix.names[members[size[members].argmax()]]
        more = f" +{len(members) - 1}" if len(members) > 1 else ""
        names.append(f"{largest}{more}")
    return tuple(names)


def shown_labels(
    matrix: Confusion, q: str, groups: tuple[int, ...] = (), *, few: bool = True
) -> NDArray[np.intp]:
    """Return the labels to show, in the matrix' own order: those that are confused most.

    With ``groups`` those in them; with ``q`` those that hold it, and those that these are
    confused with; with ``few`` those of pairs that are confused ``LEAST`` times, or, where there
    is none, of all pairs.
    """
    off = matrix.given != matrix.predicted
    n = len(matrix.names)
    taking = np.zeros(n)
    keep = off & (matrix.count > 0)
    if groups:
        held = np.isin(matrix.block, groups)
        keep = keep & held[matrix.given] & held[matrix.predicted]
        taking[held] = 0.5
    elif q:
        held = np.array([folded(q) in folded(name) for name in matrix.names], dtype=bool)
        keep = keep & (held[matrix.given] | held[matrix.predicted])
        taking[held] = 0.5
    elif few:
        often = keep & (_both_ways(matrix) >= LEAST)
        keep = often if often.any() else keep
    np.add.at(taking, matrix.given[keep], matrix.count[keep])
    np.add.at(taking, matrix.predicted[keep], matrix.count[keep])
    narrow = few and not (q or groups)
    chosen = np.argsort(-taking, kind="stable")[: MOST_CONFUSED if narrow else MOST_LABELS]
    if q or groups or narrow:
        chosen = chosen[taking[chosen] > 0]
    return np.asarray(matrix.order[np.isin(matrix.order, chosen)], dtype=np.intp)


def _both_ways(matrix: Confusion) -> NDArray[np.int64]:
    """Return (c,) for each cell how many images its two labels share, in both directions."""
    low, high = (
        pick(matrix.given, matrix.predicted).astype(np.int64) for pick in (np.minimum, np.maximum)
    )
    _, which = np.unique(low * len(matrix.names) + high, return_inverse=True)
    return np.asarray(np.bincount(which, matrix.count)[which], dtype=np.int64)


def wrong_and_right(
    matrix: Confusion, place: NDArray[Any], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count disagreements and agreements of labels put at ``place`` (K,), -1 for those left out.

    Returns
    -------
    wrong, right
        (n, n) and (n,) int64. Several labels at one place may be taken for each other: that stands
        on the diagonal of ``wrong``.
    """
    rows, columns = place[matrix.given], place[matrix.predicted]
    inside = (rows >= 0) & (columns >= 0)
    same = matrix.given == matrix.predicted
    wrong, right = np.zeros((n, n), dtype=np.int64), np.zeros(n, dtype=np.int64)
    off, on = inside & ~same, inside & same
    np.add.at(wrong, (rows[off], columns[off]), matrix.count[off])
    np.add.at(right, rows[on], matrix.count[on])
    return wrong, right
