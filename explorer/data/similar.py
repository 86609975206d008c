"""Images that look like one image or like several, over the whole data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset

MOST = 400  # images of an answer
MOST_ASKED = 16  # images asked with; of more, some are taken


@dataclass(frozen=True, slots=True)
class Similar:
    """What looks like the ``asked`` rows: ``rows`` (m,), and ``alike`` (m,) float32 cosines."""

    asked: tuple[int, ...]
    rows: NDArray[np.intp]
    alike: NDArray[np.float32]


def similar(dataset: Dataset, rows: Sequence[int], most: int = MOST) -> Similar:
    """Return the items most like any of ``rows``, the likest first, those asked with first of all.

    Likeness is the cosine of two embeddings, to the nearest of the rows asked with. Rows without
    an embedding are like nothing.
    """
    step = max(1, -(-len(rows) // MOST_ASKED))
    asked = tuple(dict.fromkeys(int(row) for row in rows[::step]))
    none = np.zeros(0, dtype=np.intp)
    near = {hit for row in asked for hit in dataset.nearest.near(row, none, most).anywhere}
    near |= set(asked)
    found = np.array(sorted(near), dtype=np.intp)
    if not len(found):
        return Similar(asked, found, np.zeros(0, dtype=np.float32))
    own = dataset.unit_vectors(asked)
    own = own[np.isfinite(own).all(axis=1)]
    if not len(own):
        return Similar(asked, none, np.zeros(0, dtype=np.float32))
    cosines = np.nan_to_num((dataset.unit_vectors(found.tolist()) @ own.T).max(axis=1), nan=-1.0)
    cosines[np.isin(found, asked)] = 1.0
    order = np.argsort(-cosines, kind="stable")[:most]
    return Similar(asked, found[order], cosines[order].astype(np.float32))
