"""Where a model fails: its accuracy on each label and slice, and which slices it fails on.

>>> import numpy as np
>>> from embeddings.slices import CLUSTER, Group, find_slices
>>> labels = np.repeat(["cat", "dog"], 40)
>>> predicted = labels.copy()
>>> predicted[:9] = "dog"
>>> black = Group("black ones", CLUSTER, np.arange(10), key=1)
>>> report = find_slices(labels, predicted, groups=[black], trained_on=np.zeros(80, dtype=bool))
>>> [(s.label, s.name, s.right, s.counted, s.taken_for) for s in report.failing]
[('cat', 'black ones', 1, 10, 'dog')]

Every known group (cluster, style, near-copies, fact of the files) is held against the rest of the
labels that its items are under, by an exact test; every label is searched for a region in which
errors heap up (``regions``). The false-discovery rate is controlled over all of it. Near-copies
are one piece of evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows
from embeddings.errors import UsageError
from embeddings.records import Progress, no_progress
from embeddings.slices.next_steps import Known, next_step
from embeddings.slices.records import LABEL, REGION, Evidence, Group, Slice, SliceReport
from embeddings.slices.regions import worst_region
from embeddings.slices.statistics import false_discovery, more_errors, wilson

RATE: Final = 0.05  # of false discoveries among the slices that are said to fail
# … for regions, which nothing but the errors speaks for: at 0.05 every fifth data set without a
# planted slice had one named, at 0.02 one in twenty (benchmarks/slices.py)
REGION_RATE: Final = 0.02
LEAST_ERRORS: Final = 3  # errors of a slice that is said to fail
LEAST_ABOVE: Final = 0.15  # accuracy that it lies below the rest of its label
SAME: Final = 0.5  # shared items over all items: from here on two slices are one
_NOBODY: Final = (None, "")


def find_slices(
    labels: Sequence[Any] | NDArray[Any],
    predicted: Sequence[Any] | NDArray[Any],
    *,
    groups: Iterable[Group] = (),
    X: Rows | None = None,
    trained_on: NDArray[np.bool_] | None = None,
    copies: NDArray[np.intp] | None = None,
    suggested: Sequence[Any] | NDArray[Any] | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> SliceReport:
    """Say on which parts of a data set a model fails.

    Parameters
    ----------
    labels
        (n,) label of each item; None or "" for an item without one, which is left out.
    predicted
        (n,) label that the model gives each item; None or "" where it was not asked.
    groups
        Items that are known to belong together before any prediction is looked at.
    X
        (n, d) embeddings, finite where there is a prediction; without them labels are not searched
        for further regions.
    trained_on
        (n,) whether the model was trained on the item. Where some were not, they alone count; None
        says that nobody knows.
    copies
        (n,) number of the near-copies that an item is one of, -1 for none.
    suggested
        (n,) label that each item more likely shows by other evidence than this model, None where
        the given one stands: a slice of such items is to be relabelled rather than collected for.
    seed
        Of the deals that the regions are held against.
    progress
        Called as ``progress(done, total, "slices")``.

    Raises
    ------
    UsageError
        The lengths differ, nothing is predicted, or the predictions name none of the labels.
    """
    told = _Told.of(labels, predicted, trained_on, copies, suggested)
    slices = [s for group in groups if (s := _of_group(told, group)) is not None]
    searched = 0
    if X is not None:
        slices += _regions(told, X, seed, progress)
        searched = len(told.names)
    # a label in which no region was found is a test that found nothing
    empty = searched - sum(s.kind == REGION for s in slices)
    q_values = false_discovery([*(s.p_value for s in slices), *([1.0] * empty)])
    judged = [_judged(s, float(q)) for s, q in zip(slices, q_values, strict=False)]
    every = [_of_label(told, name) for name in told.names]
    known = Known.of(told.labels, told.predicted, told.suggested)
    ranked = _ranked(_distinct([replace(s, next_step=next_step(s, known)) for s in judged], told))
    wholes = [replace(s, next_step=next_step(s, known)) for s in every]
    return SliceReport(
        slices=tuple(ranked),
        labels=tuple(sorted(wholes, key=lambda s: (s.accuracy, s.label))),
        counted=int(told.counts.sum()),
        right=int((told.counts & ~told.wrong).sum()),
        evidence=told.evidence,
        notes=told.notes(),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What the slices are counted from, one entry per item.

    ``counts`` (n,) says which items are evidence, ``unit`` (n,) which piece of evidence each is.
    """

    labels: NDArray[np.object_]
    predicted: NDArray[np.object_]
    suggested: NDArray[np.object_] | None
    wrong: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    unit: NDArray[np.intp]
    evidence: Evidence
    names: tuple[str, ...]
    by_label: dict[str, tuple[int, int]]  # pieces of evidence, wrong ones

    @staticmethod
    def of(labels: Any, predicted: Any, trained_on: Any, copies: Any, suggested: Any) -> _Told:
        given, said = _words(labels), _words(predicted)
        if len(given) != len(said):
            raise UsageError(
                f"There are {len(given)} labels and {len(said)} predictions.",
                hint="Give one prediction per item, None where there is none.",
            )
        counts = np.array([bool(g) and bool(p) for g, p in zip(given, said, strict=True)])
        _check_names(given[counts], said[counts])
        evidence: Evidence = "unknown"
        if trained_on is not None:
            held_out = counts & ~np.asarray(trained_on, dtype=bool)
            evidence = "held out" if held_out.any() else "trained on"
            counts = held_out if held_out.any() else counts
        names = tuple(sorted(set(given[counts])))
        wrong = given != said
        unit = _units(given, copies)
        told = _Told(
            given,
            said,
            None if suggested is None else _words(suggested),
            wrong,
            counts,
            unit,
            evidence,
            names,
            {},
        )
        for name in names:
            told.by_label[name] = told.tally(np.flatnonzero(given == name))
        return told

    def tally(self, items: NDArray[np.intp]) -> tuple[int, int]:
        """Return how many pieces of evidence some items of one label are, and how many wrong."""
        counted = items[self.counts[items]]
        if not len(counted):
            return 0, 0
        _, place = np.unique(self.unit[counted], return_inverse=True)
        share = np.bincount(place, self.wrong[counted]) / np.bincount(place)
        return len(share), int((share > 0.5).sum())

    def notes(self) -> tuple[str, ...]:
        """Say how far the evidence goes."""
        if self.evidence == "trained on":
            return (
                "All predictions are of items that the model was trained on: it fails more often "
                "than is seen here.",
            )
        if self.evidence == "unknown":
            return (
                "Nobody said which items the model was trained on. If it was on these, it fails "
                "more often than is seen here.",
            )
        return ()


