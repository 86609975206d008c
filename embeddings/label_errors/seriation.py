"""Seriation: an order of the labels that puts those that are confused side by side.

Labels are joined by how often either is taken for the other, as a share of both (average linkage),
and the branches are turned so that neighbours along the order are confused as much as can be
(optimal leaf ordering, Bar-Joseph, Gifford & Jaakkola 2001). Labels that nothing joins follow in
the order of their names. A group of very many connected labels is ordered by Cuthill & McKee's
method (1969), in time linear in the number of confusions.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import by_group

BLOCKS: Final = 40  # groups of labels that a drawing of many labels shows, about
FEW: Final = 60  # labels up to which each is a group of its own
MOST_TURNED: Final = 1500  # labels of a tree whose branches are turned; more would take minutes
MOST_JOINED: Final = 5000  # connected labels that are joined in a tree; more would take gigabytes


def ordered(
    given: NDArray[np.int32], predicted: NDArray[np.int32], count: NDArray[Any], n_labels: int
) -> tuple[NDArray[np.intp], tuple[NDArray[np.intp], ...]]:
    """Order labels by their confusions.

    Parameters
    ----------
    given, predicted, count
        (c,) cells of the matrix.
    n_labels
        How many labels there are.

    Returns
    -------
    order
        (n_labels,) the labels in order.
    parts
        The same, cut where nothing joins two neighbours or little does.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    size = np.bincount(given, count, minlength=n_labels)
    size += np.bincount(predicted, count, minlength=n_labels)
    off = given != predicted
    share = count[off] / size[given[off]], count[off] / size[predicted[off]]
    one_way = csr_matrix(
        (share[0] + share[1], (given[off], predicted[off])), shape=(n_labels, n_labels)
    )
    both = (one_way + one_way.T).tocsr()
    _, component = connected_components(both, directed=False)
    sizes = np.bincount(component)
    first = np.full(len(sizes), n_labels)
    np.minimum.at(first, component, np.arange(n_labels))
    every = by_group(component, len(sizes))
    parts: list[NDArray[np.intp]] = []
    for number in np.lexsort((first, -sizes)):
        parts += _joined(both, every[number])
    return np.concatenate(parts), tuple(parts)


def _joined(both: Any, members: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Order connected labels, and cut them into closely connected parts."""
    n = len(members)
    if n <= 2:
        return [members]
    likeness = both[members][:, members]
    if n > MOST_JOINED:
        from scipy.sparse.csgraph import reverse_cuthill_mckee

        order = members[reverse_cuthill_mckee(likeness, symmetric_mode=True)]
        return np.array_split(order, BLOCKS)
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage, optimal_leaf_ordering

    near = likeness.toarray()
    apart = 1 - near / near.max()
    flat = apart[np.triu_indices(n, 1)]
    tree = linkage(flat, "average")
    if n <= MOST_TURNED:
        tree = optimal_leaf_ordering(tree, flat)
    leaves = leaves_list(tree)
    part = fcluster(tree, BLOCKS, "maxclust")[leaves]
    cuts = np.flatnonzero(np.diff(part)) + 1
    return np.split(members[leaves], cuts)


def blocks_of(order: NDArray[np.intp], parts: tuple[NDArray[np.intp], ...]) -> NDArray[np.int32]:
    """Return the group (n,) int32 of each label, numbered along the order.

    Few labels are a group each. Otherwise neighbouring parts are taken together while they hold
    fewer labels than an even share.
    """
    n = len(order)
    block = np.zeros(n, dtype=np.int32)
    if n <= FEW:
        block[order] = np.arange(n)
        return block
    number, held = 0, 0
    for part in parts:
        if held and held + len(part) > 2 * n / BLOCKS:
            number, held = number + 1, 0
        block[part] = number
        held += len(part)
    return block
