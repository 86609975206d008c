"""Find labels that hide two kinds: cuts of a label, the evidence, scores, and the report."""

from __future__ import annotations

from embeddings.splits.cutting import (
    STRENGTH_WEIGHTS,
    StrengthWeights,
    candidate_cuts,
    strongest_cuts,
)
from embeddings.splits.find import find_splits
from embeddings.splits.wording import letter

__all__ = [
    "STRENGTH_WEIGHTS",
    "StrengthWeights",
    "candidate_cuts",
    "find_splits",
    "letter",
    "strongest_cuts",
]
