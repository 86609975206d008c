"""Findings from the pictures themselves: blank, dark, bright or blurred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.health import records as r

if TYPE_CHECKING:
    import pandas as pd

BLANK_SPREAD: Final = 0.02  # standard deviation of the pixels, of a range of 1
DARK_LIGHT: Final = 0.3  # brightness that hardly a pixel reaches; cleanvision's measure
BRIGHT_DARK: Final = 0.75  # brightness that hardly a pixel falls below
# A rise that takes five pixels of a thumbnail has 0.2; the softest of some thousand photos have
# 0.37, and photos blurred over 2.5 px of 300 fall below 0.32.
BLURRED_SHARPNESS: Final = 0.32
USUAL_SHARPNESS: Final = 0.4  # below this the whole data set is soft, and no picture is reported
FEW: Final = 0.5  # share of the images above which a property is usual, and not reported


def from_looks(measures: pd.DataFrame) -> list[r.Finding]:
    """Find pictures in which there is little to see.

    Parameters
    ----------
    measures
        One row per item, NaN where there is no thumbnail, in the order of the items.
    """
    columns = {name: measures[name].to_numpy(dtype=np.float64) for name in
               ("dark", "light", "spread", "sharpness")}  # fmt: skip
    seen = np.isfinite(columns["spread"])
    blank = seen & (columns["spread"] <= BLANK_SPREAD)
    rest = seen & ~blank
    dark = rest & (columns["light"] <= DARK_LIGHT)
    bright = rest & (columns["dark"] >= BRIGHT_DARK)
    soft = rest & ~dark & (np.nan_to_num(columns["sharpness"], nan=1.0) <= BLURRED_SHARPNESS)
    sharp = columns["sharpness"][rest & np.isfinite(columns["sharpness"])]
    if not len(sharp) or np.median(sharp) < USUAL_SHARPNESS:
        soft[:] = False
    return [
        *_found(r.BLANK, blank, columns["spread"], "one colour all over",
                "image is blank", "images are blank", "One colour, nothing to learn from."),
        *_found(r.DARK, dark, columns["light"], "brightest parts at {:.0%} of white",
                "image is dark", "images are dark", "Hardly anything in them can be seen."),
        *_found(r.BRIGHT, bright, -columns["dark"], "darkest parts at {:.0%} of white",
                "image is washed out", "images are washed out", "Hardly any contrast is left."),
        *_found(r.BLURRED, soft, columns["sharpness"], "sharpness {:.2f}",
                "image is blurred", "images are blurred",
                "Even their sharpest edges are soft."),
    ]  # fmt: skip


def _found(
    kind: str,
    where: NDArray[np.bool_],
    key: NDArray[np.float64],
    detail: str,
    one: str,
    many: str,
    evidence: str,
) -> list[r.Finding]:
    places = np.flatnonzero(where)
    if len(places) > FEW * len(where):
        evidence += " So is most of the data set: that may be how it was made."
    places = places[np.argsort(key[places], kind="stable")]
    details = [detail.format(abs(key[i])) for i in places]
    title = r.titled(len(places), one, many)
    return r.finding(kind, [int(i) for i in places], details, title, evidence)