def _words(values: Any) -> NDArray[np.object_]:
    return np.array(
        ["" if v in _NOBODY or v != v else str(v) for v in np.asarray(values, dtype=object)],
        dtype=object,
    )


def _check_names(given: NDArray[np.object_], said: NDArray[np.object_]) -> None:
    if not len(given):
        raise UsageError(
            "There is no prediction for any labelled item.",
            hint="Give predictions of the items of this data set.",
        )
    if not set(given) & set(said):
        raise UsageError(
            f"The predictions name none of the labels: they say {_some(said)}, "
            f"the labels are {_some(given)}.",
            hint="Give predictions by the names of the labels, not by number.",
        )


def _some(names: NDArray[np.object_]) -> str:
    every = sorted(set(names))
    return ", ".join(every[:3]) + (" …" if len(every) > 3 else "")


def _units(given: NDArray[np.object_], copies: Any) -> NDArray[np.intp]:
    """Number the pieces of evidence: near-copies under one label are one."""
    own = np.arange(len(given), dtype=np.intp)
    if copies is None:
        return own
    groups = np.asarray(copies, dtype=np.intp)
    first: dict[tuple[str, int], int] = {}
    for item in np.flatnonzero(groups >= 0):
        own[item] = first.setdefault((given[item], int(groups[item])), int(item))
    return own


def _of_group(told: _Told, group: Group) -> Slice | None:
    """Count one known group; None where it is no proper part of its labels."""
    items = np.asarray(group.items, dtype=np.intp)
    items = items[[bool(told.labels[item]) for item in items]] if len(items) else items
    strata = [
        (*told.by_label[name], *told.tally(items[told.labels[items] == name]))
        for name in sorted(set(told.labels[items]))
        if name in told.by_label
    ]
    strata = [one for one in strata if one[2]]
    if not strata or all(one[0] == one[2] for one in strata):
        return None
    names = set(told.labels[items])
    label = next(iter(names)) if len(names) == 1 else ""
    part = Group(group.name, group.kind, items, group.key)
    return _slice(told, part, label, strata, more_errors(strata))


