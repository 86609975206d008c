"""Confusion matrix of a run, with reasons, from its frame of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.label_errors.confusion_matrix import Confusion, TakenFor, confusion, top_confusions
from embeddings.label_errors.records import CHECKED, EXPLAINED
from embeddings.records import MORE_LIKELY_THAN_NOT

if TYPE_CHECKING:
    import pandas as pd

By = Literal["check", "model"]
MOST: Final = 5000  # confusions that are listed
KNOWN: Final = 0.5  # share of the labels that must be classes of a model to use its predictions


@dataclass(frozen=True, slots=True)
class Confused:
    """Given labels against predictions ``by`` the cross-check of the run or by the model."""

    matrix: Confusion
    taken: tuple[TakenFor, ...]
    by: By


def sources(items: pd.DataFrame) -> tuple[By, ...]:
    """Return whose predictions there are; a model needs half of the labels as its classes."""
    found: list[By] = []
    if CHECKED in items and items[CHECKED].notna().any():
        found.append("check")
    if c.PREDICTED in items:
        labels, said = set(items[c.LABEL].unique()), set(items[c.PREDICTED].dropna().unique())
        if len(labels & said) >= KNOWN * len(labels):
            found.append("model")
    return tuple(found)


def confused(items: pd.DataFrame, by: By = "check") -> Confused | None:
    """Count which labels are taken for which in a run; None where there are no predictions.

    Parameters
    ----------
    items
        The frame of items of a run.
    by
        Whose predictions count.
    """
    if by not in sources(items):
        return None
    column = {"check": CHECKED, "model": c.PREDICTED}[by]
    part = items[items[column].notna()]
    given, looks = (part[name].astype(str).to_numpy(dtype=object) for name in (c.LABEL, column))
    taken = top_confusions(
        given,
        looks,
        wrong=np.nan_to_num(part[c.SUSPICION].to_numpy(dtype=np.float32)) >= MORE_LIKELY_THAN_NOT,
        in_split=explained(part),
        most=MOST,
    )
    return Confused(confusion(given, looks), taken, by)


def explained(items: pd.DataFrame) -> NDArray[Any]:
    """(n,) bool: items in the odd part of a split, which explains them."""
    if EXPLAINED not in items:
        return np.zeros(len(items), dtype=bool)
    return np.asarray(items[EXPLAINED].to_numpy(dtype=bool))
