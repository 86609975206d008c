"""All that waits for a decision, most worth first, and how much of it is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from explorer.data.queue.copies import copies_cases
from explorer.data.queue.merges import merge_cases
from explorer.data.queue.mixed import mixed_cases
from explorer.data.queue.records import KINDS, Case, Kind
from explorer.data.queue.slices import slice_cases
from explorer.data.queue.splits import split_cases
from explorer.data.queue.strays import stray_cases
from explorer.data.queue.styles import style_cases

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset

# Who finds what; a new kind of finding is one more function here.
FINDERS: Final[tuple[Callable[[Dataset], Iterable[Case]], ...]] = (
    split_cases,
    stray_cases,
    style_cases,
    merge_cases,
    copies_cases,
    mixed_cases,
    slice_cases,
)


def find_cases(dataset: Dataset) -> tuple[Case, ...]:
    """Return all cases of a run, most worth first; the same run gives the same order."""
    return ranked([case for finder in FINDERS for case in finder(dataset)])


def ranked(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Order cases by what deciding them is worth, then by how sure they are, then by name."""
    return tuple(sorted(cases, key=lambda case: (-case.worth, -case.score, case.id)))


def left_by_kind(cases: Sequence[Case], decided: Collection[int]) -> dict[Kind, int]:
    """Return how many cases of each kind wait; kinds of which none was found are left out."""
    counts: dict[Kind, int] = {
        kind: 0 for kind, _, _ in KINDS if any(case.kind == kind for case in cases)
    }
    for case in cases:
        counts[case.kind] += case.waits(decided)
    return counts
