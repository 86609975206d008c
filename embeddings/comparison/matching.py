"""Match the items of two runs: by content, then by file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of rows, and the rows that have no partner.

    ``before`` and ``after`` are (m,): row ``before[i]`` is the same item as ``after[i]``.
    ``removed`` are rows that only the first has, ``added`` those that only the second has.
    ``group_before`` (n,) and ``group_after`` (m,) number the contents through over both: rows of
    one content, or of contents that were matched, have the same number.
    """

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    removed: NDArray[np.intp]
    added: NDArray[np.intp]
    group_before: NDArray[np.intp]
    group_after: NDArray[np.intp]


def match_items(before: pd.DataFrame, after: pd.DataFrame) -> Matches:
    """Match the items of two runs.

    First those of the same content *and* file, then of the same content, in the order of the rows
    (so of three copies that became two, one was removed), then of the same file, whose content
    is another by now.

    Parameters
    ----------
    before, after
        Frames with ``file`` and perhaps ``sha256``, rows in any order.
    """
    files = [[str(f) for f in frame[c.FILE]] for frame in (before, after)]
    shas = [contents(frame) for frame in (before, after)]
    partner: dict[int, int] = {}
    taken: set[int] = set()
    exact: list[list[Any]] = [
        list(zip(s, f, strict=True)) for s, f in zip(shas, files, strict=True)
    ]
    rounds: list[list[list[Any]]] = [exact, shas, files]
    for keys in rounds:
        waiting: defaultdict[Any, list[int]] = defaultdict(list)
        for row in range(len(after) - 1, -1, -1):
            key = keys[1][row]
            if row not in taken and key not in ("", ("", files[1][row])):
                waiting[key].append(row)
        for row, key in enumerate(keys[0]):
            if row not in partner and waiting.get(key):
                partner[row] = waiting[key].pop()
                taken.add(partner[row])
    firsts = np.array(sorted(partner), dtype=np.intp)
    seconds = np.array([partner[int(row)] for row in firsts], dtype=np.intp)
    groups = _groups(
        [_names(s, f, side) for side, (s, f) in enumerate(zip(shas, files, strict=True))],
        firsts,
        seconds,
    )
    return Matches(
        firsts,
        seconds,
        np.setdiff1d(np.arange(len(before)), firsts),
        np.setdiff1d(np.arange(len(after)), seconds),
        *groups,
    )


def contents(frame: pd.DataFrame) -> list[str]:
    """Return the SHA-256 of each row, empty where there is no image."""
    if c.SHA256 not in frame:
        return [""] * len(frame)
    return [str(sha).lower() for sha in frame[c.SHA256].fillna("")]


def _names(shas: list[str], files: list[str], side: int) -> list[tuple[str, str]]:
    """Return what a row's content is called; a file without one stands for itself."""
    return [
        ("sha256", sha) if sha else (f"file {side}", file)
        for sha, file in zip(shas, files, strict=True)
    ]


def _groups(
    names: list[list[tuple[str, str]]], firsts: NDArray[np.intp], seconds: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the contents through; those that a pair joins become one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    number: dict[tuple[str, str], int] = {}
    one, two = (
        np.array([number.setdefault(name, len(number)) for name in side], dtype=np.intp)
        for side in names
    )
    edges = (np.ones(len(firsts)), (one[firsts], two[seconds]))
    graph = coo_array(edges, shape=(len(number), len(number)))
    _, joined = connected_components(graph, directed=False)
    return joined[one].astype(np.intp), joined[two].astype(np.intp)
