"""Scores: how likely the two sides of a cut are two kinds, and the models behind that.

The probability is that of a logistic model over the features of a cut (``evidence.features``),
fitted on data sets composed of many public ones (``benchmarks/fit_weights.py``, docs/splits.md). A
label has the score of its best cut. The best of several cuts looks better than it is, and labels of
one kind are cut more easily in some data sets than in others. So a second logistic step computes
the probability from its logit and the median logit of all labels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.splits.cutting import StrongestCuts
from embeddings.splits.evidence import (
    FEATURES,
    DataSetEvidence,
    LabelEvidence,
    cut_features,
)

PERHAPS_AT: Final = 0.45  # score from which both sides are shown, so that a person can decide
# When a cut stands out from the usual cuts of this data set: a logistic model of its strength and
# of the usual strength, fitted on composed data sets.
CONTRAST: Final = 1.028
AGAINST_USUAL: Final = -0.335
OFFSET: Final = -1.91
_WEIGHTS: Final = Path(__file__).with_name("weights.json")
_STEEPEST: Final = 30.0  # logits beyond which a probability is 0 or 1


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model: ``weights`` (f,) of the ``features`` by name, and ``intercept``.

    ``slope``, ``against_usual`` and ``offset`` bring the logit of the best of several to a
    probability, given what is usual for the best of several in the data set.
    """

    features: tuple[str, ...]
    weights: NDArray[np.float64]
    intercept: float
    slope: float = 1.0
    against_usual: float = 0.0
    offset: float = 0.0

    def logit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logit of each row of (n, f) values."""
        logits: NDArray[np.float64] = values @ self.weights + self.intercept
        return np.clip(logits, -_STEEPEST, _STEEPEST)

    def calibrated(self, logit: float, usual: float = 0.0) -> float:
        """Return the probability that the best of several, of this logit, is right."""
        brought = self.slope * logit + self.against_usual * usual + self.offset
        return float(1 / (1 + np.exp(-np.clip(brought, -_STEEPEST, _STEEPEST))))


@lru_cache(maxsize=1)
def models() -> dict[str, Logistic]:
    """Return the fitted models by name, read from the file beside this module."""
    told: dict[str, Any] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return {
        name: Logistic(
            tuple(one["weights"]),
            np.array(list(one["weights"].values())),
            one["intercept"],
            one.get("slope", 1.0),
            one.get("against_usual", 0.0),
            one.get("offset", 0.0),
        )
        for name, one in told["models"].items()
    }


@dataclass(frozen=True, slots=True)
class Scored:
    """The cuts of one label, weighed: ``best`` is the likeliest of them and ``logit`` its logit.

    ``style`` is the cut that stands out most, None where none does, and ``alignment`` how much its
    direction is that of cuts of other labels.
    """

    best: int
    logit: float
    style: int | None
    alignment: float


def scored(label: LabelEvidence, data_set: DataSetEvidence, cuts: StrongestCuts) -> Scored:
    """Weigh the cuts of one label."""
    model = models()["two kinds"]
    values = cut_features(label, data_set, cuts)
    logits = model.logit(values)
    best = int(logits.argmax())
    apart = CONTRAST * cuts.strength + AGAINST_USUAL * data_set.usual + OFFSET
    style = int(apart.argmax())
    alignment = float(values[style, FEATURES.index("alignment")])
    return Scored(best, float(logits[best]), style if apart[style] >= 0 else None, alignment)


def usual_logit(labels: Sequence[Scored]) -> float:
    """Return the median logit over the labels of a data set: most of them are one kind."""
    return float(np.median([one.logit for one in labels])) if labels else 0.0


def score_of(found: Scored, usual: float) -> float:
    """Return the probability that a label is two kinds, given the usual logit of its data set."""
    return models()["two kinds"].calibrated(found.logit, usual)


def best_of(
    label: LabelEvidence, cuts: StrongestCuts, data_set: DataSetEvidence, usual: float
) -> tuple[int, float]:
    """Return the cut of a group that most likely shows two kinds, and its probability."""
    found = scored(label, data_set, cuts)
    return found.best, score_of(found, usual)
