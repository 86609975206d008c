"""Names of styles: what differs between the two sides, and in how many labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.splits import wording
from embeddings.splits.evidence import differing_fact

SAME_DIRECTION_AT: Final = 0.6  # cosine from which the styles of two labels are one
RUNS_THROUGH_AT: Final = 0.5  # mean cosine with other labels from which a difference is a style


@dataclass(frozen=True, slots=True)
class StyleCut:
    """A clear cut of one label whose sides are not two kinds.

    ``part`` and ``rest`` are the places of the items of its sides, ``direction`` (d,) float32 the
    unit vector from the rest to the part, ``alignment`` its mean cosine with the directions of the
    three labels that come nearest.
    """

    part: NDArray[np.intp]
    rest: NDArray[np.intp]
    direction: NDArray[np.float32]
    alignment: float


@dataclass(frozen=True, slots=True)
class NamedStyle:
    """A style of one label in ``words``, as a ``sentence``; labels of one style share ``group``."""

    words: str
    sentence: str
    group: int


def named_styles(
    cuts: Sequence[StyleCut | None], facts: Mapping[str, NDArray[np.float64]]
) -> list[NamedStyle | None]:
    """Name the style of each label that has one.

    A cut follows a style where a fact of the files or pictures tells its sides apart, or where the
    same difference runs through other labels. Labels whose styles point in one direction are one
    group.

    Parameters
    ----------
    cuts
        Of each label the cut that may follow a style.
    facts
        Columns of ``evidence.columns_of``, each in the order of the data set.
    """
    known = [(number, cut) for number, cut in enumerate(cuts) if cut is not None]
    named: list[NamedStyle | None] = [None] * len(cuts)
    if not known:
        return named
    vectors = np.stack([cut.direction for _, cut in known])
    groups = _connected(np.abs(vectors @ vectors.T) >= SAME_DIRECTION_AT)
    counts = np.bincount(groups)
    for (number, cut), group in zip(known, groups.tolist(), strict=True):
        fact = differing_fact(facts, cut.part, cut.rest)
        count = int(counts[group])
        if fact or count > 1 or cut.alignment >= RUNS_THROUGH_AT:
            named[number] = NamedStyle(
                wording.style_words(fact, count),
                wording.style_sentence(len(cut.part), fact, count),
                group,
            )
    return named


def _connected(linked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the number of the connected group of each of (n, n) linked nodes."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    return np.asarray(connected_components(csr_matrix(linked), directed=False)[1], dtype=np.intp)
