"""Evidence beside the cut itself: strays, styles, votes of nearest items, facts of the files."""

from __future__ import annotations

from embeddings.splits.evidence.features import (
    FEATURES,
    GROUPS,
    DataSetEvidence,
    LabelEvidence,
    cut_features,
)
from embeddings.splits.evidence.file_styles import (
    columns_of,
    differing_fact,
    nearly_the_same,
    style_apart,
)
from embeddings.splits.evidence.strays import find_strays, readmitted
from embeddings.splits.evidence.styles import Directions, direction, directions_of

__all__ = [
    "FEATURES",
    "GROUPS",
    "DataSetEvidence",
    "Directions",
    "LabelEvidence",
    "columns_of",
    "cut_features",
    "differing_fact",
    "direction",
    "directions_of",
    "find_strays",
    "nearly_the_same",
    "readmitted",
    "style_apart",
]
