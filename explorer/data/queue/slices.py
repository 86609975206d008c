"""Slices on which a model fails, as cases: are their labels right, and what would mend them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from embeddings.records import MORE_LIKELY_THAN_NOT
from explorer.data.queue.records import Case, Part
from explorer.data.selection import suggested_labels

if TYPE_CHECKING:
    from embeddings.slices import Slice
    from explorer.data.dataset import Dataset, Rows

COMPARED = 12  # images that the slice is seen beside
EXPLAINED = 0.5  # share of a slice in the odd groups of a split, from which the split has the case
STEPS: Final = {
    "relabel": "Perhaps under a wrong label",
    "merge": "Perhaps one kind",
    "collect more like these": "Too few images like these",
}


def slice_cases(dataset: Dataset) -> list[Case]:
    """Return a case for each slice on which the model fails and that no split explains."""
    failing = dataset.slices.failing if dataset.slices else ()
    cases = (_case(dataset, rank, one) for rank, one in enumerate(failing, start=1))
    return [case for case in cases if case is not None]


def _case(dataset: Dataset, rank: int, found: Slice) -> Case | None:
    rows = np.asarray(found.items, dtype=np.intp)
    if not len(rows) or dataset.in_odd_cluster[rows].mean() >= EXPLAINED:
        return None
    relabel = found.next_step == "relabel"
    if relabel:
        # the others of the slice may well be what their label says
        said = np.array(suggested_labels(dataset, rows), dtype=object)
        agreeing = rows[said == found.taken_for]
        rows = agreeing if len(agreeing) else rows
    place = ("Your model fails on ", found.label, f": {found.name}")
    return Case(
        id=f"slice:{rank}",
        kind="slice",
        title=place if found.label else (f"Your model fails on images {found.name}",),
        said=STEPS.get(found.next_step, ""),
        why=found.sentence,
        score=max(0.0, 1 - found.q_value),
        parts=(
            *_beside(dataset, found),
            Part(
                found.name,
                tuple(int(row) for row in rows),
                len(rows),
                to=found.taken_for if relabel else None,
            ),
        ),
        labels=(found.label,) if found.label else (),
        gain=found.errors_above,
    )


def _beside(dataset: Dataset, found: Slice) -> tuple[Part, ...]:
    """Return what the slice is seen beside: the label that it is taken for, or the rest of its own.

    A slice through all labels has nothing to be compared with.
    """
    other = found.taken_for
    if found.next_step in ("relabel", "merge") and other in dataset.places:
        shown: Rows = np.array(
            dataset.typical(other, dataset.main_cluster(other), COMPARED), dtype=np.intp
        )
        size = len(dataset.rows_of(other))
    elif found.label:
        rest = np.setdiff1d(dataset.rows_of(found.label), found.items)
        clean = rest[dataset.suspicion[rest] < MORE_LIKELY_THAN_NOT]
        shown, size, other = clean[:COMPARED], len(rest), found.label
    else:
        return ()
    part = Part(other, tuple(int(row) for row in shown), size, stays=True)
    return (part,) if len(shown) else ()
