"""What changed between two runs, or by decisions: items, splits, accuracy before and after."""

from __future__ import annotations

from embeddings.comparison.classifier import fitted, spread_folds
from embeddings.comparison.runs import Comparison, compare, compare_decisions
from embeddings.comparison.saved_errors import look_again

__all__ = [
    "Comparison",
    "compare",
    "compare_decisions",
    "fitted",
    "look_again",
    "spread_folds",
]
