"""Sample items where a reader takes only so many: some of every label and cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]


def sample(items: pd.DataFrame, flags: NDArray[np.bool_], limit: int) -> Rows:
    """Choose at most ``limit`` items; the same items give the same choice.

    Flagged ones are all in; where there are more than ``limit``, the most suspicious. The remaining
    places go to the clusters of each label by their size, one each at least as long as there are
    enough, and within a cluster evenly from the most typical item to the least.

    Parameters
    ----------
    flags
        (n,) in the order of ``items``.

    Returns
    -------
    (k,) places in ``items``, rising.
    """
    n = len(items)
    if n <= limit:
        return np.arange(n, dtype=np.intp)
    wanted = np.flatnonzero(flags)
    if len(wanted) >= limit:
        suspicion = items[c.SUSPICION].fillna(0).to_numpy(dtype=float)[wanted]
        return np.sort(wanted[np.argsort(-suspicion, kind="stable")[:limit]])
    groups = items.groupby([c.LABEL, c.CLUSTER], sort=True, observed=True, dropna=False).indices
    others = [np.asarray(rows)[~flags[rows]] for rows in groups.values()]
    others = [rows for rows in others if len(rows)]
    shares = apportion(np.array([len(rows) for rows in others]), limit - len(wanted))
    typicality = (
        items[c.TYPICALITY].fillna(0).to_numpy(dtype=float)
        if c.TYPICALITY in items
        else np.zeros(n)
    )
    chosen = [wanted]
    for rows, share in zip(others, shares, strict=True):
        ranked = rows[np.argsort(-typicality[rows], kind="stable")]
        chosen.append(ranked[(np.arange(share) * len(ranked)) // max(share, 1)])
    return np.sort(np.concatenate(chosen)).astype(np.intp)


def apportion(sizes: NDArray[np.int_], seats: int) -> NDArray[np.int_]:
    """Share ``seats`` out by size, largest remainder first, at least one each while they last.

    Returns
    -------
    (k,) whole numbers, none above its size, with the sum ``min(seats, sum(sizes))``.
    """
    seats = min(seats, int(sizes.sum()))
    shares = np.zeros(len(sizes), dtype=int)
    largest_first = np.argsort(-sizes, kind="stable")
    shares[largest_first[:seats]] = 1
    left = seats - int(shares.sum())
    room = sizes - shares
    if left > 0:
        exact = room * (left / room.sum())
        shares += np.floor(exact).astype(int)
        rest = seats - int(shares.sum())
        shares[np.argsort(-(exact % 1), kind="stable")[:rest]] += 1
    return shares
