"""Images to collect: those of a pool that are most like some images, each worth a label of its own.

An image helps where it lies near those asked about, rather than nearer to what is labelled already,
and where it is no near-copy of a labelled image or of one that was taken before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows

NEAREST: Final = 5  # images that a candidate is compared with, on either side
MOST_LOOKED_AT: Final = 20  # candidates looked at closely, for each that is wanted
FEWEST_LOOKED_AT: Final = 1000
# Two images are near-copies where 1 - cosine is below a quarter of what it is between an image
# asked about and its nearest, and below this in any case.
COPY: Final = 0.03
COPY_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Worth:
    """Images of a pool in the order in which they are worth collecting.

    Parameters
    ----------
    places
        (m,) intp, their places in the pool.
    score
        (m,) float32, what they are ranked by: ``nearness``, less what they are nearer to others.
    nearness
        (m,) float32, mean cosine with the nearest images asked about.
    like
        (m,) intp, the place of the one of these that each is most like.
    copies
        How many more would have come before the last, but are near-copies.
    """

    places: NDArray[np.intp]
    score: NDArray[np.float32]
    nearness: NDArray[np.float32]
    like: NDArray[np.intp]
    copies: int


def worth_collecting(
    asked: NDArray[np.float32],
    pool: Iterable[NDArray[np.float32]],
    known: Iterable[NDArray[np.float32]],
    *,
    most: int,
) -> Worth:
    """Rank the images of a pool by how much they would help beside the images asked about.

    Parameters
    ----------
    asked
        (q, d) embeddings of the images asked about, q at least 1.
    pool
        The embeddings of the pool, (n, d) in blocks.
    known
        The embeddings of the other labelled images in blocks.
    most
        Images wanted.
    """
    query = unit_rows(asked)
    rows, places = _nearest_of_pool(query, pool, max(FEWEST_LOOKED_AT, MOST_LOOKED_AT * most))
    if not len(places):
        none = np.zeros(0, dtype=np.float32)
        return Worth(places, none, none, places.copy(), 0)
    alike = rows @ query.T
    nearness = _mean_of_nearest(alike)
    others = np.full((len(rows), NEAREST), -1.0, dtype=np.float32)
    for block in known:
        cosines = np.concatenate([others, rows @ unit_rows(block).T], axis=1)
        others = np.sort(cosines, axis=1)[:, -NEAREST:]
    score = nearness - np.maximum(0, others.mean(axis=1) - nearness)
    alone = 1 - _copy_distance(query)
    nearest_known = np.maximum(alike.max(axis=1), others[:, -1])
    order = np.lexsort((places, -score))
    kept, copies = _without_copies(rows, order, nearest_known, alone, most)
    like = alike[kept].argmax(axis=1)
    return Worth(places[kept], score[kept], nearness[kept], like.astype(np.intp), copies)


def _nearest_of_pool(
    query: NDArray[np.float32], pool: Iterable[NDArray[np.float32]], most: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return the rows of a pool that are nearest to the query, and their places."""
    rows = np.zeros((0, query.shape[1]), dtype=np.float32)
    places = np.zeros(0, dtype=np.intp)
    near = np.zeros(0, dtype=np.float32)
    start = 0
    for block in pool:
        unit = unit_rows(block)
        own = np.arange(start, start + len(unit), dtype=np.intp)
        start += len(unit)
        rows = np.concatenate([rows, unit])
        places = np.concatenate([places, own])
        near = np.concatenate([near, _mean_of_nearest(unit @ query.T)])
        best = np.lexsort((places, -near))[:most]
        rows, places, near = rows[best], places[best], near[best]
    return rows, places


def _mean_of_nearest(alike: NDArray[np.float32]) -> NDArray[np.float32]:
    n = min(NEAREST, alike.shape[1])
    return np.asarray(np.sort(alike, axis=1)[:, -n:].mean(axis=1), dtype=np.float32)


def _copy_distance(query: NDArray[np.float32]) -> float:
    """Return the distance (1 - cosine) below which two images are near-copies."""
    if len(query) < 2:
        return COPY * COPY_SHARE
    alike = query @ query.T
    np.fill_diagonal(alike, -np.inf)
    return min(COPY, COPY_SHARE * max(0.0, float(1 - np.median(alike.max(axis=1)))))


def _without_copies(
    rows: NDArray[np.float32],
    order: NDArray[np.intp],
    nearest_known: NDArray[np.float32],
    alone: float,
    most: int,
) -> tuple[NDArray[np.intp], int]:
    """Take candidates in order; leave out those nearer than ``alone`` to what is there."""
    kept: list[int] = []
    copies = 0
    for place in order:
        if len(kept) == most:
            break
        taken = rows[kept] @ rows[place] if kept else np.zeros(0, dtype=np.float32)
        if nearest_known[place] > alone or (taken > alone).any():
            copies += 1
        else:
            kept.append(int(place))
    return np.asarray(kept, dtype=np.intp), copies
