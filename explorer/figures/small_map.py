"""The small map of one cluster as an SVG picture: one path, round caps are the dots.

It is used as a mask, so that the page gives it the cluster's colour in either theme.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZE = 148  # px
MARGIN = 9
MOST = 600  # dots; more can't be seen at this size


def small_dot_size(n: int) -> float:
    """Return the diameter of a dot in px for ``n`` items of the label."""
    return 5.0 if n <= 150 else 4.0 if n <= 500 else 3.0


def small_map(points: NDArray[np.float32], extent: NDArray[np.float32], dot: float) -> str:
    """Draw dots.

    Parameters
    ----------
    points
        (n, 2) coordinates on the map.
    extent
        (2, 2): lowest and highest corner of the label's whole map.
    dot
        Diameter in px.
    """
    step = max(1, -(-len(points) // MOST))
    low, high = extent
    span = float(np.max(high - low)) or 1.0
    centred = (points[::step] - (low + high) / 2) / span
    xy = SIZE / 2 + centred * (SIZE - 2 * MARGIN) * np.array([1, -1])
    path = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in xy)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">'
        f'<path d="{path}" fill="none" stroke="#000" stroke-width="{dot:g}" '
        'stroke-linecap="round"/></svg>'
    )
