# mypy: disable-error-code="untyped-decorator,import-untyped"
"""Compiled loops over the cuts of a group: neighbours on an item's own side, nearest other side.

Imported inside functions only, because importing Numba takes most of a second. Kernels release the
GIL (``nogil``), depend on their arguments alone, and give the same bits every time.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def agreeing(cuts: Any, nearest: Any, out: Any) -> None:
    """Count for each side of each cut how often an item's nearest are on its side.

    ``cuts`` (c, n) bool, ``nearest`` (n, k) best first, ``out`` (2, c) int64 zeros, the first row
    for the items marked. On a side of s < k + 1 items only the s - 1 nearest are counted.
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
def nearest_across(cuts: Any, to_part: Any, to_rest: Any, out: Any) -> None:
    """Find how near the nearest items of each side come to the other side.

    ``cuts`` (c, n) bool mark the smaller part; ``to_part`` and ``to_rest`` (c, n) float32 are each
    item's summed similarity to the items of either side; ``out`` (2, c) float64 becomes the mean
    sum over the nearest: as many of the rest as the part has, and the nearer third of the part.
    """
    n = cuts.shape[1]
    inside, outside = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)
    for cut in range(cuts.shape[0]):
        size = 0
        for item in range(n):
            if cuts[cut, item]:
                inside[size] = to_rest[cut, item]
                size += 1
            else:
                outside[item - size] = to_part[cut, item]
        out[0, cut] = _mean_of_most(outside, n - size, size)
        out[1, cut] = _mean_of_most(inside, size, max(1, size // 3))


@numba.njit(cache=True, nogil=True)
def _mean_of_most(values: Any, n: int, count: int) -> float:
    """Return the mean of the ``count`` largest of the first ``n`` values, whose order changes.

    Hoare's selection (1961); the largest are summed in float64.
    """
    low, high, last = 0, n - 1, n - count  # the largest stand from ``last`` on
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if last <= j:
            high = j
        elif last >= i:
            low = i
        else:
            break
    total = 0.0
    for place in range(last, n):
        total += values[place]
    return total / count