def _of_label(told: _Told, name: str) -> Slice:
    items = np.flatnonzero(told.labels == name)
    whole = Group(name, LABEL, items)
    n, errors = told.by_label[name]
    return _slice(told, whole, name, [(n, errors, n, errors)], 1.0)


def _slice(
    told: _Told, group: Group, label: str, strata: list[tuple[int, int, int, int]], p_value: float
) -> Slice:
    counted, errors = sum(one[2] for one in strata), sum(one[3] for one in strata)
    beside, beside_errors = sum(one[0] - one[2] for one in strata), sum(o[1] - o[3] for o in strata)
    # of each label as many errors would be usual as the rest of it has
    usual = sum(k * (e - x) / (n - k) if n > k else x for n, e, k, x in strata)
    low, high = wilson(counted - errors, counted)
    wrong = group.items[told.counts[group.items] & told.wrong[group.items]]
    taken, count = _taken_for(told, wrong)
    return Slice(
        label=label,
        name=group.name,
        kind=group.kind,
        key=group.key,
        items=group.items,
        counted=counted,
        right=counted - errors,
        low=low,
        high=high,
        rest_accuracy=1 - beside_errors / beside if beside else float("nan"),
        errors_above=max(0.0, errors - usual),
        p_value=p_value,
        q_value=1.0,
        fails=False,
        taken_for=taken,
        taken_for_count=min(count, errors),
        next_step="",
        evidence=told.evidence,
    )


def _taken_for(told: _Told, wrong: NDArray[np.intp]) -> tuple[str, int]:
    """Return the label that wrong items are mostly taken for, near-copies counted once."""
    once = {(told.unit[item], told.predicted[item]) for item in wrong}
    if not once:
        return "", 0
    votes = Counter(name for _, name in once)
    name, count = min(votes.items(), key=lambda pair: (-pair[1], pair[0]))
    return name, count


def _regions(told: _Told, X: Rows, seed: int, progress: Progress) -> list[Slice]:
    """Search every label for a region of errors that no known group marks."""
    found: list[Slice] = []
    for done, name in enumerate(told.names, start=1):
        own = np.flatnonzero((told.labels == name) & told.counts)
        # one of each near-copies stands for them, so that they are no heap
        _, first = np.unique(told.unit[own], return_index=True)
        items = own[np.sort(first)]
        region = worst_region(np.asarray(X[items]), told.wrong[items], seed=seed)
        progress(done, len(told.names), "slices")
        if region is None:
            continue
        units = told.unit[items[region.items]]
        group = Group("images that look alike", REGION, own[np.isin(told.unit[own], units)])
        strata = [(*told.by_label[name], *told.tally(group.items))]
        found.append(_slice(told, group, name, strata, region.p_value))
    return found


def _judged(s: Slice, q_value: float) -> Slice:
    errors = s.counted - s.right
    rate = REGION_RATE if s.kind == REGION else RATE
    fails = (
        q_value <= rate and errors >= LEAST_ERRORS and s.rest_accuracy - s.accuracy >= LEAST_ABOVE
    )
    return replace(s, q_value=q_value, fails=fails)


def _distinct(slices: list[Slice], told: _Told) -> list[Slice]:
    """Leave out what is said already: slices of the same items, or through labels by one of them.

    A known group of one label is kept before one through several, and that before a region; of two
    alike the one that holds more errors.
    """
    failing = sorted(
        (s for s in slices if s.fails),
        key=lambda s: (s.kind == REGION, not s.label, -s.errors_above, s.name),
    )
    kept: list[Slice] = []
    said = np.zeros(len(told.labels), dtype=bool)
    for one in failing:
        wrong = one.items[told.wrong[one.items] & told.counts[one.items]]
        if any(_shared(one, other) >= SAME for other in kept) or (
            not one.label and said[wrong].mean() > SAME
        ):
            continue
        kept.append(one)
        said[one.items] = True
    return [*kept, *(s for s in slices if not s.fails and s.kind != REGION)]


def _shared(one: Slice, other: Slice) -> float:
    """Return the items that two slices share, over those of both."""
    both = len(np.intersect1d(one.items, other.items, assume_unique=True))
    return both / max(1, len(one.items) + len(other.items) - both)


def _ranked(slices: list[Slice]) -> list[Slice]:
    """Put what mending gains most first; slices on which the model does not fail follow."""
    return sorted(slices, key=lambda s: (not s.fails, -s.errors_above, s.p_value, s.label, s.name))
