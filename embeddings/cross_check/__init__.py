"""Cross-check: predict the label of each item without using its own label."""

from __future__ import annotations

from embeddings.cross_check.check import (
    MANY_LABELS,
    CrossCheck,
    Explainer,
    best_of,
    cross_check,
    first_of_each,
    suspicion_of,
)
from embeddings.cross_check.lda import (
    CANDIDATES,
    HeldOut,
    Scores,
    SoftLabels,
    deal_folds,
    given_as_soft,
)
from embeddings.cross_check.noise_channel import Explained

__all__ = [
    "CANDIDATES",
    "MANY_LABELS",
    "CrossCheck",
    "Explained",
    "Explainer",
    "HeldOut",
    "Scores",
    "SoftLabels",
    "best_of",
    "cross_check",
    "deal_folds",
    "first_of_each",
    "given_as_soft",
    "suspicion_of",
]
