"""Where very many images lie, as a grid: how many are in each cell, and what most of them are."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 256  # cells along each side
FAINTEST: Final = 40  # of 255, a cell that holds one image


@dataclass(frozen=True, slots=True)
class Density:
    """A grid over a map.

    Parameters
    ----------
    box
        x0, x1, y0, y1 of the grid, in the map's own coordinates.
    ink
        (SIDE, SIDE) uint8, the lowest y first: 0 where nothing lies, else by the logarithm of the
        count.
    most
        (SIDE, SIDE) uint8, which group holds most of a cell.
    names, tokens
        The groups, and the names of their colours in the style sheet.
    """

    box: tuple[float, float, float, float]
    ink: NDArray[np.uint8]
    most: NDArray[np.uint8]
    names: tuple[str, ...]
    tokens: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it, the grids as base64."""
        return {
            "box": list(self.box),
            "side": len(self.ink),
            "ink": b64encode(self.ink.tobytes()).decode(),
            "most": b64encode(self.most.tobytes()).decode(),
            "names": list(self.names),
            "tokens": list(self.tokens),
        }


def density_of(
    xy: NDArray[np.float32], groups: Sequence[tuple[str, str, NDArray[np.bool_]]]
) -> Density:
    """Count the images of each cell.

    Parameters
    ----------
    xy
        (n, 2) places, all of them known, one at least.
    groups
        Name and colour of each group, and (n,) which images are in it.
    """
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    at = np.minimum(((xy - low) / span * SIDE).astype(np.int32), SIDE - 1)
    cell = at[:, 1] * SIDE + at[:, 0]
    counts = np.stack([np.bincount(cell[mask], minlength=SIDE * SIDE) for _, _, mask in groups])
    whole = counts.sum(axis=0)
    ink = np.log1p(whole) / np.log1p(max(1, whole.max()))
    ink = np.where(whole > 0, np.maximum(FAINTEST, 255 * ink), 0)
    return Density(
        (float(low[0]), float(high[0]), float(low[1]), float(high[1])),
        ink.astype(np.uint8).reshape(SIDE, SIDE),
        counts.argmax(axis=0).astype(np.uint8).reshape(SIDE, SIDE),
        tuple(name for name, _, _ in groups),
        tuple(token for _, token, _ in groups),
    )
