# mypy: disable-error-code="untyped-decorator,import-untyped"
"""Compiled loops of the neighbour search: largest of a row, projections, merging of neighbours.

Imported inside functions only, because importing Numba takes most of a second. Kernels release the
GIL (``nogil``), depend on their arguments alone, and give the same bits every time.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np


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


@numba.njit(cache=True, nogil=True, fastmath=True)  # the compiler chooses the order of a sum
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
