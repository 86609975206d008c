"""Which clusters are odd: those that do not show what their label says. Everybody asks here.

The odd cluster is not always a smaller one. Of 60 cars and 20 cats under *jaguar*, beside a label
*car*, the largest cluster is the one that does not belong. ``embeddings.splits.report`` decides
it, and the column ``is_odd`` of the clusters carries it to whatever shows or exports them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c

if TYPE_CHECKING:
    import pandas as pd


def with_is_odd(clusters: pd.DataFrame) -> pd.DataFrame:
    """Return the clusters with the column ``is_odd``.

    Runs written before the column was there gave a suspicion above 0 to odd clusters alone.
    """
    if c.IS_ODD in clusters:
        return clusters
    if c.SUSPICION not in clusters:
        return clusters.assign(**{c.IS_ODD: False})
    odd = np.nan_to_num(clusters[c.SUSPICION].to_numpy(dtype=float)) > 0
    place = list(clusters.columns).index(c.SUSPICION) + 1
    front, back = clusters.iloc[:, :place], clusters.iloc[:, place:]
    return front.assign(**{c.IS_ODD: odd}).join(back)


def odd_numbers(clusters: pd.DataFrame) -> tuple[int, ...]:
    """Return the numbers of the odd clusters among those of one label, ascending."""
    odd = with_is_odd(clusters)
    return tuple(sorted(int(k) for k in odd.loc[odd[c.IS_ODD].astype(bool), c.CLUSTER]))


def in_odd_cluster(items: pd.DataFrame, clusters: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which items lie in an odd cluster.

    Parameters
    ----------
    items
        n rows with ``label`` and ``cluster``.
    clusters
        The clusters that count: those of a whole run, or some of them.

    Returns
    -------
    (n,) in the order of ``items``.
    """
    if c.CLUSTER not in items or c.CLUSTER not in clusters:
        return np.zeros(len(items), dtype=bool)
    found = with_is_odd(clusters)
    found = found[found[c.IS_ODD].astype(bool)]
    pairs = set(zip(found[c.LABEL].astype(str), found[c.CLUSTER].astype(int), strict=True))
    if not pairs:
        return np.zeros(len(items), dtype=bool)
    # only the labels with an odd cluster are looked at item by item
    labels = items[c.LABEL].astype(str).to_numpy(dtype=object)
    numbers = items[c.CLUSTER].fillna(c.NOISE).to_numpy(dtype=np.int64)
    inside = np.zeros(len(items), dtype=bool)
    rows = np.flatnonzero(items[c.LABEL].isin({label for label, _ in pairs}).to_numpy(dtype=bool))
    inside[rows] = [(labels[row], int(numbers[row])) in pairs for row in rows]
    return inside
