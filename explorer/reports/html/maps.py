"""The map of one label as inline SVG: a path of round dots for each part, coloured by its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from explorer.figures import CLUSTER_COLOURS

SIZE: Final = 120  # px; the width, and the most that the height can be
MARGIN: Final = 8
MOST: Final = 240  # dots of a label; a thousand maps have to fit into one file


def part_map(
    xy: NDArray[np.float32], clusters: NDArray[np.int32], numbers: Sequence[int], dot: float
) -> str:
    """Draw the items of a label.

    Parameters
    ----------
    xy
        (n, 2) finite places on the map.
    clusters
        (n,) the cluster of each.
    numbers
        The clusters with a colour of their own; the others are drawn as noise.
    dot
        Diameter in px.
    """
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = float(np.max(high - low)) or 1.0
    step = max(1, -(-len(xy) // MOST))
    height = round(float(high[1] - low[1]) / span * (SIZE - 2 * MARGIN)) + 2 * MARGIN
    middle = np.array([SIZE, height]) / 2
    placed = middle + (xy - (low + high) / 2) / span * (SIZE - 2 * MARGIN) * np.array([1, -1])
    paths = []
    for number in (-1, *numbers):
        inside = ~np.isin(clusters, numbers) if number < 0 else clusters == number
        path = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in placed[inside][::step])
        if path:
            paths.append(f'<path class="{colour(number)}" d="{path}"/>')
    return (
        f'<svg class="map" viewBox="0 0 {SIZE} {height}" width="{SIZE}" height="{height}" '
        f'stroke-width="{dot:g}" aria-hidden="true">{"".join(paths)}</svg>'
    )


def colour(number: int) -> str:
    """Return the class of a cluster's colour."""
    return "cn" if number < 0 else f"c{number % CLUSTER_COLOURS + 1}"
