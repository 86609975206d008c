"""Parts of a label compared with other labels: likeness, suggestions, merges."""

from __future__ import annotations

from embeddings.splits.other_labels.likeness import Likeness, likeness
from embeddings.splits.other_labels.merges import FEATURES as MERGE_FEATURES
from embeddings.splits.other_labels.merges import find_merges, merge_features, near_pairs
from embeddings.splits.other_labels.suggestions import FEATURES as SUGGESTION_FEATURES
from embeddings.splits.other_labels.suggestions import (
    OFFERED_AT,
    Ground,
    Suggestion,
    candidate_of,
    suggested,
    suggestion_features,
    without_mutual,
)

__all__ = [
    "MERGE_FEATURES",
    "OFFERED_AT",
    "SUGGESTION_FEATURES",
    "Ground",
    "Likeness",
    "Suggestion",
    "candidate_of",
    "find_merges",
    "likeness",
    "merge_features",
    "near_pairs",
    "suggested",
    "suggestion_features",
    "without_mutual",
]
