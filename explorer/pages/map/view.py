"""The Map page as plain data: the whole data set at once, in one of several colourings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.records import MORE_LIKELY_THAN_NOT
from explorer.components import asked_in
from explorer.data import cluster_numbers, letter, shown_by
from explorer.figures import (
    CLUSTER_COLOURS,
    QUIET,
    Colouring,
    Density,
    Group,
    Part,
    Sign,
    by_finding,
    by_value,
    coloured_groups,
    dense_spot,
    density_of,
    split_signs,
)

if TYPE_CHECKING:
    from explorer.data import Dataset, Rows

MOST_DOTS = 100_000  # beyond these a density is drawn, and the dots are only felt
MOST_FELT = 20_000  # dots below a density, for the lasso and the pointer
FEW_DOTS = 5_000  # of a group that are seen all the same: they may be what one looks for
LEGEND = 0.16  # of the height of the items, kept free above them: there lies the legend

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
    counted = [(*one, int(one[2][placed].sum())) for one in COLOURS[colour][1](dataset, known)]
    legend = [Entry(name, token, count) for name, token, _, count in counted if count]
    shown = [(name, token, mask) for name, token, mask, count in counted if count]
    groups = coloured_groups(shown, drawn, dataset.map_xy)  # what is coloured lies on top
    density = None
    if _in_sight(dataset, placed, window) > MOST_DOTS:
        many = {name for name, *_, count in counted if count > FEW_DOTS}
        groups = [replace(g, opacity=0.0) if g.name in many else g for g in groups]
        density = density_of(dataset.map_xy[placed], [(n, t, mask[placed]) for n, t, mask in shown])
    n_split = int(dataset.classes[c.IS_SPLIT].sum())
    return AtlasView(
        colour=colour,
        colours=tuple((name, words) for name, (words, _) in COLOURS.items()),
        legend=tuple(legend),
        groups=tuple(groups),
        signs=dataset.once("signs of the map", _signs),
        n=len(drawn),
        sampled=sampled,
        may_decide=decided is not None,
        density=density,
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


def _signs(dataset: Dataset) -> tuple[Sign, ...]:
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
            parts += split_signs(_parts(dataset, label))
        else:
            whole.append(Sign(label, *dense_spot(xy)))
    return (*parts, *whole)


def _parts(dataset: Dataset, label: str) -> list[Part]:
    odd = dataset.odd_clusters(label)
    return [
        Part(
            number, letter(number), label, number in odd, shown_by(dataset, label, number),
            rows, dataset.map_xy[rows],
        )
        for number in cluster_numbers(dataset, label)
        for members in (dataset.members(label, number),)
        for rows in (members[np.isfinite(dataset.map_xy[members, 0])],)
    ]  # fmt: skip


# -- colourings: each gives (name, token of the colour, which items) ----------------------

Colourer = Callable[["Dataset", Mapping[int, str]], Colouring]
ACTIONS: Final = {
    "relabel": ("relabelled", "--c1"),
    "remove": ("left out", "--c2"),
    "keep": ("label is right", "--c3"),
    "unsure": ("not sure", "--c5"),
}


def _findings(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
    return by_finding(dataset.in_split, dataset.in_odd_cluster, dataset.cluster, dataset.suspicion)


def _column(name: str) -> Colourer:
    def colouring(dataset: Dataset, decided: Mapping[int, str]) -> Colouring:
        if name not in dataset.items:
            return [("not known", QUIET, np.ones(len(dataset), dtype=bool))]
        return by_value(dataset.items[name])

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
