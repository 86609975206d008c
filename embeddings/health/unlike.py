"""Items that are unlike everything in their label, as a finding among the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.health import records as r

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.label_errors import Outliers


def from_outliers(
    items: pd.DataFrame, outliers: Outliers, rows: NDArray[np.intp], told: NDArray[np.bool_]
) -> list[r.Finding]:
    """Find the items that are far from everything in their label, farthest first.

    Parameters
    ----------
    items
        n rows with ``label``.
    outliers
        What was found out of m of them, in the order of ``rows``.
    rows
        (m,) places in ``items``.
    told
        (n,) items that have a better explanation, a split or a wrong label, and are reported there.
    """
    labels = items[c.LABEL].to_numpy(dtype=object)
    ranked = [int(i) for i in outliers.ranked() if not told[rows[i]]]
    places = [int(rows[i]) for i in ranked]
    details = [
        outliers.evidence(i, str(labels[place])) for i, place in zip(ranked, places, strict=True)
    ]
    title = r.titled(
        len(places), "image is unlike everything in its label",
        "images are unlike everything in their label",
    )  # fmt: skip
    return r.finding(
        r.UNLIKE, places, details, title, "Perhaps something that the data set has no label for."
    )
