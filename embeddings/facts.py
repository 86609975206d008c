"""What the facts of the files alone say about a data set: no pixel is read here.

Each finding names its items, so that a person can look at them and decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c

if TYPE_CHECKING:
    import pandas as pd

TINY = 32  # px, of the short side
LONG = 3.0  # long side over short side
RARE_GREY = 0.2  # a data set with more grey images than this is simply grey
SUFFIXES: Final = {
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif"},
    "PNG": {".png"},
    "WEBP": {".webp"},
    "GIF": {".gif"},
    "BMP": {".bmp", ".dib"},
    "TIFF": {".tif", ".tiff"},
    "AVIF": {".avif"},
}

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Finding:
    """Some items with one fault: ``name`` in addresses, ``title`` and ``said`` for people.

    ``rows`` are places in the items frame; copies stand beside each other. ``grave`` ones mislead
    training; the others are worth a look.
    """

    name: str
    title: str
    said: str
    rows: Rows
    grave: bool


def find_odd_files(items: pd.DataFrame) -> tuple[Finding, ...]:
    """Return what is odd, gravest first; a fault that nothing has is left out.

    Parameters
    ----------
    items
        n rows with the columns of a workspace's items.
    """
    found = [check(items) for check in _CHECKS]
    return tuple(finding for finding in found if len(finding.rows))


def _unreadable(items: pd.DataFrame) -> Finding:
    bad = items[c.STATUS].isin([c.UNREADABLE, c.MISSING]).to_numpy(dtype=bool)
    return Finding(
        "unreadable",
        "Files that could not be read",
        "They are in no figure and no cluster.",
        np.flatnonzero(bad),
        grave=True,
    )


def _contents(items: pd.DataFrame) -> pd.DataFrame:
    """Return row, content and label of every item that has a content, copies together."""
    frame = items[[c.SHA256, c.LABEL]].reset_index(drop=True)
    frame = frame[frame[c.SHA256].fillna("") != ""]
    return frame.sort_values([c.SHA256, c.LABEL], kind="stable")


def _copies_across(items: pd.DataFrame) -> Finding:
    frame = _contents(items)
    labels = frame.groupby(c.SHA256, sort=False)[c.LABEL].transform("nunique")
    return Finding(
        "copies-across",
        "The same file under different labels",
        "At most one of the labels can be right.",
        frame.index[labels > 1].to_numpy(dtype=np.intp),
        grave=True,
    )


def _copies(items: pd.DataFrame) -> Finding:
    frame = _contents(items)
    sizes = frame.groupby([c.SHA256, c.LABEL], sort=False)[c.LABEL].transform("size")
    return Finding(
        "copies",
        "Copies under the same label",
        "They count twice, and may stand in training and test at once.",
        frame.index[sizes > 1].to_numpy(dtype=np.intp),
        grave=False,
    )


def _wrong_suffix(items: pd.DataFrame) -> Finding:
    wrong = [
        bool(form) and str(form) in SUFFIXES and _suffix(str(file)) not in SUFFIXES[str(form)]
        for file, form in zip(items[c.FILE], items[c.FORMAT].fillna(""), strict=True)
    ]
    return Finding(
        "suffix",
        "Names that do not match the content",
        "A PNG that is called .jpg, say. Some readers refuse them.",
        np.flatnonzero(wrong),
        grave=False,
    )


def _suffix(file: str) -> str:
    return PurePosixPath(file).suffix.lower()


def _shapes(items: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sides = items[[c.WIDTH, c.HEIGHT]].to_numpy(dtype=np.float64)
    return sides.min(axis=1), sides.max(axis=1)


def _tiny(items: pd.DataFrame) -> Finding:
    short, _ = _shapes(items)
    tiny = (short > 0) & (short < TINY)
    # where all images are small, small is normal
    usual = np.median(short[short > 0]) if (short > 0).any() else 0.0
    return Finding(
        "tiny",
        "Tiny images",
        f"Less than {TINY} px on the short side, where most have {usual:.0f}.",
        np.flatnonzero(tiny & (usual >= 2 * TINY)),
        grave=False,
    )


def _long(items: pd.DataFrame) -> Finding:
    short, long = _shapes(items)
    ratio = np.divide(long, short, out=np.ones_like(long), where=short > 0)
    return Finding(
        "long",
        "Very long or very tall images",
        f"More than {LONG:.0f} times as long as wide: the model sees the middle only.",
        np.flatnonzero(ratio > LONG),
        grave=False,
    )


def _grey(items: pd.DataFrame) -> Finding:
    grey = items[c.GREY].to_numpy(dtype=bool)
    some = 0 < grey.sum() <= RARE_GREY * max(1, len(items))
    return Finding(
        "grey",
        "Grey images among coloured ones",
        "Often from another source.",
        np.flatnonzero(grey) if some else np.zeros(0, np.intp),
        grave=False,
    )


_CHECKS: Final[tuple[Callable[[pd.DataFrame], Finding], ...]] = (
    _copies_across, _unreadable, _copies, _wrong_suffix, _tiny, _long, _grey,
)  # fmt: skip


def balance_words(sizes: NDArray[np.int64]) -> str:
    """Say how evenly items are spread over labels, largest against smallest."""
    if len(sizes) < 2:
        return "There is one label."
    ratio = float(sizes.max()) / max(1.0, float(sizes.min()))
    said = f"The largest label has {sizes.max():,} images, the smallest {sizes.min():,}"
    if ratio < 2:
        return f"{said}: evenly spread."
    if ratio < 10:
        return f"{said}, {ratio:.1f} times as many."
    return f"{said}, {ratio:.0f} times as many: the small ones will be learnt badly."
