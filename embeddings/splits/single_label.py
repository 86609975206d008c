"""Single-label test: whether the gap inside a label is wider than chance, without other labels.

Without other labels the similarity of unrelated items is not known, so a cut is compared with the
strongest cuts of clouds that have the same spread in every direction and no gap (after SigClust,
Liu, Hayes, Nobel & Marron 2008).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows
from embeddings.splits.cutting import StrongestCuts, strongest_cuts

CLOUDS = 8
LARGEST_CLOUD = 400  # items; the strongest cut of a cloud hardly depends on how many it has
# Lead over the strongest cut of a cloud at which two kinds are as likely as one, and the slope of
# the probability there.
EVEN_LEAD = 1.7
SHARPNESS = 2.2


def score_alone(rows: NDArray[np.float32], cuts: StrongestCuts, seed: int) -> float:
    """Return the probability that the two sides of a cut are two kinds.

    Parameters
    ----------
    rows
        (n, d) float32 different items, centred on their own mean.
    cuts
        The strongest cuts of ``rows``.
    seed
        Of the clouds.
    """
    rng = np.random.default_rng(seed)
    centred = rows - rows.mean(axis=0)
    n = len(rows)
    spread = np.linalg.svd(centred.astype(np.float64), compute_uv=False) / np.sqrt(n)
    found = []
    for _ in range(CLOUDS):
        cloud = rng.normal(size=(min(n, LARGEST_CLOUD), len(spread))) * spread
        rows_of_cloud = unit_rows((cloud - cloud.mean(axis=0)).astype(np.float32))
        best = strongest_cuts(rows_of_cloud, beside_cloud=False)
        if best is not None:
            found.append(best.strength.max())
    lead = float(cuts.strength.max()) - float(np.mean(found)) if found else 0.0
    return float(1.0 / (1.0 + np.exp(-SHARPNESS * (lead - EVEN_LEAD))))
