"""The Confusion page as plain data: where labels and images disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings.label_errors import FEW, By, Confused, Confusion, LabelFigures, TakenFor
from explorer.components import asked_in

if TYPE_CHECKING:
    from explorer.data import Dataset

MOST_LABELS = 120  # of the matrix; more can't be told apart on a screen
MOST_PAIRS = 60
MOST_METRICS = 40
SCALES: Final = {"": "count, logarithmic", "share": "share of the label"}
SOURCES: Final[dict[By, str]] = {"check": "the check", "model": "the model"}
TOLD_BY: Final[dict[By, str]] = {
    "check": "Each image was compared with the others, its own label not being known. Rows are the "
    "labels given, columns what the images look like.",
    "model": "Rows are the labels given, columns what the model itself says. It may have learnt "
    "from these very images.",
}
Level = Literal["labels", "groups"]


@dataclass(frozen=True, slots=True)
class ConfusionView:
    """Everything the page says.

    ``wrong`` (n, n) counts the images that look like another label, by what was given and what it
    looks like, in ``names``' order, which are labels or groups of labels (``level``); ``right``
    (n,) the others. ``numbers`` are those of the groups.
    """

    heading: str
    sentence: str
    by: By
    sources: tuple[By, ...]
    scale: str
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


def confusion_view(dataset: Dataset, search: str) -> ConfusionView:
    """Make the view model.

    ``by=model`` takes the model's word; ``q`` keeps labels that hold that text, and theirs;
    ``groups=3.7`` the labels of these groups; ``show=labels`` the labels confused most.
    """
    asked = asked_in(search)
    sources = dataset.confusion_sources
    by: By = "model" if "model" in sources and asked.get("by") == "model" else "check"
    found = dataset.confused(by) or nothing(by)
    matrix, q = found.matrix, asked.get("q", "")[:200]
    groups = groups_in(asked.get("groups", ""), matrix)
    shown = shown_labels(matrix, q, groups)
    whole = not q and not groups and asked.get("show") != "labels" and len(matrix.names) > FEW
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
        scale=asked.get("scale", "") if asked.get("scale") in SCALES else "",
        q=q,
        level="groups" if whole else "labels",
        names=names,
        numbers=tuple(range(len(names))) if whole else tuple(int(matrix.block[n]) for n in shown),
        wrong=wrong,
        right=right,
        shown=said_of(len(matrix.names), len(names), whole, bool(q or groups)),
        inside=bool(groups) or asked.get("show") == "labels",
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
        return (
            f"{n_labels:,} labels in {n_shown} groups that are taken for each other. "
            "A cell leads to the labels of its groups."
        )
    if n_shown < n_labels and not chosen:
        return (
            f"Showing the {n_shown:,} labels that are confused most, of {n_labels:,}. "
            "Look for others by name."
        )
    return f"Showing {n_shown:,} of {n_labels:,} labels." if n_shown < n_labels else ""


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


def shown_labels(matrix: Confusion, q: str, groups: tuple[int, ...] = ()) -> NDArray[np.intp]:
    """Return the labels to show, in the matrix' own order: those that are confused most.

    With ``groups`` those in them; with ``q`` those that hold it, and those that these are
    confused with.
    """
    off = matrix.given != matrix.predicted
    n = len(matrix.names)
    taking = np.zeros(n)
    keep = off
    if groups:
        held = np.isin(matrix.block, groups)
        keep = off & held[matrix.given] & held[matrix.predicted]
        taking[held] = 0.5
    elif q:
        held = np.array([q.casefold() in name.casefold() for name in matrix.names], dtype=bool)
        keep = off & (held[matrix.given] | held[matrix.predicted])
        taking[held] = 0.5
    np.add.at(taking, matrix.given[keep], matrix.count[keep])
    np.add.at(taking, matrix.predicted[keep], matrix.count[keep])
    chosen = np.argsort(-taking, kind="stable")[:MOST_LABELS]
    if q or groups:
        chosen = chosen[taking[chosen] > 0]
    return np.asarray(matrix.order[np.isin(matrix.order, chosen)], dtype=np.intp)


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
