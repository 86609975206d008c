"""Strength of a cut: one number for the evidence that its two sides are two kinds.

The strength adds up six statistics of the cut (``cut_statistics``) with fixed weights, those of a
logistic model over composed data sets. It chooses among the cuts of one label; whether the chosen
cut means two kinds is decided by ``splits.scoring``, which weighs further evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.splits.cutting.statistics import CutStatistics


@dataclass(frozen=True, slots=True)
class StrengthWeights:
    """What each statistic of a cut adds to its strength, in logits."""

    intercept: float = -19.387
    affinity: float = -11.528
    valley: float = 1.892
    valley_rest: float = 6.139
    coherence: float = 3.878
    coherence_rest: float = 22.287
    smallness: float = -8.166  # times 1/sqrt(size): the error of an estimate from few items


STRENGTH_WEIGHTS: Final = StrengthWeights()
LOWEST_AFFINITY: Final = -0.2  # kinds can't be less alike than unrelated: below this it is noise
# The third of the labels with the weakest cuts is rarely split: it shows which strength is usual.
USUAL_QUANTILE: Final = 0.3
USUAL: Final = -5.0  # prior for the usual strength, counted as five labels
USUAL_WORTH: Final = 5


def strength(
    figures: CutStatistics, weights: StrengthWeights = STRENGTH_WEIGHTS
) -> NDArray[np.float64]:
    """Return the evidence for two kinds, in logits, of each cut; (c,) float64."""
    total: NDArray[np.float64] = (
        weights.intercept
        + weights.affinity * np.clip(figures.affinity, LOWEST_AFFINITY, 1.0)
        + weights.valley * figures.valley
        + weights.valley_rest * figures.valley_rest
        + weights.coherence * figures.coherence
        + weights.coherence_rest * figures.coherence_rest
        + weights.smallness / np.sqrt(figures.size)
    )
    return total


def usual_strength(strengths: Sequence[float]) -> float:
    """Return the usual strength of the best cut of a label of one kind in this data set."""
    if not strengths:
        return USUAL
    here = float(np.quantile(strengths, USUAL_QUANTILE))
    n = len(strengths)
    return (n * here + USUAL_WORTH * USUAL) / (n + USUAL_WORTH)
