# mypy: disable-error-code="untyped-decorator,import-untyped"
"""Loops that NumPy cannot say, compiled by Numba once per machine and kept beside the source.

Imported inside functions only: Numba takes most of a second. Whatever runs here has given its
threads free (``nogil``), depends on its arguments alone, and gives the same bits every time.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_FAR = 4.0  # most that one step moves an item along one axis, as in umap-learn


@numba.njit(cache=True, nogil=True)
def largest(cells: Any, index: Any, value: Any) -> None:
    """Put the k largest finite numbers of each row of ``cells`` into (n, k) arrays, best first.

    ``index`` is int64, ``value`` float32, filled with -1 and -inf before. One pass, and where
    numbers are equal the first stays first.
    """
    k = index.shape[1]
    for row in range(cells.shape[0]):
        for column in range(cells.shape[1]):
            this = cells[row, column]
            if this > value[row, k - 1]:
                at = k - 1
                while at > 0 and this > value[row, at - 1]:
                    value[row, at] = value[row, at - 1]
                    index[row, at] = index[row, at - 1]
                    at -= 1
                value[row, at] = this
                index[row, at] = column


@numba.njit(cache=True, nogil=True)
def distances(products: Any, out: Any) -> None:
    """Put the Euclidean distances of all pairs into ``out`` (n (n - 1) / 2,) float64.

    ``products`` (n, n) float32 are those of the rows with one another; pairs in the order of
    scipy's condensed matrices.
    """
    n, place = products.shape[0], 0
    for i in range(n):
        for j in range(i + 1, n):
            square = np.float64(products[i, i]) + np.float64(products[j, j])
            square -= np.float64(2.0) * np.float64(products[i, j])
            out[place] = np.sqrt(max(square, 0.0))
            place += 1


@numba.njit(cache=True, nogil=True)
def agreeing(cuts: Any, nearest: Any, out: Any) -> None:
    """Count for each side of each cut how often an item's nearest are on its side.

    ``cuts`` (c, n) bool, ``nearest`` (n, k) best first, ``out`` (2, c) int64 zeros, the first row
    for the items marked. A side of fewer than k + 1 items is asked about as many as it has less
    one.
    """
    n, k = nearest.shape
    for cut in range(cuts.shape[0]):
        size = 0
        for item in range(n):
            size += cuts[cut, item]
        most = (min(k, n - size - 1), min(k, size - 1))
        for item in range(n):
            inside = 1 if cuts[cut, item] else 0
            same = 0
            for place in range(most[inside]):
                same += (1 if cuts[cut, nearest[item, place]] else 0) == inside
            out[1 - inside, cut] += same


@numba.njit(cache=True, nogil=True)
def lay_out(
    xy: Any, starts: Any, ends: Any, every: Any, a: float, epochs: int, against: int, seed: int
) -> None:
    """Draw connected items together and push random ones apart, in place.

    The stochastic gradient descent of UMAP (McInnes, Healy & Melville 2018, algorithm 5) on two
    axes, with the likeness 1 / (1 + a d**2).

    Parameters
    ----------
    xy
        (n, 2) float32.
    starts
        (n + 1,) int64; edges of item i are those from ``starts[i]`` to ``starts[i + 1]``.
    ends
        (e,) int32 where each edge leads.
    every
        (e,) float32 epochs between two uses of an edge.
    a, epochs, against, seed
        ``against`` random items are pushed away at each use.
    """
    n = xy.shape[0]
    due = every.copy()
    state = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0xD1B54A32D192ED03)
    two_a = np.float32(2.0 * a)
    narrow = np.float32(a)
    zero, one, two = np.float32(0.0), np.float32(1.0), np.float32(2.0)
    near, far = np.float32(0.001), np.float32(_FAR)
    for epoch in range(epochs):
        rate = np.float32(1.0 - epoch / epochs)
        now = np.float32(epoch)
        for i in range(n):
            own_x, own_y = xy[i, 0], xy[i, 1]
            for edge in range(starts[i], starts[i + 1]):
                if due[edge] > now:
                    continue
                due[edge] += every[edge]
                j = ends[edge]
                x, y = own_x - xy[j, 0], own_y - xy[j, 1]
                pull = two_a / (one + narrow * (x * x + y * y))
                dx = min(max(pull * x, -far), far) * rate
                dy = min(max(pull * y, -far), far) * rate
                xy[j, 0] += dx
                xy[j, 1] += dy
                own_x -= dx
                own_y -= dy
                xy[i, 0], xy[i, 1] = own_x, own_y  # a random item may be this one
                # all pushes from one place, so that none waits for the one before
                dx, dy = zero, zero
                for _ in range(against):
                    state ^= state << np.uint64(13)
                    state ^= state >> np.uint64(7)
                    state ^= state << np.uint64(17)
                    j = np.int64(((state >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))
                    x, y = own_x - xy[j, 0], own_y - xy[j, 1]
                    d = x * x + y * y
                    push = two / ((near + d) * (one + narrow * d))
                    dx += min(max(push * x, -far), far)
                    dy += min(max(push * y, -far), far)
                own_x += dx * rate
                own_y += dy * rate
            xy[i, 0], xy[i, 1] = own_x, own_y


@numba.njit(cache=True, nogil=True, fastmath=True)  # the order of a sum is the compiler's
def _dot(one: Any, other: Any) -> Any:
    total = np.float32(0.0)
    for axis in range(one.shape[0]):
        total += one[axis] * other[axis]
    return total


@numba.njit(cache=True, nogil=True)
def along(rows: Any, members: Any, direction: Any, out: Any) -> None:
    """Put the products of ``rows[members]`` with ``direction`` into ``out``; all float32."""
    for place in range(members.shape[0]):
        out[place] = _dot(rows[members[place]], direction)


@numba.njit(cache=True, nogil=True)
def _insert(index: Any, value: Any, item: int, this: Any) -> None:
    at = index.shape[0] - 1
    while at > 0 and this > value[at - 1]:
        value[at] = value[at - 1]
        index[at] = index[at - 1]
        at -= 1
    value[at] = this
    index[at] = item


@numba.njit(cache=True, nogil=True)
def _holds(index: Any, item: int) -> bool:
    found = False
    for place in range(index.shape[0]):
        found |= index[place] == item
    return found


@numba.njit(cache=True, nogil=True)
def keep_best(members: Any, cells: Any, groups: Any, index: Any, value: Any) -> None:
    """Merge the similarities of ``members`` with one another into what is known of each.

    Parameters
    ----------
    members
        (m,) int64 items, the rows and columns of ``cells`` (m, m) float32.
    groups
        (n,) int64; items of one group are not each other's neighbours.
    index, value
        (n, k) int64 and float32, best first, filled with -1 and -inf; changed in place.
    """
    k = index.shape[1]
    for i in range(members.shape[0]):
        row = members[i]
        for j in range(members.shape[0]):
            this = cells[i, j]
            if this > value[row, k - 1]:
                item = members[j]
                if groups[item] != groups[row] and not _holds(index[row], item):
                    _insert(index[row], value[row], item, this)


@numba.njit(cache=True, nogil=True)
def look_further(
    start: int, end: int, rows: Any, groups: Any, first: Any, second: Any, index: Any, value: Any
) -> None:
    """Look at the neighbours of the neighbours of the items from ``start`` to ``end``.

    ``first`` (n, a) leads from an item to its neighbours and ``second`` (n, b) from these on;
    neither may be ``index``, into which the better ones are merged as in :func:`keep_best`.
    """
    k = index.shape[1]
    for row in range(start, end):
        for a in range(first.shape[1]):
            if first[row, a] < 0:
                continue
            for b in range(second.shape[1]):
                item = second[first[row, a], b]
                if item < 0 or groups[item] == groups[row] or _holds(index[row], item):
                    continue
                this = _dot(rows[row], rows[item])
                if this > value[row, k - 1]:
                    _insert(index[row], value[row], item, this)
