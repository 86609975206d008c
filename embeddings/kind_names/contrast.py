"""How a part of a label differs in its nouns from the other images: a test, and bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.kind_names.counts import NounCounts

_FALSE_DISCOVERIES: Final = 0.01
_FEWEST_SEEN: Final = 0.5  # share of a part in which what names it must be seen
_ONE_BIT: Final = 1.0
_PRIOR_IMAGES: Final = 20  # what the vocabulary's shares weigh beside the images of the others
_SMALLEST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Contrast:
    """One part beside others.

    ``bits`` (n,) is what each noun tells about an image of the part, ``p`` (n,) the p-value of its
    test, 1 where it names nothing whatever the test says. ``tested`` counts the nouns that were
    seen at all.
    """

    bits: NDArray[np.float64]
    p: NDArray[np.float64]
    tested: int


def contrast(
    part: NounCounts,
    others: Sequence[NounCounts],
    prior: NDArray[np.float64],
    may_name: NDArray[np.bool_],
) -> Contrast:
    """Compare a part with other images; a noun must tell it from each of ``others``.

    Parameters
    ----------
    part, others
        Counts of one group each (g = 1). Others without images are left out; with none left,
        nothing is told.
    prior
        (n,) the share of each noun in the vocabulary.
    may_name
        (n,) whether a noun is no more general than a name should be.
    """
    from scipy.stats import hypergeom

    n, seen = int(part.images[0]), part.seen[0]
    share = part.mass[0].astype(np.float64) / n
    base, p = np.zeros(len(share)), np.zeros(len(share))
    there = [other for other in others if other.images[0] > 0]
    for other in there:
        images = int(other.images[0])
        drawn = (other.mass[0] + _PRIOR_IMAGES * prior) / (images + _PRIOR_IMAGES)
        base = np.maximum(base, drawn)
        p = np.maximum(p, hypergeom.sf(seen - 1, n + images, seen + other.seen[0], n))
    if not there:
        base, p = np.ones(len(share)), np.ones(len(share))
    bits = share * np.log2(np.maximum(share, _SMALLEST) / np.maximum(base, _SMALLEST))
    names = may_name & (seen >= _FEWEST_SEEN * n) & (bits >= _ONE_BIT)
    return Contrast(bits, np.where(names, p, 1.0), int((seen > 0).sum()))


def largest_p(contrasts: Sequence[Contrast]) -> float:
    """Return the largest p-value that is significant, by Benjamini and Hochberg (1995); -1: none.

    All nouns that were seen in any part count as tests, also those that name nothing.
    """
    tested = sum(one.tested for one in contrasts)
    p = np.sort(np.concatenate([np.zeros(0), *(one.p[one.p < 1] for one in contrasts)]))
    passed = p <= _FALSE_DISCOVERIES * np.arange(1, len(p) + 1) / max(1, tested)
    return float(p[passed][-1]) if passed.any() else -1.0
