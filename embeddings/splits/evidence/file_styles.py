"""Detect two sources of one kind, or one series of shots, by facts of the files.

Kinds too often differ in the shape and the size of their files. So these facts mean *two sources*
only where the two parts are alike. Grey against colour always means it, since a model that reads
colour may place grey images anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Share of either side that a fact must separate, the mean of both shares, and the fewest items on a
# side.
TELLS_APART = 0.92
FEWEST_ASIDE = 4
# Affinity from which parts are alike. Photos of one kind at two resolutions, if they form clusters
# at all, have about 0.5; kinds that shape or size separate have 0.3 at most.
IN_COMMON_AT = 0.4
# Similarity of a typical pair from which a cluster is one picture: slightly changed copies have
# 0.9 and more, the most even kinds of things 0.6.
NEARLY_THE_SAME = 0.8
MOST_COMPARED = 2000  # items; a larger cluster is no series of shots
NAMES_STYLE = 0.8  # how well a fact must separate the sides of a known style to name it
PICTURE_FACTS = ("brightness", "spread", "sharpness")  # fields of health.Measures
FILE_FACTS = ("grey", "shape", "size")
WORDS = {
    "grey": ("are grey", "are in colour"),
    "shape": ("are wider in shape", "are narrower in shape"),
    "size": ("are larger", "are smaller"),
    "brightness": ("are brighter", "are darker"),
    "spread": ("have more contrast", "have less contrast"),
    "sharpness": ("are sharper", "are more blurred"),
}


def columns_of(facts: Any, n: int) -> dict[str, NDArray[np.float64]]:
    """Return what is known of ``n`` files as numbers: colour, shape, size, light, sharpness.

    Parameters
    ----------
    facts
        A frame or mapping with any of the columns ``width``, ``height`` (px), ``grey``,
        ``brightness``, ``spread`` and ``sharpness``; None where nothing is known. Missing values
        become NaN.
    """
    if facts is None:
        return {}
    known: dict[str, NDArray[np.float64]] = {}
    for name in ("width", "height", "grey", *PICTURE_FACTS):
        if name in facts and len(facts[name]) == n:
            known[name] = np.array([_number(value) for value in facts[name]])
    out: dict[str, NDArray[np.float64]] = {}
    if "grey" in known:
        out["grey"] = known["grey"]
    if "width" in known and "height" in known:
        with np.errstate(divide="ignore", invalid="ignore"):
            out["shape"] = known["width"] / known["height"]
        out["size"] = known["width"] * known["height"]
    out |= {name: known[name] for name in PICTURE_FACTS if name in known}
    return out


def nearly_the_same(rows: NDArray[np.float32]) -> bool:
    """Say whether a cluster consists of near-copies of one picture.

    Parameters
    ----------
    rows
        (n, d) float32 its items in the shared space, unit length. Equal items count as one.
    """
    different = np.unique(rows, axis=0)
    n = len(different)
    if n < FEWEST_ASIDE or n > MOST_COMPARED:
        return False
    pairs = (different @ different.T)[np.triu_indices(n, 1)]
    return float(np.median(pairs)) >= NEARLY_THE_SAME


def style_apart(
    columns: Mapping[str, NDArray[np.float64]], inside: NDArray[np.bool_], affinity: float
) -> str:
    """Say by which fact of the files a cluster differs from the rest of its label, or "".

    Parameters
    ----------
    columns
        As from ``columns_of``, each (n,) for the items of one label.
    inside
        (n,) bool, the cluster.
    affinity
        How alike the cluster and the rest are.
    """
    known = FILE_FACTS if affinity >= IN_COMMON_AT else ("grey",)
    some = {name: values for name, values in columns.items() if name in known}
    return _differing(some, np.flatnonzero(inside), np.flatnonzero(~inside), TELLS_APART)


def differing_fact(
    columns: Mapping[str, NDArray[np.float64]], part: NDArray[np.intp], rest: NDArray[np.intp]
) -> str:
    """Say by which fact of files or pictures some items differ from others, or "".

    Parameters
    ----------
    columns
        As from ``columns_of``, each in the order of the data set.
    part, rest
        Places of the items.
    """
    return _differing(columns, part, rest, NAMES_STYLE)


def _differing(
    columns: Mapping[str, NDArray[np.float64]],
    part: NDArray[np.intp],
    rest: NDArray[np.intp],
    at_least: float,
) -> str:
    """Return in words the fact that separates best, or "" where none separates well enough."""
    best, words = at_least, ""
    for name, values in columns.items():
        one, other = values[part], values[rest]
        one, other = one[np.isfinite(one)], other[np.isfinite(other)]
        if min(len(one), len(other)) < FEWEST_ASIDE:
            continue
        above, told = _threshold(one, other)
        if told > best or (told == best and not words):
            best, words = told, WORDS[name][0 if above else 1]
    return words


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
    high = 1 - np.searchsorted(np.sort(part), middles, side="right") / len(part)
    low = np.searchsorted(np.sort(rest), middles, side="right") / len(rest)
    balanced = (high + low) / 2
    best, worst = float(balanced.max()), float(balanced.min())
    return (True, best) if best >= 1 - worst else (False, 1 - worst)
