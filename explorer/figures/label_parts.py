"""The parts of one label as the groups and names of a map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.figures.colouring import dense_spot
from explorer.figures.palette import token
from explorer.figures.scatter_map import Group, Sign

SHORT = 60  # characters of a name on the map


@dataclass(frozen=True, slots=True)
class Part:
    """One cluster of a label: ``rows`` (n,) of its items, ``xy`` (n, 2) their places on the map.

    ``number`` is -1 for what is in no cluster, ``letter`` its name. ``is_odd``: it does not belong
    under ``label``; ``shows`` is the label or kind that it looks like, "" where none is known.
    """

    number: int
    letter: str
    label: str
    is_odd: bool
    shows: str
    rows: NDArray[np.intp]
    xy: NDArray[np.float32]


def part_groups(parts: Iterable[Part]) -> list[Group]:
    """Return the dots of each part; what is in no cluster comes first, so that it lies below."""
    out = []
    for part in sorted(parts, key=lambda one: one.number):
        loose = part.number < 0
        name = "in no group" if loose else part.letter
        out.append(Group(name, token(part.number), part.rows, part.xy, 0.6 if loose else 0.85))
    return out


def part_signs(parts: Iterable[Part]) -> list[Sign]:
    """Return the names on the map of one label, above the items of each cluster: *B · car?*."""
    signs = []
    for part in _clusters(parts):
        looks_like = f"{part.shows}?" if part.shows else ""
        name = looks_like if part.is_odd else part.label
        text = f"{part.letter} · {name[:SHORT]}" if name else part.letter
        x, y = float(np.median(part.xy[:, 0])), float(part.xy[:, 1].max())
        signs.append(Sign(text, x, y, strong=True))
    return signs


def split_signs(parts: Iterable[Part]) -> list[Sign]:
    """Return the names of a split label's clusters on the map of a whole data set."""
    signs = []
    for part in _clusters(parts):
        x, y = dense_spot(part.xy)
        if part.is_odd:
            shows = part.shows or f"another kind, {part.letter}"
            signs.append(Sign(f"{part.label} · {shows}", x, y, strong=True, token="--c2"))
        else:
            signs.append(Sign(part.label, x, y, strong=True))
    return signs


def _clusters(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.number >= 0 and len(part.xy)]
