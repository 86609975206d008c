"""Find the slices of a data set on which a model fails, from its predictions."""

from __future__ import annotations

from embeddings.slices.find import find_slices
from embeddings.slices.known_groups import known_groups
from embeddings.slices.predictions_file import (
    FilePredictions,
    Matched,
    match,
    read_kept,
    read_predictions,
    were_trained_on,
    write_kept,
)
from embeddings.slices.records import (
    CLUSTER,
    FILE_FACT,
    LABEL,
    NEAR_COPIES,
    REGION,
    SLICE_COLUMNS,
    STYLE,
    Evidence,
    Group,
    NextStep,
    Slice,
    SliceReport,
)
from embeddings.slices.saved import drop_slices, read_slices, write_slices
from embeddings.slices.statistics import wilson

__all__ = [
    "CLUSTER",
    "FILE_FACT",
    "LABEL",
    "NEAR_COPIES",
    "REGION",
    "SLICE_COLUMNS",
    "STYLE",
    "Evidence",
    "FilePredictions",
    "Group",
    "Matched",
    "NextStep",
    "Slice",
    "SliceReport",
    "drop_slices",
    "find_slices",
    "known_groups",
    "match",
    "read_kept",
    "read_predictions",
    "read_slices",
    "were_trained_on",
    "wilson",
    "write_kept",
    "write_slices",
]
