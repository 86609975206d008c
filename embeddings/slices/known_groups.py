"""The slices that are known before any prediction is looked at: clusters, styles, copies, facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.slices.records import CLUSTER, FILE_FACT, NEAR_COPIES, STYLE, Group

if TYPE_CHECKING:
    import pandas as pd

FEWEST: Final = 5  # items of a label that have a fact in common, to be a slice of it
MOST: Final = 0.6  # share of the data set that a fact may hold of: more is no exception
SMALL: Final = 0.25  # of the usual area, in px: a smaller picture is small


def known_groups(
    items: pd.DataFrame,
    classes: pd.DataFrame,
    clusters: pd.DataFrame,
    *,
    letter: Callable[[int], str],
    pictures: Iterable[tuple[str, NDArray[np.intp]]] = (),
    copies: NDArray[np.intp] | None = None,
) -> list[Group]:
    """Return the groups of a run.

    Parameters
    ----------
    items, classes, clusters
        The frames of the run.
    letter
        Names a cluster.
    pictures
        What the check of the pictures found, in words, with the places of the items.
    copies
        (n,) number of the near-copies that an item is one of, -1 for none.
    """
    labels = items[c.LABEL].to_numpy(dtype=object)
    return [
        *_clusters(items, clusters, letter),
        *_styles(items, classes),
        *_copies(labels, copies),
        *_facts(labels, [*_of_files(items), *pictures]),
    ]


def _clusters(
    items: pd.DataFrame, clusters: pd.DataFrame, letter: Callable[[int], str]
) -> Iterator[Group]:
    several = clusters.groupby(c.LABEL)[c.CLUSTER].transform("nunique") > 1
    by_cell = items.groupby([c.LABEL, c.CLUSTER], sort=False, observed=True).indices
    for label, number in clusters.loc[several, [c.LABEL, c.CLUSTER]].itertuples(index=False):
        rows = by_cell.get((label, number))
        if rows is not None and number >= 0:
            places = np.asarray(rows, dtype=np.intp)
            yield Group(f"cluster {letter(int(number))}", CLUSTER, places, int(number))


def _styles(items: pd.DataFrame, classes: pd.DataFrame) -> Iterator[Group]:
    """Yield the lesser side of each style, through all labels that have it."""
    if c.STYLE_GROUP not in classes or c.STYLE not in classes:
        return
    labels, cluster = items[c.LABEL].to_numpy(dtype=object), items[c.CLUSTER].to_numpy()
    styled = classes[(classes[c.STYLE_GROUP] >= 0) & (classes[c.N_CLUSTERS] > 1)]
    for number in sorted({int(group) for group in styled[c.STYLE_GROUP]}):
        part = styled[styled[c.STYLE_GROUP] == number]
        rows = np.flatnonzero(np.isin(labels, part[c.LABEL].to_numpy(dtype=object)) & (cluster > 0))
        if len(rows):
            yield Group(str(part[c.STYLE].iloc[0]), STYLE, rows, number)


def _copies(labels: NDArray[np.object_], copies: NDArray[np.intp] | None) -> Iterator[Group]:
    if copies is None:
        return
    for number in np.unique(copies[copies >= 0]):
        rows = np.flatnonzero(copies == number)
        if len(rows) >= FEWEST and len(set(labels[rows])) == 1:
            yield Group("shots of one thing", NEAR_COPIES, rows, int(number))


def _of_files(items: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield what the files say of themselves."""
    fine = (items[c.STATUS] == c.OK).to_numpy()
    if c.GREY in items:
        yield "pictures without colour", np.flatnonzero(items[c.GREY].to_numpy(dtype=bool) & fine)
    if c.FORMAT in items:
        formats = items[c.FORMAT].fillna("").astype(str)
        for name in sorted(set(formats[fine]) - {""}):
            yield f"{name} files", np.flatnonzero((formats == name).to_numpy() & fine)
    if c.WIDTH in items and c.HEIGHT in items and fine.any():
        width, height = (items[n].fillna(0).to_numpy(dtype=np.float64) for n in (c.WIDTH, c.HEIGHT))
        area = width * height
        usual = float(np.median(area[fine]))
        yield "small pictures", np.flatnonzero((area < SMALL * usual) & (area > 0) & fine)
        yield "upright pictures", np.flatnonzero((height > width) & fine)


def _facts(
    labels: NDArray[np.object_], facts: Iterable[tuple[str, NDArray[np.intp]]]
) -> Iterator[Group]:
    """Yield each fact through all labels, and within each label that has enough of it."""
    for name, rows in facts:
        if not FEWEST <= len(rows) <= MOST * len(labels):
            continue
        own = labels[rows]
        within = [rows[own == label] for label in sorted(set(own))]
        if len(within) > 1:
            yield Group(name, FILE_FACT, rows)
        yield from (Group(name, FILE_FACT, part) for part in within if len(part) >= FEWEST)
