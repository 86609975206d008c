"""The Map page as plain data: the whole data set at once, in one of several colourings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.records import MORE_LIKELY_THAN_NOT
from explorer.components import asked_in
from explorer.data import cluster_numbers, letter, shown_by
from explorer.figures import CLUSTER_COLOURS, Density, Group, Sign, density_of

if TYPE_CHECKING:
    from explorer.data import Dataset, Rows

MOST_DOTS = 100_000  # beyond these a density is drawn, and the dots are only felt
MOST_FELT = 20_000  # dots below a density, for the lasso and the pointer
FEW_DOTS = 5_000  # of a group that are seen all the same: they may be what one looks for
LEGEND = 0.16  # of the height of the items, kept free above them: there lies the legend
QUIET = "--noise"
DENSE_CELLS = 8  # along each side, to look for where a group is dense

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the legend."""

    name: str
    token: str
    count: int


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the map, in its own coordinates."""

    x0: float
    x1: float
    y0: float
    y1: float


@dataclass(frozen=True, slots=True)
class AtlasView:
    """Everything the page says.

    ``sampled`` is "" where every image is drawn; ``density`` is there where too many lie in sight.
    """

    colour: str
    colours: tuple[tuple[str, str], ...]
    legend: tuple[Entry, ...]
    groups: tuple[Group, ...]
    signs: tuple[Sign, ...]
    n: int
    sampled: str
    summary: str
    may_decide: bool
    density: Density | None = None


def atlas_view(
    dataset: Dataset,
    colour: str,
    window: Window | None = None,
    decided: Mapping[int, str] | None = None,
) -> AtlasView:
    """Make the view model; an unknown ``colour`` is the first.

    ``decided`` holds what was decided by row; None: none are kept.
    """
    known = decided or {}
    colour = colour if colour in COLOURS else next(iter(COLOURS))
    placed = np.flatnonzero(np.isfinite(dataset.map_xy[:, 0]))
    drawn, sampled = _drawn(dataset, placed, window, known)
    masks = COLOURS[colour][1](dataset, known)
    crowded = _in_sight(dataset, placed, window) > MOST_DOTS
    legend, groups, shown = [], [], []
    for name, token, mask in masks:
        count = int(mask[placed].sum())
        if not count:
            continue
        legend.append(Entry(name, token, count))
        rows = drawn[mask[drawn]]
        opacity = 0.55 if token == QUIET else 0.85
        if crowded and count > FEW_DOTS:
            opacity = 0.0
        groups.append(Group(name, token, rows, dataset.map_xy[rows], opacity))
        shown.append((name, token, mask[placed]))
    groups.sort(key=lambda group: group.token != QUIET)  # what is coloured lies on top
    n_split = int(dataset.classes[c.IS_SPLIT].sum())
    return AtlasView(
        colour=colour,
        colours=tuple((name, words) for name, (words, _) in COLOURS.items()),
        legend=tuple(legend),
        groups=tuple(groups),
        signs=tuple(_signs(dataset)),
        n=len(drawn),
        sampled=sampled,
        may_decide=decided is not None,
        density=density_of(dataset.map_xy[placed], shown) if crowded else None,
        summary=f"Map of {len(placed):,} images under {len(dataset.labels):,} labels, "
        f"{n_split:,} of which hide two kinds.",
    )


def _drawn(
    dataset: Dataset, placed: Rows, window: Window | None, decided: Mapping[int, str]
) -> tuple[Rows, str]:
    """Return the rows to draw: all, or a sample that keeps what is suspicious or decided."""
    inside = placed if window is None else placed[_near(dataset, placed, window)]
    if len(inside) <= MOST_DOTS:
        rest = placed[:0] if window is None else _sample(placed, MOST_DOTS - len(inside))
        return np.union1d(inside, rest), "" if len(inside) == len(placed) else _said(
            len(inside), len(placed)
        )
    flagged = _suspicious(dataset)
    flagged[list(decided)] = True
    keep = flagged[inside]
    others = _sample(inside[~keep], max(0, MOST_FELT - int(keep.sum())))
    drawn = np.union1d(inside[keep], others)
    return drawn, _said(len(drawn), len(placed), dense=True)


def _near(dataset: Dataset, placed: Rows, window: Window) -> Mask:
    x, y = dataset.map_xy[placed].T
    near = (x >= window.x0) & (x <= window.x1) & (y >= window.y0) & (y <= window.y1)
    return np.asarray(near)


def _in_sight(dataset: Dataset, placed: Rows, window: Window | None) -> int:
    """Return how many images lie in what is shown of the map."""
    return len(placed) if window is None else int(_near(dataset, placed, window).sum())


def _said(shown: int, whole: int, *, dense: bool = False) -> str:
    kept = "every suspicious or decided image among them"
    if dense:
        said = f"{whole:,} images as a density. A lasso catches {shown:,} of them, {kept}."
        return f"{said} Zoom in for all."
    return f"Showing {shown:,} of {whole:,}, {kept}. Zoom in for more."


def _sample(rows: Rows, most: int) -> Rows:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _suspicious(dataset: Dataset) -> Mask:
    return np.asarray(dataset.suspicion >= MORE_LIKELY_THAN_NOT)


def _signs(dataset: Dataset) -> list[Sign]:
    """Name the groups: parts of splits first, then the labels with most images."""
    split = dict(zip(dataset.labels, dataset.classes[c.IS_SPLIT], strict=True))
    sizes = dict(zip(dataset.labels, dataset.classes[c.SIZE], strict=True))
    parts, whole = [], []
    for label in sorted(dataset.labels, key=lambda name: -int(sizes[name])):
        xy = dataset.map_xy[dataset.rows_of(label)]
        xy = xy[np.isfinite(xy[:, 0])]
        if not len(xy):
            continue
        if split[label]:
            parts += _parts(dataset, label)
        else:
            whole.append(Sign(label, *dense_spot(xy)))
    return [*parts, *whole]


def _parts(dataset: Dataset, label: str) -> list[Sign]:
    """Name each part of a split label by what it shows, where most of it lies."""
    signs, odd = [], dataset.odd_clusters(label)
    for number in cluster_numbers(dataset, label):
        xy = dataset.map_xy[dataset.members(label, number)]
        xy = xy[np.isfinite(xy[:, 0])]
        if number < 0 or not len(xy):
            continue
        shows = shown_by(dataset, label, number) or f"another kind, {letter(number)}"
        x, y = dense_spot(xy)
        if number in odd:
            signs.append(Sign(f"{label} · {shows}", x, y, strong=True, token="--c2"))
        else:
            signs.append(Sign(label, x, y, strong=True))
    return signs


def dense_spot(xy: NDArray[np.float32]) -> tuple[float, float]:
    """Return the middle of the densest part of some places (n, 2), not of all of them.

    The densest of a coarse grid of cells, so that a few strays elsewhere move nothing.
    """
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    cells = max(1, min(DENSE_CELLS, len(xy) // 4))
    at = np.minimum(((xy - low) / span * cells).astype(int), cells - 1)
    which = at[:, 0] * cells + at[:, 1]
    inside = xy[which == np.bincount(which).argmax()]
    x, y = np.median(inside, axis=0)
    return float(x), float(y)


# -- colourings: each gives (name, token of the colour, which items) ----------------------

Colouring = list[tuple[str, str, Mask]]
Colourer = Callable[["Dataset", Mapping[int, str]], Colouring]
ACTIONS: Final = {
    "relabel": ("relabelled", "--c1"),
    "remove": ("left out", "--c2"),
    "keep": ("label is right", "--c3"),
    "unsure": ("not sure", "--c5"),
}


def _findings(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
    odd = dataset.in_split & dataset.in_odd_cluster
    main = dataset.in_split & ~dataset.in_odd_cluster & (dataset.cluster >= 0)
    single = _suspicious(dataset) & ~odd & ~main
    return [
        ("larger group", "--c1", main),
        ("odd group", "--c2", odd),
        ("single suspect", "--c4", single),
        ("nothing found", QUIET, ~(odd | main | single)),
    ]


def _most_common(values: pd.Series) -> Colouring:
    names = values.fillna("none").astype(str)
    common = names.value_counts().index[:CLUSTER_COLOURS]
    out = [
        (str(name), f"--c{place + 1}", (names == name).to_numpy(dtype=bool))
        for place, name in enumerate(common)
    ]
    other = ~names.isin(common).to_numpy(dtype=bool)
    return [*out, ("other", QUIET, other)]


def _column(name: str) -> Colourer:
    def colouring(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
        if name not in dataset.items:
            return [("not known", QUIET, np.ones(len(dataset), dtype=bool))]
        return _most_common(dataset.items[name])

    return colouring


def _letters(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
    numbers = [n for n in np.unique(dataset.cluster) if n >= 0][:CLUSTER_COLOURS]
    out = [(letter(int(n)), f"--c{int(n) + 1}", dataset.cluster == n) for n in numbers]
    return [*out, ("in no group", QUIET, ~np.isin(dataset.cluster, numbers))]


def _suspicion(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
    values = dataset.suspicion
    return [
        ("0.8 and more", "--c2", values >= 0.8),
        ("0.5 to 0.8", "--c6", (values >= MORE_LIKELY_THAN_NOT) & (values < 0.8)),
        ("below 0.5", QUIET, values < MORE_LIKELY_THAN_NOT),
    ]


def _decisions(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
    actions = np.full(len(dataset), "", dtype=object)
    for row, text in decided.items():
        actions[row] = text.partition(":")[0]
    out = [(said, token, actions == name) for name, (said, token) in ACTIONS.items()]
    return [*out, ("not decided", QUIET, actions == "")]


def _shade(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
    grey = dataset.items[c.GREY].to_numpy(dtype=bool) if c.GREY in dataset.items else None
    if grey is None:
        grey = np.zeros(len(dataset), dtype=bool)
    return [("grey", "--c2", grey), ("with colour", QUIET, ~grey)]


COLOURS: Final[dict[str, tuple[str, Colourer]]] = {
    "findings": ("findings", _findings),
    "label": ("label", _column(c.LABEL)),
    "cluster": ("cluster", _letters),
    "suspicion": ("suspicion", _suspicion),
    "predicted": ("guess of the model", _column(c.PREDICTED)),
    "decision": ("decision", _decisions),
    "format": ("file format", _column(c.FORMAT)),
    "shade": ("grey or colour", _shade),
}


def colour_in(search: str) -> str:
    """Return the colouring that an address asks for."""
    return asked_in(search).get("colour", "")


def window_of(values: object) -> Window | None:
    """Read a window from four numbers of a client; anything else is no window."""
    if not isinstance(values, list) or len(values) != 4:
        return None
    try:
        numbers = [float(v) for v in values if isinstance(v, int | float)]
    except OverflowError:  # JSON holds whole numbers of any length
        return None
    return Window(*numbers) if len(numbers) == 4 and np.isfinite(numbers).all() else None
