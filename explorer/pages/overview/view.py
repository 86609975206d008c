"""The Overview page as plain data: how healthy the data set is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import numpy as np

from embeddings import columns as c
from embeddings.facts import balance_words

if TYPE_CHECKING:
    from explorer.dataset import Dataset

PEEK = 4  # images of a finding
WALL = 60  # images of the random wall
BARS = 24  # labels of the balance
SUSPICIOUS = 0.5


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
    fine: tuple[str, ...]
    balance: str
    bars: tuple[Bar, ...]
    n_labels: int
    wall: tuple[Picture, ...]
    seed: int


def overview_view(dataset: Dataset, seed: int = 0) -> OverviewView:
    """Make the view model; ``seed`` chooses the images of the wall."""
    items, classes = dataset.items, dataset.classes
    lines = [*_splits(dataset), *_singles(dataset), *_files(dataset)]
    sizes = classes[c.SIZE].to_numpy(dtype=np.int64)
    readable = int(items[c.STATUS].isin([c.OK, c.NO_IMAGE]).sum())
    return OverviewView(
        heading=heading(lines),
        sentence=f"{len(items):,} images under {len(classes):,} labels, {readable:,} of them "
        f"readable.",
        findings=tuple(lines),
        fine=_fine(dataset),
        balance=balance_words(sizes),
        bars=tuple(_bars(dataset)),
        n_labels=len(classes),
        wall=tuple(_wall(dataset, seed)),
        seed=seed,
    )


def seed_in(search: str) -> int:
    """Return the seed that an address asks for."""
    text = parse_qs(search.lstrip("?")).get("seed", ["0"])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def heading(lines: list[Line]) -> str:
    """Say in one sentence how the data set stands."""
    if not lines:
        return "Nothing odd was found"
    if lines[0].lead:
        n = lines[0].count
        return f"{n:,} label{' is' if n == 1 else 's are'} really two things"
    return f"{len(lines)} thing{'' if len(lines) == 1 else 's'} to look at"


def _splits(dataset: Dataset) -> list[Line]:
    split = dataset.classes[dataset.classes[c.IS_SPLIT]]
    if not len(split):
        return []
    names = [str(label) for label in split[c.LABEL]]
    images = []
    for label in names[:PEEK]:
        images += dataset.typical(label, 1, 1)
    said = ", ".join(names[:4]) + (f" and {len(names) - 4:,} more" if len(names) > 4 else "")
    title = "label hides two kinds" if len(names) == 1 else "labels hide two kinds"
    return [Line(len(names), title, said, "/splits?show=two", tuple(images), lead=True)]


def _singles(dataset: Dataset) -> list[Line]:
    suspicion = np.nan_to_num(dataset.items[c.SUSPICION].to_numpy(dtype=np.float32))
    odd = dataset.in_odd_part
    rows = np.flatnonzero((suspicion >= SUSPICIOUS) & ~odd)
    if not len(rows):
        return []
    worst = rows[np.argsort(-suspicion[rows], kind="stable")][:PEEK]
    return [
        Line(
            len(rows),
            "single images may be under a wrong label",
            "Their nearest images are under other labels.",
            "/images?finding=suspicious",
            tuple(int(row) for row in worst),
        )
    ]


def _files(dataset: Dataset) -> list[Line]:
    return [
        Line(
            len(finding.rows),
            finding.title,
            finding.said,
            f"/images?finding={finding.name}",
            tuple(int(row) for row in finding.rows[:PEEK]) if finding.name != "unreadable" else (),
        )
        for finding in dataset.odd_files
        if finding.name != "suspicious"
    ]


def _fine(dataset: Dataset) -> tuple[str, ...]:
    found = {finding.name for finding in dataset.odd_files}
    checks = {
        "unreadable": "every file can be read",
        "copies-across": "no file stands under two labels",
        "copies": "no copies",
        "suffix": "names match contents",
        "tiny": "no tiny images",
    }
    return tuple(said for name, said in checks.items() if name not in found)


def _bars(dataset: Dataset) -> list[Bar]:
    classes = dataset.classes.sort_values([c.SIZE, c.LABEL], ascending=[False, True])
    out = []
    for label, size in zip(classes[c.LABEL].head(BARS), classes[c.SIZE], strict=False):
        odd = int(dataset.in_odd_part[dataset.rows_of(str(label))].sum())
        out.append(Bar(str(label), int(size), odd / max(1, int(size))))
    return out


def _wall(dataset: Dataset, seed: int) -> list[Picture]:
    items = dataset.items
    rows = np.flatnonzero((items[c.STATUS] == c.OK).to_numpy(dtype=bool))
    if len(rows) > WALL:
        rows = np.random.default_rng(seed).choice(rows, WALL, replace=False)
    sides = items[[c.WIDTH, c.HEIGHT]].iloc[rows].to_numpy(dtype=np.float64)
    return [
        Picture(int(row), dataset.label_of(int(row)), float(np.clip(w / max(h, 1), 0.5, 2.2)))
        for row, (w, h) in zip(rows, sides, strict=True)
    ]
