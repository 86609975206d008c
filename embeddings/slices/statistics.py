"""Accuracy with its interval, an exact test of a slice against its labels, false-discovery control.

Wilson's interval (1927); Fisher's exact test (1922), stratified by label as Mantel and Haenszel
(1959) do but exact; the false-discovery rate after Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Z: Final = 1.959963984540054  # of a normal distribution, 95 % two-sided


def wilson(right: int, counted: int, z: float = _Z) -> tuple[float, float]:
    """Return Wilson's interval of a share; (0, 1) where nothing was counted.

    >>> tuple(round(end, 3) for end in wilson(4, 10))
    (0.168, 0.687)
    """
    if counted == 0:
        return 0.0, 1.0
    share, more = right / counted, z * z / counted
    middle = (share + more / 2) / (1 + more)
    half = z * float(np.sqrt(share * (1 - share) / counted + more / (4 * counted))) / (1 + more)
    return max(0.0, middle - half), min(1.0, middle + half)


def more_errors(strata: Iterable[tuple[int, int, int, int]]) -> float:
    """Return the exact probability that so many errors fall into a slice by chance.

    Parameters
    ----------
    strata
        For each label that the slice has items of: items of the label, errors among them, items of
        the slice in it, errors among those. Within a label errors are dealt at random.

    Returns
    -------
    The one-sided p-value; 1 where there are no errors in the slice.
    """
    from scipy.stats import hypergeom

    errors_at = np.ones(1)
    seen = 0
    for n, errors, inside, errors_inside in strata:
        chances = hypergeom(n, errors, inside).pmf(np.arange(min(errors, inside) + 1))
        errors_at = np.convolve(errors_at, chances)
        seen += errors_inside
    return float(min(1.0, errors_at[seen:].sum())) if seen else 1.0


def false_discovery(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return Benjamini and Hochberg's q-value of each p-value, (n,) float64.

    >>> false_discovery([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(np.minimum(p[order] * len(p) / ranks, 1)) if len(p) else p
    return q
