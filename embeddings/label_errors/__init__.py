"""Find single wrong labels, outliers, and labels that are confused with each other."""

from __future__ import annotations

from embeddings.label_errors.confusion_matrix import (
    Confusion,
    ConfusionChange,
    LabelFigures,
    TakenFor,
    changed,
    confusion,
    top_confusions,
)
from embeddings.label_errors.find import find_label_errors
from embeddings.label_errors.outliers import Outliers, find_outliers
from embeddings.label_errors.records import (
    CHECKED,
    CHECKED_PROBABILITY,
    EXPLAINED,
    LabelErrors,
    ModelAnswers,
)
from embeddings.label_errors.run_confusion import By, Confused, confused, explained, sources
from embeddings.label_errors.seriation import FEW

__all__ = [
    "CHECKED",
    "CHECKED_PROBABILITY",
    "EXPLAINED",
    "FEW",
    "By",
    "Confused",
    "Confusion",
    "ConfusionChange",
    "LabelErrors",
    "LabelFigures",
    "ModelAnswers",
    "Outliers",
    "TakenFor",
    "changed",
    "confused",
    "confusion",
    "explained",
    "find_label_errors",
    "find_outliers",
    "sources",
    "top_confusions",
]
