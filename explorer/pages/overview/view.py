"""The Overview page as plain data: how healthy the data set is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.health import FINE_BELOW, UNREADABLE, WEIGHTS, Finding, balance, counted
from explorer.components import asked_in

if TYPE_CHECKING:
    from explorer.data import Dataset

PEEK = 4  # images of a finding
WALL = 60  # images of the random wall
BARS = 24  # labels of the balance
BINS = 16  # of a distribution
WIDEST = 4.0  # times as wide as high, or the other way: more is counted with it


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: how many, what, and where to see it."""

    count: int
    title: str
    said: str
    href: str
    images: tuple[int, ...]
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One label: its images, and the share that lies in the odd part of a split."""

    label: str
    size: int
    odd: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is distributed: in words, and ``bins`` from low to high as shares of the top."""

    name: str
    words: str
    bins: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One image of the wall; ``ratio`` is width over height."""

    row: int
    label: str
    ratio: float


@dataclass(frozen=True, slots=True)
class OverviewView:
    """Everything the page says."""

    heading: str
    sentence: str
    findings: tuple[Line, ...]
    probably_fine: tuple[Line, ...]
    clean: tuple[str, ...]
    notes: tuple[str, ...]
    checked: bool
    balance: str
    formats: str
    spreads: tuple[Spread, ...]
    bars: tuple[Bar, ...]
    n_labels: int
    wall: tuple[Picture, ...]
    seed: int


def overview_view(dataset: Dataset, seed: int = 0) -> OverviewView:
    """Make the view model; ``seed`` chooses the images of the wall."""
    classes, health = dataset.classes, dataset.health
    lines = [*_splits(dataset), *_singles(dataset)]
    lines += [_odd(name, one) for name, one in dataset.odd.items() if one.weight >= FINE_BELOW]
    readable = len(dataset.once("readable", lambda run: _with_status(run, c.OK, c.NO_IMAGE)))
    formats = health.formats if health else ()
    return OverviewView(
        heading=heading(lines),
        sentence=f"{len(dataset):,} images under {counted(len(classes), 'label', 'labels')}, "
        f"{readable:,} of them readable.",
        findings=tuple(lines),
        probably_fine=tuple(
            _odd(name, one) for name, one in dataset.odd.items() if one.weight < FINE_BELOW
        ),
        clean=_clean(dataset),
        notes=health.notes if health else (),
        checked=health is not None,
        balance=dataset.once("balance", _balance),
        formats=", ".join(f"{name} {count:,}" for name, count in formats),
        spreads=tuple(dataset.once("spreads", _spreads)),
        bars=tuple(dataset.once("largest labels", _bars)),
        n_labels=len(classes),
        wall=tuple(_wall(dataset, seed)),
        seed=seed,
    )


def seed_in(search: str) -> int:
    """Return the seed that an address asks for."""
    text = asked_in(search).get("seed", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def heading(lines: list[Line]) -> str:
    """Say in one sentence how the data set stands."""
    if not lines:
        return "Nothing odd was found"
    if lines[0].lead:
        n = lines[0].count
        return f"{n:,} label{' hides' if n == 1 else 's hide'} two kinds of thing"
    return f"{counted(len(lines), 'thing', 'things')} to look at"


def _with_status(dataset: Dataset, *statuses: str) -> NDArray[np.intp]:
    """Return the rows that have one of these statuses."""
    names, held = dataset.columns.groups(c.STATUS)
    return np.flatnonzero(np.isin(held, [n for n, name in enumerate(names) if name in statuses]))


def _balance(dataset: Dataset) -> str:
    if dataset.health is not None:
        return dataset.health.balance.sentence
    return balance(list(dataset.items[c.LABEL].astype(str))).sentence


def _splits(dataset: Dataset) -> list[Line]:
    split = dataset.classes[dataset.classes[c.IS_SPLIT]]
    if not len(split):
        return []
    names = [str(label) for label in split[c.LABEL]]
    images = []
    for label in names[:PEEK]:
        for number in dataset.odd_clusters(label)[:1]:
            images += dataset.typical(label, number, 1)
    said = ", ".join(names[:4]) + (f" and {len(names) - 4:,} more" if len(names) > 4 else "")
    title = "label hides two kinds" if len(names) == 1 else "labels hide two kinds"
    return [Line(len(names), title, said, "/splits?show=two", tuple(images), lead=True)]


def _singles(dataset: Dataset) -> list[Line]:
    n = len(dataset.singles)
    if not n:
        return []
    title = "image may be under a wrong label" if n == 1 else "images may be under a wrong label"
    said = "Each looks like another label, and comes with a suggestion."
    peek = tuple(int(row) for row in dataset.singles[:PEEK])
    return [Line(n, title, said, "/strays", peek)]


def _odd(name: str, finding: Finding) -> Line:
    peek = () if finding.kind == UNREADABLE else finding.items[:PEEK]
    link = f"/images?finding={name}"
    return Line(finding.count, finding.what, finding.evidence, link, peek)


def _clean(dataset: Dataset) -> tuple[str, ...]:
    """Return the kinds of fault that were looked for and not found, what matters most first."""
    if dataset.health is None:
        return ()
    found = {finding.kind for finding in dataset.health.findings}
    return tuple(kind for kind in WEIGHTS if kind not in found)


def _spreads(dataset: Dataset) -> list[Spread]:
    width, height = (dataset.columns.floats(name) for name in (c.WIDTH, c.HEIGHT))
    known = (width > 0) & (height > 0)
    if not known.any():
        return []
    width, height = width[known], height[known]
    short = np.minimum(width, height)
    low, usual, high = np.quantile(short, [0.05, 0.5, 0.95])
    wide, tall = int((width > 1.1 * height).sum()), int((height > 1.1 * width).sum())
    words = f"{wide:,} wide, {tall:,} tall, {len(width) - wide - tall:,} about square"
    ratio = np.clip(np.log(width / height), -np.log(WIDEST), np.log(WIDEST))
    return [
        Spread(
            "Short side",
            f"about {usual:,.0f} px"
            if high < 1.1 * low
            else f"mostly {low:,.0f} to {high:,.0f} px, usually {usual:,.0f}",
            _bins(np.log(short), float(np.log(short).min()), float(np.log(short).max())),
        ),
        Spread("Shape", words, _bins(ratio, -float(np.log(WIDEST)), float(np.log(WIDEST)))),
    ]


def _bins(values: NDArray[np.floating[Any]], low: float, high: float) -> tuple[float, ...]:
    counts, _ = np.histogram(values, BINS, (low, high) if low < high else (low - 0.5, low + 0.5))
    return tuple(float(n) for n in counts / max(1, counts.max()))


def _bars(dataset: Dataset) -> list[Bar]:
    classes = dataset.classes.sort_values([c.SIZE, c.LABEL], ascending=[False, True])
    out = []
    for label, size in zip(classes[c.LABEL].head(BARS), classes[c.SIZE], strict=False):
        odd = int(dataset.in_odd_part[dataset.rows_of(str(label))].sum())
        out.append(Bar(str(label), int(size), odd / max(1, int(size))))
    return out


def _wall(dataset: Dataset, seed: int) -> list[Picture]:
    rows = dataset.once("with a picture", lambda run: _with_status(run, c.OK))
    if len(rows) > WALL:
        rows = np.random.default_rng(seed).choice(rows, WALL, replace=False)
    sides = zip(*(dataset.columns.floats(name)[rows] for name in (c.WIDTH, c.HEIGHT)), strict=True)
    return [
        Picture(int(row), dataset.label_of(int(row)), float(np.clip(w / max(h, 1), 0.5, 2.2)))
        for row, (w, h) in zip(rows, sides, strict=True)
    ]
