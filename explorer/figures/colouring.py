"""Colours of the map of a whole data set: which items are drawn in which colour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.records import MORE_LIKELY_THAN_NOT
from explorer.figures.palette import CLUSTER_COLOURS
from explorer.figures.scatter_map import Group

if TYPE_CHECKING:
    import pandas as pd

QUIET: Final = "--noise"
DENSE_CELLS: Final = 8  # along each side, to look for where a group is dense

Mask = NDArray[np.bool_]
Colouring = list[tuple[str, str, Mask]]  # name, token of the colour, which items (n,)


def by_finding(
    split: Mask, odd: Mask, cluster: NDArray[np.int32], suspicion: NDArray[np.float32]
) -> Colouring:
    """Colour by what was found of each item.

    Parameters
    ----------
    split
        (n,) whether its label hides two kinds.
    odd
        (n,) whether its cluster does not belong under its label.
    cluster
        (n,) its cluster, -1 for none.
    suspicion
        (n,) how likely its label is wrong, in [0, 1].
    """
    other = split & odd
    main = split & ~odd & (cluster >= 0)
    single = (suspicion >= MORE_LIKELY_THAN_NOT) & ~other & ~main
    return [
        ("larger group", "--c1", main),
        ("odd group", "--c2", other),
        ("single suspect", "--c4", single),
        ("nothing found", QUIET, ~(other | main | single)),
    ]


def by_value(values: pd.Series) -> Colouring:
    """Colour by the most common values; those that are left are "other"."""
    names = values.astype(object).where(values.notna(), "none").astype(str)
    common = names.value_counts().index[:CLUSTER_COLOURS]
    out = [
        (str(name), f"--c{place + 1}", (names == name).to_numpy(dtype=bool))
        for place, name in enumerate(common)
    ]
    return [*out, ("other", QUIET, ~names.isin(common).to_numpy(dtype=bool))]


def coloured_groups(
    colouring: Iterable[tuple[str, str, Mask]], rows: NDArray[np.intp], xy: NDArray[np.float32]
) -> list[Group]:
    """Return the dots of ``rows``; ``xy`` (n, 2) places all items. What is quiet comes first."""
    groups = [
        Group(name, colour, own, xy[own], 0.55 if colour == QUIET else 0.85)
        for name, colour, mask in colouring
        for own in (rows[mask[rows]],)
    ]
    return sorted(groups, key=lambda group: group.token != QUIET)


def dense_spot(xy: NDArray[np.float32]) -> tuple[float, float]:
    """Return the middle of the densest part of some places (n, 2), not of all of them.

    The densest of a coarse grid of cells, so that a few strays elsewhere move nothing.
    """
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    cells = max(1, min(DENSE_CELLS, len(xy) // 4))
    at = np.minimum(((xy - low) / span * cells).astype(int), cells - 1)
    which = at[:, 0] * cells + at[:, 1]
    inside = xy[which == np.bincount(which).argmax()]
    x, y = np.median(inside, axis=0)
    return float(x), float(y)
