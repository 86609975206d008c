"""The Single images page as plain data: suspects, each with its own suggestion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.components import asked_in
from explorer.data import ACCEPT_FROM, Strays, pair_rows, strays_of

if TYPE_CHECKING:
    from explorer.data import Dataset

LOOKS = "checked_label"


@dataclass(frozen=True, slots=True)
class StraysView:
    """Everything the page says; ``rows``, ``files``, ``labels``, ``to`` and ``sure`` are parallel.

    ``tick_from`` is where the slider stands at first.
    """

    heading: str
    sentence: str
    crumb: str
    rows: tuple[int, ...]
    files: tuple[str, ...]
    labels: tuple[str, ...]
    to: tuple[str, ...]
    sure: tuple[float, ...]
    tick_from: float
    decided: dict[int, str]
    may_decide: bool


def strays_view(
    dataset: Dataset, search: str, decided: Mapping[int, str] | None = None
) -> StraysView:
    """Make the view model.

    ``label=`` shows the suspects under one label; ``a=`` and ``b=`` the images of two labels that
    are taken for each other. What is decided already is left out, unless ``all=1`` asks for it.
    """
    asked = asked_in(search)
    known = decided or {}
    found, crumb = _asked(dataset, asked)
    keep = np.array(
        [asked.get("all") == "1" or int(row) not in known for row in found.rows], dtype=bool
    )
    places = np.flatnonzero(keep)
    rows = found.rows[places]
    n = len(rows)
    return StraysView(
        heading=heading(n, bool(len(found.rows))),
        sentence="Most sure first. Under each image: its label today, and what it looks like.",
        crumb=crumb,
        rows=tuple(int(row) for row in rows),
        files=tuple(dataset.files(rows)) if n else (),
        labels=tuple(found.labels[n] for n in places),
        to=tuple(found.suggested[n] for n in places),
        sure=tuple(round(float(found.sure[n]), 3) for n in places),
        tick_from=ACCEPT_FROM,
        decided={int(row): known[int(row)] for row in rows if int(row) in known},
        may_decide=decided is not None,
    )


def _asked(dataset: Dataset, asked: Mapping[str, str]) -> tuple[Strays, str]:
    a, b = asked.get("a", ""), asked.get("b", "")
    if a and b:
        rows = np.concatenate([pair_rows(dataset, a, b), pair_rows(dataset, b, a)])
        return strays_of(dataset, rows, LOOKS), f"{a} and {b}"
    if "label" in asked:
        own = [row for row in dataset.singles.tolist() if dataset.label_of(row) == asked["label"]]
        return strays_of(dataset, np.asarray(own, dtype=np.intp)), asked["label"]
    return strays_of(dataset), "Single images"


def heading(n: int, any_found: bool) -> str:
    """Say how many wait."""
    if not n:
        return "All of them are decided" if any_found else "No image looks like another label"
    return (
        f"{n:,} image looks like another label"
        if n == 1
        else (f"{n:,} images look like another label")
    )
