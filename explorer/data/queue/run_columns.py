"""Reading columns that only newer runs have: what a run lacks is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def texts_in(frame: pd.DataFrame, name: str) -> list[str]:
    """Return a column as texts, "" where there is nothing, or no such column."""
    if name not in frame:
        return [""] * len(frame)
    return [value if isinstance(value, str) else "" for value in frame[name].astype(object)]


def numbers_in(frame: pd.DataFrame, name: str) -> list[int]:
    """Return a column as whole numbers, -1 where there is nothing, or no such column."""
    if name not in frame:
        return [-1] * len(frame)
    return [int(n) for n in np.nan_to_num(frame[name].to_numpy(dtype=float), nan=-1.0)]
