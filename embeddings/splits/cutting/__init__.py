"""Ways to cut one label in two, and what each cut measures."""

from __future__ import annotations

from embeddings.splits.cutting.candidates import candidate_cuts
from embeddings.splits.cutting.cuts import SMALLEST_PART, distinct, partition_cuts
from embeddings.splits.cutting.settling import settled
from embeddings.splits.cutting.statistics import (
    CutStatistics,
    Groups,
    cut_statistics,
    group_affinities,
    measured,
    ratio,
)
from embeddings.splits.cutting.strength import (
    STRENGTH_WEIGHTS,
    StrengthWeights,
    strength,
    usual_strength,
)
from embeddings.splits.cutting.strongest import StrongestCuts, strongest_cuts

__all__ = [
    "SMALLEST_PART",
    "STRENGTH_WEIGHTS",
    "CutStatistics",
    "Groups",
    "StrengthWeights",
    "StrongestCuts",
    "candidate_cuts",
    "cut_statistics",
    "distinct",
    "group_affinities",
    "measured",
    "partition_cuts",
    "ratio",
    "settled",
    "strength",
    "strongest_cuts",
    "usual_strength",
]
