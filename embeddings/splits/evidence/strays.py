"""Strays: single items under a wrong label, set aside before a label is cut.

A stray is an item that the cross-check takes for another label and that has no fellows under its
own: its second nearest item under its own label is far less similar to it than its third nearest
under other labels. Several items of one label that look like the same other label are no strays
where they are more than wrong labels by accident would explain: they may be a kind. Neither are
those of a label that holds more of them than wrong labels by accident would explain.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import by_group
from embeddings.cross_check import CrossCheck
from embeddings.records import MORE_LIKELY_THAN_NOT

# Share of the items without two fellows from which slips are many: two of a kind meet by chance.
MANY_SLIPS: Final = 0.04
OTHERS: Final = 3  # nearest items under other labels that this is compared with
LONE_BELOW: Final = 0.6  # likeness to the fellows, as a share of likeness to the others
# How many of the labels most mixed up with a label are used to estimate the rate of slips.
ALIKE: Final = 3
TRIMMED: Final = 0.05  # share of the most mixed-up pairs that does not count: these may be kinds
LEAST_RATE: Final = 0.02  # slips of a pair of labels that are assumed at least
FALSE_GROUPS: Final = 0.1  # groups of slips expected to pass for a kind, in a whole data set
SMALLEST_GROUP: Final = 4
# A label that holds more strays than slips explain, whatever they look like, may hide a kind.
LEAST_SHARE: Final = 0.002  # of a label's items that are assumed to be slips at least
SMALLEST_CROWD: Final = 3
TRIMMED_LABELS: Final = 0.1  # labels with most strays, which do not count in the share of slips
# Likeness to a part from which a stray is one of its items after all.
READMITTED_AT: Final = 0.4


def find_strays(
    space: NDArray[np.float32],
    group: NDArray[np.intp],
    content: NDArray[np.intp],
    others: NDArray[np.float32],
    check: CrossCheck,
) -> NDArray[np.bool_]:
    """Mark the strays.

    Parameters
    ----------
    space
        (n, d) float32 items in the shared space.
    group
        (n,) label of each item.
    content
        (n,) content of each item; copies are no fellows.
    others
        (n, 3) float32 similarity to the nearest items of other labels, descending.
    check
        The cross-check of the same items.

    Returns
    -------
    (n,) bool.
    """
    strays = np.zeros(len(group), dtype=bool)
    suspected = np.flatnonzero(check.suspicion >= MORE_LIKELY_THAN_NOT)
    if not len(suspected) or others.shape[1] < OTHERS:
        return strays
    members = by_group(group, check.n_labels)
    far = others[suspected, OTHERS - 1]
    near = np.empty((len(suspected), 2), dtype=np.float32)
    for label in np.unique(group[suspected]):
        at = np.flatnonzero(group[suspected] == label)
        near[at] = _fellows(space, content, suspected[at], members[label])
    lone = near < LONE_BELOW * far[:, None]
    many = lone[:, 1].sum() > MANY_SLIPS * len(check.first)
    strays[suspected[lone[:, 1 if many else 0]]] = True
    strays &= ~(_in_groups(strays, group, check) | _in_crowds(strays, group, check.n_labels))
    # a label that would lose all its items has no strays
    left = np.bincount(group[~strays], minlength=check.n_labels)
    return strays & (left[group] > 0)


def _fellows(
    space: NDArray[np.float32],
    content: NDArray[np.intp],
    items: NDArray[np.intp],
    label: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Return the similarity of each item to its two nearest of other content in its label."""
    _, first = np.unique(content[label], return_index=True)
    different = label[first]
    likeness = space[items] @ space[different].T
    likeness[content[items, None] == content[None, different]] = -1
    found = np.full((len(items), 2), -1, dtype=np.float32)
    there = min(2, len(different))
    found[:, :there] = -np.sort(-likeness, axis=1)[:, :there]
    return found


def _in_groups(
    strays: NDArray[np.bool_], group: NDArray[np.intp], check: CrossCheck
) -> NDArray[np.bool_]:
    """Mark items of which a label holds more, all alike to one other label, than slips explain.

    The number of slips from one label to another is Poisson; its mean is estimated from the pairs
    of labels that are mixed up most, without the most extreme of them.
    """
    from scipy.sparse import coo_matrix
    from scipy.stats import poisson

    n_labels = check.n_labels
    at, shown = np.flatnonzero(strays), check.best[strays]
    if not len(at):
        return np.zeros(len(group), dtype=bool)
    ones = np.ones(len(at), dtype=np.int64)
    pairs = coo_matrix((ones, (group[at], shown)), shape=(n_labels, n_labels)).tocsr()
    n_pairs = min(ALIKE, max(1, n_labels - 1)) * n_labels
    counts = np.zeros(n_pairs, dtype=np.int64)
    top = np.sort(np.concatenate([np.sort(row)[-ALIKE:] for row in _rows_of(pairs)]))[::-1]
    counts[: min(len(top), n_pairs)] = top[:n_pairs]
    rate = max(float(counts[int(TRIMMED * n_pairs) :].mean()), LEAST_RATE)
    least = SMALLEST_GROUP
    while n_pairs * poisson.sf(least - 1, rate) > FALSE_GROUPS:
        least += 1
    many = np.asarray(pairs[group[at], shown]).reshape(-1) >= least
    found = np.zeros(len(group), dtype=bool)
    found[at[many]] = True
    return found


def _in_crowds(
    strays: NDArray[np.bool_], group: NDArray[np.intp], n_labels: int
) -> NDArray[np.bool_]:
    """Mark the strays of labels that hold more of them than slips explain.

    The number of slips in a label is Poisson, in proportion to its size; the share of slips is
    the mean of all labels without those that hold most.
    """
    from scipy.stats import poisson

    size = np.bincount(group, minlength=n_labels)
    held = np.bincount(group[strays], minlength=n_labels)
    order = np.argsort(-held / np.maximum(size, 1), kind="stable")
    usual = order[int(TRIMMED_LABELS * n_labels) :]
    share = max(float(held[usual].sum() / max(size[usual].sum(), 1)), LEAST_SHARE)
    chance = poisson.sf(held - 1, share * size)
    crowded: NDArray[np.bool_] = (held >= SMALLEST_CROWD) & (n_labels * chance <= FALSE_GROUPS)
    return strays & crowded[group]


def _rows_of(pairs: object) -> list[NDArray[np.int64]]:
    data, starts = pairs.data, pairs.indptr  # type: ignore[attr-defined]  # a CSR matrix
    return np.split(data, starts[1:-1])


def readmitted(
    space: NDArray[np.float32], rows: NDArray[np.float32], parts: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the part to which each stray is given back, -1 for none.

    Parameters
    ----------
    space
        (n, d) the items of a label that are no strays, in the shared space.
    rows
        (s, d) its strays, in the shared space.
    parts
        (n,) the part of each item.
    """
    n_parts = int(parts.max()) + 1
    ratio = np.full((len(rows), n_parts), -np.inf)
    for part in range(n_parts):
        own = space[parts == part].astype(np.float64)
        n = len(own)
        if n < 2:
            continue
        within = float((own.sum(axis=0) ** 2).sum() - (own**2).sum()) / (n * (n - 1))
        if within > 0:
            ratio[:, part] = rows @ own.mean(axis=0) / within
    best = ratio.argmax(axis=1)
    sure = ratio[np.arange(len(rows)), best] > READMITTED_AT
    return np.where(sure, best, -1)
