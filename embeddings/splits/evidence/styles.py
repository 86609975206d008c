"""Styles: differences within a label that are not differences of kind.

A session, a camera, a crop or a background usually runs through several labels in one direction of
the embedding space, and items of other labels spread along that direction as widely as the two
sides of the cut lie apart. The direction between two kinds does neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_LABELS: Final = 60  # labels that a direction is compared with
ITEMS_A_LABEL: Final = 40  # items of each of these
TOP: Final = 3  # labels whose directions come nearest
HIGH: Final = 0.9  # quantile of the spreads of the other labels


@dataclass(frozen=True, slots=True)
class Directions:
    """The directions and items of other labels that a cut is compared with.

    ``unit`` (r, d) float32 are the directions of the strongest cut of r labels, ``owner`` (r,) the
    labels. ``centred`` (m, d) float32 are items of these labels less their mean, ``whose`` (m,)
    says which of the r each belongs to.
    """

    unit: NDArray[np.float32]
    owner: NDArray[np.intp]
    centred: NDArray[np.float32]
    whose: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class StyleFigures:
    """How much each of k cuts of one label looks like a style; all arrays (k,) float64.

    ``alignment`` is the mean cosine of its direction with those of the three labels that come
    nearest. ``spread`` is the median, over other labels, of their variance along the direction, in
    units of the squared distance between the two sides; ``high_spread`` its 90 % quantile.
    """

    alignment: NDArray[np.float64]
    spread: NDArray[np.float64]
    high_spread: NDArray[np.float64]


def direction(rows: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the (d,) vector from the mean of the other side to that of the side ``inside``."""
    difference: NDArray[np.float32] = rows[inside].mean(axis=0) - rows[~inside].mean(axis=0)
    return difference


def directions_of(
    labels: Sequence[int],
    rows: Sequence[NDArray[np.float32]],
    inside: Sequence[NDArray[np.bool_]],
    strength: NDArray[np.float64],
) -> Directions:
    """Gather the directions of the labels with the strongest cuts, and items of these labels.

    Parameters
    ----------
    labels
        Numbers of the labels that have a cut.
    rows, inside
        Of each: (n, d) float32 items in the shared space, and (n,) bool the side marked by its
        strongest cut.
    strength
        (labels,) of that cut.
    """
    chosen = np.sort(np.argsort(-strength, kind="stable")[:MOST_LABELS])
    vectors, centred, whose = [], [], []
    for number, at in enumerate(chosen):
        vector = direction(rows[at], inside[at])
        vectors.append(vector / max(float(np.linalg.norm(vector)), 1e-9))
        n = len(rows[at])
        some = np.unique(np.linspace(0, n - 1, min(n, ITEMS_A_LABEL)).astype(np.intp))
        centred.append(rows[at][some] - rows[at].mean(axis=0))
        whose.append(np.full(len(some), number, dtype=np.intp))
    width = rows[0].shape[1] if len(rows) else 0
    empty = np.zeros((0, width), dtype=np.float32)
    return Directions(
        np.stack(vectors).astype(np.float32) if vectors else empty,
        np.array([labels[at] for at in chosen], dtype=np.intp),
        np.concatenate(centred).astype(np.float32) if centred else empty,
        np.concatenate(whose) if whose else np.zeros(0, dtype=np.intp),
    )


def style_figures(
    rows: NDArray[np.float32], cuts: NDArray[np.bool_], label: int, directions: Directions
) -> StyleFigures:
    """Compare the directions of the cuts of one label with those of other labels.

    Parameters
    ----------
    rows
        (n, d) float32 items of the label in the shared space.
    cuts
        (k, n) bool.
    label
        Its number, so that it is not compared with itself.
    directions
        Of the data set.
    """
    k = len(cuts)
    others = directions.owner != label
    if not others.any():
        return StyleFigures(np.zeros(k), np.zeros(k), np.zeros(k))
    vectors = np.stack([direction(rows, cut) for cut in cuts])
    gap = np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
    unit = vectors / gap[:, None]
    cosine = np.sort(np.abs(unit @ directions.unit[others].T), axis=1)[:, -TOP:]
    along = (directions.centred @ unit.T.astype(np.float32)) ** 2  # (m, k)
    counts = np.bincount(directions.whose, minlength=len(directions.owner))
    spread = np.stack(
        [np.bincount(directions.whose, along[:, i], minlength=len(counts)) for i in range(k)]
    )
    spread = (spread / np.maximum(counts, 1))[:, others] / (gap**2)[:, None]
    return StyleFigures(
        cosine.mean(axis=1).astype(np.float64),
        np.median(spread, axis=1),
        np.quantile(spread, HIGH, axis=1),
    )
