"""Data sets with a known truth, from the program ``compose.py`` of a bench folder."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

OWN_LABEL_AT_LEAST = 15  # items of a label made of second kinds
VARIED = "varied"
FEWEST, SMALLEST_SHARE, THREE_KINDS = 15, 0.03, 0.15  # of varied sets


@dataclass(frozen=True)
class Composed:
    """A data set with its truth: ``X`` (n, d); ``labels``, ``kinds``, ``types`` (n,)."""

    X: NDArray[np.float32]
    labels: NDArray[np.str_]
    kinds: NDArray[np.str_]
    types: NDArray[np.str_]

    def truth(self) -> list[dict[str, str]]:
        """Return the rows of ``truth.csv``."""
        columns = zip(self.labels, self.kinds, self.types, strict=True)
        return [
            {"file": f"a/{n}", "label": str(a), "kind": str(b), "type": str(c)}
            for n, (a, b, c) in enumerate(columns)
        ]


def module(file: Path) -> ModuleType:
    """Import a program that stands outside the project."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        spec.loader.exec_module(loaded)
    return loaded


def composed(compose: ModuleType, source: str, seed: int) -> Composed:
    """Compose a set in memory; ``VARIED`` is one of photos, see ``varied``."""
    if source == VARIED:
        return varied(compose.compose("photos", 0)[1], seed)
    rows, pack = compose.compose(source, seed)
    return taken(pack, rows)


def varied(pack: Any, seed: int) -> Composed:
    """Compose a set of 25 to 40 labels that differ in all that a user's labels differ in.

    Sizes run from 15 items to all there are, evenly in their logarithm, and so do the shares of
    second kinds from 3 to 50 %, three items at least; up to a third of the labels are hidden, and
    one in seven of these hides three kinds.
    """
    rng = np.random.default_rng(seed)
    kinds = [str(kind) for kind in rng.permutation(np.unique(pack["kinds"]))]
    n_labels = int(rng.integers(25, 41))
    hidden = round(rng.uniform(0.1, 1 / 3) * n_labels)
    rows: list[tuple[int, str, str, str]] = []
    for number in range(n_labels):
        if not kinds:
            break
        several = min(len(kinds), 2 + int(rng.random() < THREE_KINDS)) if number < hidden else 1
        mine = [
            rng.permutation(np.flatnonzero(pack["kinds"] == kinds.pop())) for _ in range(several)
        ]
        mine.sort(key=len, reverse=True)
        size = round(np.exp(rng.uniform(np.log(FEWEST), np.log(max(FEWEST, len(mine[0]))))))
        for place, items in enumerate(mine):
            share = np.exp(rng.uniform(np.log(SMALLEST_SHARE), np.log(0.5)))
            count = size if place == 0 else max(3, round(size * share / (1 - share)))
            type_ = "hidden" if several > 1 else "pure"
            rows += [
                (int(n), f"label_{number:02d}", str(pack["kinds"][n]), type_) for n in items[:count]
            ]
    return taken(pack, [rows[n] for n in rng.permutation(len(rows))])


def taken(pack: Any, rows: Sequence[tuple[int, str, str, str]]) -> Composed:
    """Return the rows (place in the pack, label, kind, type) as a data set."""
    places, labels, kinds, types = zip(*rows, strict=True)
    X = pack["embeddings"][list(places)].astype(np.float32)
    return Composed(X, np.array(labels), np.array(kinds), np.array(types))


def with_own_labels(compose: ModuleType, source: str, seed: int) -> tuple[Composed, dict[str, str]]:
    """Compose a set in which half of the second kinds also have a label of their own.

    Returns
    -------
    The set, and the label of its own that each such kind has. The items of that label are those
    that the hidden label left over, or half of its own where it left too few.
    """
    rows, pack = compose.compose(source, seed)
    used = {place for place, *_ in rows}
    own: dict[str, str] = {}
    for label in sorted({label for _, label, _, type_ in rows if type_ == "hidden"})[::2]:
        kinds = [kind for _, name, kind, _ in rows if name == label]
        second = min(sorted(set(kinds)), key=kinds.count)
        name = own[second] = f"own_{len(own):02d}"
        spare = [int(p) for p in np.flatnonzero(pack["kinds"] == second) if int(p) not in used]
        if len(spare) < OWN_LABEL_AT_LEAST:
            here = [n for n, row in enumerate(rows) if row[1] == label and row[2] == second]
            for n in here[::2]:
                rows[n] = (rows[n][0], name, second, "pure")
        rows += [(place, name, second, "pure") for place in spare]
    return taken(pack, rows), own
