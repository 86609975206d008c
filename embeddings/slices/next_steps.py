"""What to do about a slice on which a model fails: relabel, merge two labels, or collect more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.slices.records import NextStep, Slice

MOSTLY: Final = 0.5  # share of the errors, or of the items, from which a thing is mostly so
MIXED: Final = 0.2  # share of two labels that is taken for the other, each way: they are one kind


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the whole data set.

    ``taken`` gives the share of one label that is taken for another; ``suggested`` (n,) is the
    label that other evidence than the model's gives an item, "" for none, or None where there is no
    such evidence.
    """

    taken: dict[tuple[str, str], float]
    suggested: NDArray[np.object_] | None

    @staticmethod
    def of(
        labels: NDArray[np.object_],
        predicted: NDArray[np.object_],
        suggested: NDArray[np.object_] | None,
    ) -> Known:
        """Count how often each label is taken for each other."""
        said = [(a, b) for a, b in zip(labels, predicted, strict=True) if a and b]
        sizes = Counter(a for a, _ in said)
        cells = Counter((a, b) for a, b in said if a != b)
        return Known({cell: count / sizes[cell[0]] for cell, count in cells.items()}, suggested)


def next_step(s: Slice, known: Known) -> NextStep:
    """Return the step that is likeliest to mend a slice; "" where nothing is wrong with it.

    Relabel where other evidence says, as the model does, that its items mostly show another label;
    merge where two labels are taken for each other both ways; otherwise the model needs more
    images of the sort.
    """
    if not (s.fails or s.kind == "label") or s.counted == s.right:
        return ""
    errors = s.counted - s.right
    to_one = s.taken_for_count >= MOSTLY * errors
    if known.suggested is not None and to_one:
        agreeing = (known.suggested[s.items] == s.taken_for).mean()
        if agreeing >= MOSTLY:
            return "relabel"
    ways = [known.taken.get(pair, 0.0) for pair in ((s.label, s.taken_for), (s.taken_for, s.label))]
    if to_one and s.label and min(ways) >= MIXED:
        return "merge"
    return "collect more like these" if s.fails else ""
