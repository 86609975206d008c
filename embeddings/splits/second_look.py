"""A second look: labels judged through two models' embeddings, and what only one of them sees.

A classifier that was trained on the very labels that are wrong has learnt to see what is under one
label as one; a model that was not has no reason to. That one look sees nothing is therefore no
evidence against the other, and a label has the higher of its two scores. The higher of two could
be too sure; measured on composed sets it is no surer than one look (docs/slices.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows, unit_rows
from embeddings.columns import NOISE
from embeddings.records import LabelFinding, SplitReport
from embeddings.splits.wording import letter

FOLDS: Final = 5
RIDGE: Final = 0.05  # of the mean squared length of the items
LEAD: Final = 0.15  # held-out accuracy by which one look must beat the other to be told
BY_CHANCE: Final = 0.6  # balanced accuracy up to which two parts are told apart no better


@dataclass(frozen=True, slots=True)
class TwoLooks:
    """How likely each label is two kinds: by each look, and all told.

    ``own`` and ``other`` are the scores of the two looks, None where a label is too small;
    ``chosen`` 0 or 1 is the look that its parts are taken from.
    """

    own: tuple[float | None, ...]
    other: tuple[float | None, ...]
    together: tuple[float | None, ...]
    chosen: tuple[int, ...]

    def values(self, look: int) -> list[float | None]:
        """Return what one look is to decide by: labels left to the other are left whole."""
        scores = self.own if look == 0 else self.other
        return [
            None if score is None else value if chosen == look else 0.0
            for score, value, chosen in zip(scores, self.together, self.chosen, strict=True)
        ]


def weighed(own: Sequence[float | None], other: Sequence[float | None]) -> TwoLooks:
    """Weigh the scores of two looks at the same labels."""
    pairs = list(zip(own, other, strict=True))
    return TwoLooks(
        tuple(own),
        tuple(other),
        tuple(_together(a, b) for a, b in pairs),
        tuple(int(a is None or (b is not None and b > a)) for a, b in pairs),
    )


def _together(own: float | None, other: float | None) -> float | None:
    if own is None or other is None:
        return other if own is None else own
    return max(own, other)


def merged(
    reports: tuple[SplitReport, SplitReport],
    both: TwoLooks,
    names: Sequence[str],
    labels: NDArray[np.str_],
    rows: tuple[Rows, Rows],
    *,
    seed: int,
) -> SplitReport:
    """Take each label from the look that sees it best, and say what only one sees.

    What is said of single items, their neighbours and the merges come from the second look, whose
    model was not trained on these labels.
    """
    own, other = reports
    by_name = [{f.label: f for f in report.labels} for report in reports]
    from_other = np.isin(labels, [n for n, c in zip(names, both.chosen, strict=True) if c == 1])
    cluster = np.where(from_other, other.cluster, own.cluster)
    findings = []
    for number, name in enumerate(names):
        finding = by_name[both.chosen[number]][name]
        looks = replace(
            finding,
            own_score=_or_nan(both.own[number]),
            second_score=_or_nan(both.other[number]),
        )
        if looks.n_clusters > 1:
            items = np.flatnonzero((labels == name) & (cluster != NOISE))
            told = [told_apart(np.asarray(X[items]), cluster[items], seed=seed) for X in rows]
            said = sentence(looks, *told)
            looks = replace(looks, second_look=said, evidence=f"{looks.evidence} {said}".rstrip())
        findings.append(looks)
    return replace(
        other,
        labels=tuple(sorted(findings, key=lambda f: (-f.split_score, f.label))),
        cluster=cluster,
        cluster_probability=np.where(
            from_other, other.cluster_probability, own.cluster_probability
        ),
        typicality=np.where(from_other, other.typicality, own.typicality),
        cluster_suspicion=np.where(from_other, other.cluster_suspicion, own.cluster_suspicion),
        cluster_suggested_label=np.where(
            from_other, other.cluster_suggested_label, own.cluster_suggested_label
        ),
        stray=cluster == NOISE,
        notes=tuple(dict.fromkeys((*own.notes, *other.notes))),
    )


def _or_nan(score: float | None) -> float:
    return float("nan") if score is None else round(score, 4)


def told_apart(rows: NDArray[np.float32], parts: NDArray[np.int32], *, seed: int) -> float:
    """Return how well a linear classifier tells held-out items of the parts apart.

    Parameters
    ----------
    rows, parts
        (n, d) embeddings and (n,) part of the items of one label.

    Returns
    -------
    Balanced accuracy over the parts, chance is one over their number; NaN where a part has too few
    items to hold any out.
    """
    names, place = np.unique(parts, return_inverse=True)
    if len(names) < 2 or np.bincount(place).min() < 2:
        return float("nan")
    fold = _folds(place, seed)
    said = np.full(len(place), -1)
    unit = unit_rows(rows)
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        if test.any():
            said[test] = _classified(unit[train], place[train], unit[test], len(names))
    right = said == place
    return float(np.mean([right[place == part].mean() for part in range(len(names))]))


def _folds(place: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Deal the items of each part to the folds in turn."""
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(place), dtype=np.intp)
    for part in np.unique(place):
        own = rng.permutation(np.flatnonzero(place == part))
        fold[own] = np.arange(len(own)) % FOLDS
    return fold


def _classified(
    train: NDArray[np.float32], place: NDArray[np.intp], test: NDArray[np.float32], k: int
) -> NDArray[np.intp]:
    """Return the part of each test item by ridge regression, every part weighing the same."""
    wanted = np.eye(k, dtype=np.float64)[place]
    weight = 1 / np.maximum(wanted.sum(axis=0), 1)[place]
    middle = (weight[:, None] * train).sum(axis=0) / weight.sum()
    rows = (train - middle).astype(np.float64)
    gram = rows @ rows.T
    # a heavier weight is a smaller penalty, as in weighted ridge regression
    penalty = RIDGE * np.trace(gram) / len(gram) / (weight / weight.mean())
    gram[np.diag_indices_from(gram)] += penalty
    solved = rows.T @ np.linalg.solve(gram, wanted - 1 / k)
    return np.asarray(((test - middle) @ solved).argmax(axis=1), dtype=np.intp)


def sentence(finding: LabelFinding, own: float, other: float) -> str:
    """Say that only one of the two looks sees the parts of a label; "" where both do."""
    if not (np.isfinite(own) and np.isfinite(other)) or abs(own - other) < LEAD:
        return ""
    letters = [letter(f.cluster) for f in finding.clusters]
    first, last = letters[0], letters[-1]
    parts = f"{first} from {last}" if len(letters) == 2 else f"{first} to {last} apart"
    if own < other:
        return (
            f"Your model has learnt to see these as one: it tells {parts} {_how_well(own)}, the "
            f"second model does in {other:.0%}."
        )
    return (
        f"Only your model sees this: it tells {parts} in {own:.0%}, the second model "
        f"{_how_well(other)}."
    )


def _how_well(accuracy: float) -> str:
    if accuracy <= BY_CHANCE:
        return f"no better than chance ({accuracy:.0%})"
    return f"in {accuracy:.0%}"
