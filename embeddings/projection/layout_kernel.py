# mypy: disable-error-code="untyped-decorator,import-untyped"
"""Compiled loop of UMAP's layout: attraction along edges, repulsion from sampled items.

Imported inside functions only, because importing Numba takes most of a second. Kernels release the
GIL (``nogil``), depend on their arguments alone, and give the same bits every time.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_FAR = 4.0  # most that one step moves an item along one axis, as in umap-learn


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
        ``against`` random items are pushed away at each use of an edge.
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
                # all pushes are computed from one position, so that none waits for the one before
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
