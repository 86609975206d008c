"""Do facts of the files tell two clusters apart? Then they may be two sources of one kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Share of either side that a fact must tell apart, the mean of both, and the fewest items a side
# must have for that to mean anything.
TELLS_APART = 0.92
FEWEST_ASIDE = 4


def columns_of(facts: Any, n: int) -> dict[str, NDArray[np.float64]]:
    """Return what is known of ``n`` files as numbers: grey, shape and size of the image.

    Parameters
    ----------
    facts
        A frame or mapping with any of the columns ``width``, ``height`` (px) and ``grey``; None
        where nothing is known. Missing values become NaN.
    """
    if facts is None:
        return {}
    known: dict[str, NDArray[np.float64]] = {}
    for name in ("width", "height", "grey"):
        if name in facts and len(facts[name]) == n:
            known[name] = np.array([_number(value) for value in facts[name]])
    out: dict[str, NDArray[np.float64]] = {}
    if "grey" in known:
        out["grey"] = known["grey"]
    if "width" in known and "height" in known:
        with np.errstate(divide="ignore", invalid="ignore"):
            out["shape"] = known["width"] / known["height"]
        out["size"] = known["width"] * known["height"]
    return out


def style_apart(columns: Mapping[str, NDArray[np.float64]], inside: NDArray[np.bool_]) -> str:
    """Say by which fact a cluster differs from the rest of its label, or "".

    Parameters
    ----------
    columns
        As from ``columns_of``, each (n,) for the items of one label.
    inside
        (n,) bool, the cluster.
    """
    words = {
        "grey": ("are grey", "are in colour"),
        "shape": ("are wider in shape", "are narrower in shape"),
        "size": ("are larger files of another size", "are smaller files of another size"),
    }
    for name, values in columns.items():
        ok = np.isfinite(values)
        part, rest = values[ok & inside], values[ok & ~inside]
        if min(len(part), len(rest)) < FEWEST_ASIDE:
            continue
        above, told = _threshold(part, rest)
        if told >= TELLS_APART:
            return words[name][0 if above else 1]
    return ""


def _number(value: object) -> float:
    if value is None:
        return float("nan")
    try:
        return float(value)  # type: ignore[arg-type]  # whatever a table holds
    except (TypeError, ValueError):
        return float("nan")


def _threshold(part: NDArray[np.float64], rest: NDArray[np.float64]) -> tuple[bool, float]:
    """Return whether ``part`` lies above, and how well the best threshold tells the two apart."""
    edges = np.unique(np.concatenate((part, rest)))
    if len(edges) < 2:
        return True, 0.5
    middles = (edges[1:] + edges[:-1]) / 2
    high = (part[:, None] > middles).mean(axis=0)
    low = (rest[:, None] <= middles).mean(axis=0)
    balanced = (high + low) / 2
    best, worst = float(balanced.max()), float(balanced.min())
    return (True, best) if best >= 1 - worst else (False, 1 - worst)
