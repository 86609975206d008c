"""Scores: the probability that a label is two kinds, and the cut that shows it."""

from __future__ import annotations

from embeddings.splits.scoring.scores import (
    PERHAPS_AT,
    Scored,
    best_of,
    models,
    score_of,
    scored,
    usual_logit,
)

__all__ = [
    "PERHAPS_AT",
    "Scored",
    "best_of",
    "models",
    "score_of",
    "scored",
    "usual_logit",
]
