# mypy: disable-error-code="untyped-decorator,import-untyped"
"""Compiled loop that counts, for each cut, the nearest neighbours on an item's own side.

Imported inside functions only, because importing Numba takes most of a second. Kernels release the
GIL (``nogil``), depend on their arguments alone, and give the same bits every time.
"""

from __future__ import annotations

from typing import Any

import numba


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
