"""Find labels that hide two kinds: candidate cuts, their statistics, scores, and the report."""

from __future__ import annotations

from embeddings.splits.candidates import candidate_cuts
from embeddings.splits.find import find_splits
from embeddings.splits.scoring import WEIGHTS, Weights, best_cut
from embeddings.splits.wording import letter

__all__ = [
    "WEIGHTS",
    "Weights",
    "best_cut",
    "candidate_cuts",
    "find_splits",
    "letter",
]
