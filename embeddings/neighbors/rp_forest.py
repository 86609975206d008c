"""Random-projection-tree search of nearest neighbours, in time nearly linear in the items.

Small sets are searched exactly (``exact``). Larger ones are halved along random directions until a
leaf holds a few hundred items, and items are compared within their leaf. Several trees cut
differently, and the neighbours of neighbours are compared last (random projection trees, Dasgupta &
Freund 2008; the last step after Dong, Moses & Li 2011). A few of the neighbours are missed, seldom
the nearest ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows, widest_of_scatter
from embeddings.machine import usable_cores
from embeddings.neighbors.exact import Neighbours, nearest_elsewhere, nearest_points
from embeddings.records import Progress, no_progress

EXACT_UP_TO: Final = 4096  # items; below this trees save nothing
LEAF: Final = 512  # items of a leaf, at most
TREES: Final = 6
ROUNDS: Final = 2  # times that the neighbours of neighbours are looked at
WIDTH: Final = 192  # principal axes that the search uses; the similarities returned are of all axes
NEAR: Final = 6  # of an item's neighbours, and of theirs, that are looked at
_BLOCK: Final = 16_384
_BLOCK_CELLS: Final = 8_000_000  # numbers gathered at once


@dataclass(frozen=True, slots=True)
class Wanted:
    """Neighbours to look for: the ``k`` most similar rows of other groups.

    ``groups`` (n,) intp: copies of one content share a group, so that none is the other's
    neighbour; or the labels, for neighbours under other labels.
    """

    groups: NDArray[np.intp]
    k: int


def nearest_of_others(
    rows: NDArray[np.float32],
    groups: NDArray[np.intp],
    k: int,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Neighbours:
    """Find for each row about the ``k`` most similar rows of other groups.

    One of what :func:`search` finds.
    """
    return search(rows, [Wanted(groups, k)], seed=seed, progress=progress)[0]


def near_points(
    rows: NDArray[np.float32], k: int, *, seed: int = 0
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Find for each of (n, d) rows about the ``k`` others at the least Euclidean distance.

    Exactly up to 4,096 rows. More are searched by cosine about their mean, and of what is found the
    nearest are kept.

    Returns
    -------
    (n, k) index, -1 where there is none, and (n, k) float32 distance, nearest first; ``k`` is at
    most n - 1.
    """
    if len(rows) <= EXACT_UP_TO:
        return nearest_points(rows, k)
    directions = unit_rows(rows - rows.mean(axis=0))
    found = nearest_of_others(directions, np.arange(len(rows)), k, seed=seed).index
    del directions
    distance = np.empty(found.shape, dtype=np.float32)
    block = max(1, _BLOCK_CELLS // (k * rows.shape[1]))
    for start in range(0, len(rows), block):
        at = slice(start, min(len(rows), start + block))
        distance[at] = np.linalg.norm(rows[found[at]] - rows[at, None], axis=2)
    distance[found < 0] = np.inf
    order = np.argsort(distance, axis=1, kind="stable")
    return np.take_along_axis(found, order, 1), np.take_along_axis(distance, order, 1)


def search(
    rows: NDArray[np.float32],
    wanted: Sequence[Wanted],
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> list[Neighbours]:
    """Find neighbours of several sorts in one search.

    Parameters
    ----------
    rows
        (n, d) float32, unit length.
    wanted
        The first is the plain neighbourhood, which the search for the others starts from.
    seed
        Of the directions of the cuts; sets that are searched exactly need none.
    progress
        Called as ``progress(done, total, what)``.

    Returns
    -------
    For each of ``wanted``, ``Neighbours`` with (n, min(k, n)) arrays, best first; -1 where there
    is none. Threads take as many leaves at once as there are cores; the result is the same.
    """
    from threadpoolctl import threadpool_limits

    if len(rows) <= EXACT_UP_TO:
        return [nearest_elsewhere(rows, w.groups, w.k) for w in wanted]
    streams = np.random.SeedSequence(seed).spawn(TREES + 1)
    seen = _narrowed(rows, np.random.default_rng(streams[-1]))
    found = [_nothing(len(rows), w.k) for w in wanted]
    look = partial(_look_within, rows=seen, wanted=wanted, found=found)
    # these threads use all cores, so each product gets one thread
    with ThreadPoolExecutor(usable_cores()) as pool, threadpool_limits(1, user_api="blas"):
        trees = pool.map(lambda s: _leaves(seen, np.random.default_rng(s)), streams[:-1])
        for tree, leaves in enumerate(trees):
            progress(tree, TREES + ROUNDS, "neighbours")
            list(pool.map(look, leaves))  # leaves share no item, so threads share no row
        for step in range(ROUNDS):
            progress(TREES + step, TREES + ROUNDS, "neighbours")
            _look_further(found, seen, wanted, pool)
    progress(TREES + ROUNDS, TREES + ROUNDS, "neighbours")
    return [_measured(table, rows) for table in found]


def _nothing(n: int, k: int) -> Neighbours:
    return Neighbours(np.full((n, k), -1, dtype=np.intp), np.full((n, k), -np.inf, np.float32))


def _narrowed(rows: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Project on the axes of largest spread of a sample, and scale to unit length again."""
    n, width = rows.shape
    if width <= WIDTH:
        return rows
    sample = rows[np.sort(rng.choice(n, min(n, 4 * EXACT_UP_TO), replace=False))]
    narrow = rows @ widest_of_scatter((sample.T @ sample).astype(np.float64), WIDTH)
    length = np.linalg.norm(narrow, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.divide(narrow, length, out=narrow, where=length > 0)
    return scaled


def _leaves(rows: NDArray[np.float32], rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Cut all rows in halves, at the median of the direction from one item to another."""
    from embeddings.neighbors import kernels

    leaves, waiting = [], [np.arange(len(rows))]
    while waiting:
        part = waiting.pop()
        if len(part) <= LEAF:
            leaves.append(part)
            continue
        one, other = rng.choice(len(part), 2, replace=False)
        along = np.empty(len(part), dtype=np.float32)
        kernels.along(rows, part, rows[part[one]] - rows[part[other]], along)
        order = np.argpartition(along, len(part) // 2)
        # in the order of their places, so that memory is read in one direction
        waiting += [np.sort(part[order[: len(part) // 2]]), np.sort(part[order[len(part) // 2 :]])]
    return leaves


def _look_within(
    leaf: NDArray[np.intp],
    rows: NDArray[np.float32],
    wanted: Sequence[Wanted],
    found: Sequence[Neighbours],
) -> None:
    """Compare the items of one leaf, and keep the nearer neighbours."""
    from embeddings.neighbors import kernels

    own = rows[leaf]
    cells = own @ own.T
    for want, table in zip(wanted, found, strict=True):
        kernels.keep_best(leaf, cells, want.groups, table.index, table.similarity)


def _look_further(
    found: Sequence[Neighbours],
    rows: NDArray[np.float32],
    wanted: Sequence[Wanted],
    pool: ThreadPoolExecutor,
) -> None:
    """Compare every item with its neighbours' neighbours, and keep the nearer ones."""
    from embeddings.neighbors import kernels

    second = found[0].index[:, :NEAR].copy()
    for want, table in zip(wanted, found, strict=True):
        look = partial(
            kernels.look_further,
            rows=rows,
            groups=want.groups,
            first=table.index[:, :NEAR].copy(),
            second=second,
            index=table.index,
            value=table.similarity,
        )
        starts = range(0, len(rows), _BLOCK)
        list(pool.map(lambda at, look=look: look(at, min(len(rows), at + _BLOCK)), starts))


def _measured(found: Neighbours, rows: NDArray[np.float32]) -> Neighbours:
    """Replace the similarities on few axes by those of the rows themselves."""
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
