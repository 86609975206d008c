"""Findings from file facts: unreadable, wrongly named, of an unusual size or shape."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.health import records as r

if TYPE_CHECKING:
    import pandas as pd

EXTENSIONS: Final = {
    "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "png": "PNG", "apng": "PNG",
    "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "dib": "BMP", "tif": "TIFF", "tiff": "TIFF",
    "avif": "AVIF",
}  # fmt: skip
TINY_SHARE: Final = 0.25  # of the usual short side
TINY_SIDE: Final = 32  # px, where most images are at least twice as large
HUGE_TIMES: Final = 4.0  # the usual short side
HUGE_SIDE: Final = 2000  # px: below this nothing is oversized
ODD_TIMES: Final = 2.5  # how much longer or flatter than usual
GREY_RARE: Final = 0.5  # share of grey images above which grey is usual


def from_files(items: pd.DataFrame) -> list[r.Finding]:
    """Return the findings from the manifest's columns.

    Parameters
    ----------
    items
        One row per item with ``file, label, status, reason, format, width, height`` and, where it
        is known, ``grey``.
    """
    status = items[c.STATUS].to_numpy(dtype=object)
    readable = status == c.OK
    return [
        *_unreadable(items, status),
        *_wrong_names(items, readable),
        *_sizes(items, readable),
        *_grey(items, readable),
    ]


def _unreadable(items: pd.DataFrame, status: NDArray[Any]) -> list[r.Finding]:
    bad = [int(i) for i in np.flatnonzero((status == c.UNREADABLE) | (status == c.MISSING))]
    reasons = [str(items[c.REASON].iloc[i]) or str(status[i]) for i in bad]
    where = Counter(str(items[c.LABEL].iloc[i]) for i in bad).most_common(1)
    evidence = ""
    if bad:
        label, count = where[0]
        together = f"All of them are in {label}." if count == len(bad) > 1 else ""
        evidence = together or f"Commonest reason: {Counter(reasons).most_common(1)[0][0]}."
    title = r.titled(len(bad), "file cannot be read", "files cannot be read")
    return r.finding(r.UNREADABLE, bad, reasons, title, evidence)


def _wrong_names(items: pd.DataFrame, readable: NDArray[np.bool_]) -> list[r.Finding]:
    wrong, details = [], []
    formats = items[c.FORMAT].to_numpy(dtype=object)
    for place in np.flatnonzero(readable):
        extension = PurePosixPath(str(items[c.FILE].iloc[place])).suffix[1:].lower()
        if not formats[place] or EXTENSIONS.get(extension) == formats[place]:
            continue
        wrong.append(int(place))
        named = f"named .{extension}" if extension else "with no ending to its name"
        details.append(f"{formats[place]} {named}")
    title = r.titled(len(wrong), "file is not what its name says", "files are not what they say")
    evidence = ""
    if wrong:
        commonest, _ = Counter(details).most_common(1)[0]
        evidence = f"Mostly {commonest}. They open here, but other tools may refuse them."
    return r.finding(r.WRONG_NAME, wrong, details, title, evidence)


def _sizes(items: pd.DataFrame, readable: NDArray[np.bool_]) -> list[r.Finding]:
    width = items[c.WIDTH].to_numpy(dtype=np.float64)
    height = items[c.HEIGHT].to_numpy(dtype=np.float64)
    known = readable & (width > 0) & (height > 0)
    if not known.any():
        return []
    short = np.where(known, np.minimum(width, height), np.nan)
    usual = float(np.nanmedian(short))
    shape = np.log(np.where(known, width, 1) / np.where(known, height, 1))
    usual_shape = float(np.median(shape[known]))
    tiny = known & (short <= TINY_SHARE * usual)
    if usual >= 2 * TINY_SIDE:
        tiny |= known & (short < TINY_SIDE)
    huge = known & (short >= HUGE_TIMES * usual) & (short >= HUGE_SIDE)
    odd = known & ~tiny & (np.abs(shape - usual_shape) >= np.log(ODD_TIMES))

    def sized(places: NDArray[np.intp]) -> list[str]:
        return [f"{width[i]:.0f} × {height[i]:.0f}" for i in places]

    def found(kind: str, where: NDArray[np.bool_], key: Any, one: str, many: str, so: str) -> Any:
        places = np.flatnonzero(where)
        places = places[np.argsort(key[places], kind="stable")]
        title = r.titled(len(places), one, many)
        return r.finding(kind, [int(i) for i in places], sized(places), title, so)

    small = f"Most have a short side of about {usual:.0f} px; these hold hardly any detail."
    large = f"Most have a short side of about {usual:.0f} px; these take long to read."
    long = "Much longer or flatter than the others: what the model sees is the middle square."
    return [
        *found(r.TINY, tiny, short, "image is tiny", "images are tiny", small),
        *found(r.OVERSIZED, huge, -short, "image is oversized", "images are oversized", large),
        *found(
            r.ODD_SHAPE, odd, -np.abs(shape - usual_shape), "image has an odd shape",
            "images have an odd shape", long,
        ),
    ]  # fmt: skip


def _grey(items: pd.DataFrame, readable: NDArray[np.bool_]) -> list[r.Finding]:
    if c.GREY not in items:
        return []
    grey = readable & items[c.GREY].fillna(False).to_numpy(dtype=bool)
    places = np.flatnonzero(grey)
    if not len(places) or grey.sum() > GREY_RARE * readable.sum():
        return []
    labels = items[c.LABEL].to_numpy(dtype=object)[places]
    count = len(set(labels))
    if count == 1 and len(places) > 1:
        spread = f"All of them are in {labels[0]}: a model may learn that from the colour alone."
    else:
        spread = f"In {r.counted(count, 'label', 'labels')}."
    title = r.titled(len(places), "image is grey among colour", "images are grey among colour")
    return r.finding(r.GREY, [int(i) for i in places], [""] * len(places), title, spread)
