"""Likeness of two groups of items: whether they show one kind.

Two numbers measure it that do not depend on the sizes of the groups. The *affinity* is the cosine
of their true centres (``cutting.statistics``). The *mixing* asks whether the groups can be told
apart at all: of the nearest items in both groups together, the share that is of the other group,
over the share that it would be if items of both were drawn from one kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.splits.cutting import measured

MOST_COMPARED: Final = 400  # items of a group
NEAREST: Final = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike groups a and b are.

    ``affinity`` is cut off at 1; estimates from few items can be higher.
    ``mixing_a`` and ``mixing_b`` are that of either group's items, about 1 for one kind and 0 for
    groups that keep apart. ``within_a`` and ``within_b`` are the mean similarities of pairs within.
    """

    affinity: float
    mixing_a: float
    mixing_b: float
    within_a: float
    within_b: float


def likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> Likeness:
    """Compare two groups.

    Parameters
    ----------
    a, b
        (n, d) and (m, d) float32 items in the shared space, two of each at least. Of more than 400
        items an even sample is compared.
    """
    a, b = _sample(a), _sample(b)
    n, m = len(a), len(b)
    rows = np.concatenate((a, b))
    group = np.repeat(np.array([0, 1], dtype=np.intp), (n, m))
    found = measured(rows, group, 2)
    products = rows @ rows.T
    np.fill_diagonal(products, -np.inf)
    k = min(NEAREST, n + m - 1)
    nearest = np.argpartition(-products, k - 1, axis=1)[:, :k]
    in_b = nearest >= n
    affinity = float(found.between(0, np.array([1]))[0])
    return Likeness(
        min(affinity, 1.0),
        float(in_b[:n].mean()) / (m / (n + m - 1)),
        float((~in_b[n:]).mean()) / (n / (n + m - 1)),
        float(found.within[0]),
        float(found.within[1]),
    )


def _sample(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    if len(rows) <= MOST_COMPARED:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MOST_COMPARED).astype(np.intp)]
