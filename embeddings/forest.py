"""Nearest neighbours of very many items: in trees, so that time grows with their number only.

Small sets are searched exactly (``neighbours``). Larger ones are cut in halves again and again by
random directions until a leaf holds a few hundred items, and items are compared within their leaf;
several trees cut differently, and the neighbours of neighbours are looked at last (random
projection trees, Dasgupta & Freund 2008; the last step after Dong, Moses & Li 2011). What is lost
is a few of the neighbours, least of all the very near ones.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.neighbours import Neighbours, nearest_elsewhere
from embeddings.records import Progress, no_progress

EXACT_UP_TO: Final = 4096  # items; below this trees save nothing
LEAF: Final = 512  # items of a leaf, at most
TREES: Final = 6
ROUNDS: Final = 2  # times that the neighbours of neighbours are looked at
WIDTH: Final = 192  # axes that the search sees; similarities are those of the rows as given
_BLOCK_CELLS: Final = 8_000_000  # numbers gathered at once


def nearest_of_others(
    rows: NDArray[np.float32],
    groups: NDArray[np.intp],
    k: int,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Neighbours:
    """Find for each row about the ``k`` most similar rows of other groups.

    Parameters
    ----------
    rows
        (n, d) float32, unit length.
    groups
        (n,) group of each row; copies of one content share one, so that none is the other's
        neighbour.
    k
        How many.
    seed
        Of the directions of the cuts; sets that are searched exactly need none.
    progress
        Called as ``progress(done, total, what)``.

    Returns
    -------
    ``Neighbours`` with (n, min(k, n)) arrays, best first; -1 where there is none.
    """
    n = len(rows)
    if n <= EXACT_UP_TO:
        return nearest_elsewhere(rows, groups, k)
    rng = np.random.default_rng(seed)
    seen = _narrowed(rows, rng)
    best = Neighbours(np.full((n, k), -1, dtype=np.intp), np.full((n, k), -np.inf, np.float32))
    for tree in range(TREES):
        progress(tree, TREES + ROUNDS, "neighbours")
        for leaf in _leaves(seen, rng):
            _look_within(leaf, seen, groups, best)
    for step in range(ROUNDS):
        progress(TREES + step, TREES + ROUNDS, "neighbours")
        best = _neighbours_of_neighbours(best, seen, groups)
    progress(TREES + ROUNDS, TREES + ROUNDS, "neighbours")
    return _measured(best, rows)


def _narrowed(rows: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Project on the axes of largest spread of a sample, and scale to unit length again."""
    n, width = rows.shape
    if width <= WIDTH:
        return rows
    sample = rows[np.sort(rng.choice(n, min(n, 4 * EXACT_UP_TO), replace=False))]
    _, axes = np.linalg.eigh((sample.T @ sample).astype(np.float64))
    narrow = rows @ axes[:, ::-1][:, :WIDTH].astype(np.float32)
    length = np.linalg.norm(narrow, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.divide(narrow, length, out=narrow, where=length > 0)
    return scaled


def _leaves(rows: NDArray[np.float32], rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Cut all rows in halves, at the median of the direction from one item to another."""
    leaves, waiting = [], [np.arange(len(rows))]
    while waiting:
        part = waiting.pop()
        if len(part) <= LEAF:
            leaves.append(part)
            continue
        one, other = rng.choice(len(part), 2, replace=False)
        along = rows[part] @ (rows[part[one]] - rows[part[other]])
        order = np.argpartition(along, len(part) // 2)
        waiting += [part[order[: len(part) // 2]], part[order[len(part) // 2 :]]]
    return leaves


def _look_within(
    leaf: NDArray[np.intp],
    rows: NDArray[np.float32],
    groups: NDArray[np.intp],
    best: Neighbours,
) -> None:
    """Compare the items of one leaf, and keep what is nearer than what was known."""
    k = min(best.index.shape[1], len(leaf))
    cells = rows[leaf] @ rows[leaf].T
    cells[groups[leaf][:, None] == groups[leaf][None, :]] = -np.inf
    near = np.argpartition(-cells, k - 1, axis=1)[:, :k]
    _keep_best(leaf, leaf[near], np.take_along_axis(cells, near, axis=1), best)


def _keep_best(
    at: NDArray[np.intp],
    index: NDArray[np.intp],
    similarity: NDArray[np.float32],
    best: Neighbours,
) -> None:
    """Merge new neighbours of the rows ``at`` into ``best``, each item once, best first."""
    k = best.index.shape[1]
    index = np.concatenate((best.index[at], index), axis=1)
    similarity = np.concatenate((best.similarity[at], similarity), axis=1)
    order = np.argsort(index, axis=1, kind="stable")
    index = np.take_along_axis(index, order, axis=1)
    similarity = np.take_along_axis(similarity, order, axis=1)
    similarity[:, 1:][index[:, 1:] == index[:, :-1]] = -np.inf
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    best.similarity[at] = np.take_along_axis(similarity, order, axis=1)
    kept = np.take_along_axis(index, order, axis=1)
    best.index[at] = np.where(np.isfinite(best.similarity[at]), kept, -1)


def _neighbours_of_neighbours(
    best: Neighbours, rows: NDArray[np.float32], groups: NDArray[np.intp]
) -> Neighbours:
    n, k = best.index.shape
    found = Neighbours(best.index.copy(), best.similarity.copy())
    near = min(k, 6)  # of each neighbour's neighbours
    block = max(1, _BLOCK_CELLS // (near * near * rows.shape[1]))
    for start in range(0, n, block):
        at = np.arange(start, min(n, start + block))
        first = best.index[at, :near]
        second = np.where(first[:, :, None] < 0, -1, best.index[first, :near])
        second = second.reshape(len(at), -1)
        cells = np.einsum("ijd,id->ij", rows[second], rows[at], optimize=True)
        cells[(second < 0) | (groups[second] == groups[at, None])] = -np.inf
        _keep_best(at, second, cells, found)
    return found


def _measured(found: Neighbours, rows: NDArray[np.float32]) -> Neighbours:
    """Put the similarities of the rows themselves in place of those of the narrowed ones."""
    n, k = found.index.shape
    similarity = np.empty((n, k), dtype=np.float32)
    block = max(1, _BLOCK_CELLS // (k * rows.shape[1]))
    for start in range(0, n, block):
        at = slice(start, min(n, start + block))
        similarity[at] = np.einsum("ijd,id->ij", rows[found.index[at]], rows[at], optimize=True)
    similarity[found.index < 0] = -np.inf
    order = np.argsort(-similarity, axis=1, kind="stable")
    return Neighbours(
        np.take_along_axis(found.index, order, axis=1),
        np.take_along_axis(similarity, order, axis=1),
    )
