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
from embeddings.records import MORE_LIKELY_THAN_NOT, LabelFinding, SplitReport
from embeddings.splits.wording import letter

NEAREST: Final = 5  # items of each part that an item is compared with
LARGEST: Final = 2000  # items of one label that are compared with each other
LEAD: Final = 0.15  # balanced accuracy by which one look must beat the other to be told
NO_BETTER: Final = 0.1  # above chance up to which parts are told apart no better than by chance


@dataclass(frozen=True, slots=True)
class TwoLooks:
    """How likely each label is two kinds: by each look, and all told.

    ``own`` and ``other`` are the scores of the two looks, None where a label is too small;
    ``chosen`` 0 or 1 is the look that scores higher.
    """

    own: tuple[float | None, ...]
    other: tuple[float | None, ...]
    together: tuple[float | None, ...]
    chosen: tuple[int, ...]

    def values(self, look: int) -> list[float | None]:
        """Return what one look is to decide by: labels left to the other are left whole."""
        scores = self.own if look == 0 else self.other
        return [
            None if score is None else value if look in self.looks(number) else 0.0
            for number, (score, value) in enumerate(zip(scores, self.together, strict=True))
        ]

    def looks(self, number: int) -> tuple[int, ...]:
        """Return the looks that a label may be parted by, the one that scores higher first."""
        first = self.chosen[number]
        score = (self.own, self.other)[1 - first][number]
        return (first, 1 - first) if (score or 0.0) >= MORE_LIKELY_THAN_NOT else (first,)


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

    Where both looks say *two kinds*, the parts are taken that the two models together tell apart
    best; else those of the look that scores higher.

    What is said of single items, their neighbours and the merges come from the second look, whose
    model was not trained on these labels.
    """
    own, other = reports
    by_name = [{f.label: f for f in report.labels} for report in reports]
    from_own = np.zeros(len(labels), dtype=np.bool_)
    findings = []
    for number, name in enumerate(names):
        items = np.flatnonzero(labels == name)
        ways = [_way(look, reports[look], items, rows, seed) for look in both.looks(number)]
        best = max(ways, key=lambda way: way.apart)  # of equal ones the first
        from_own[items] = best.look == 0
        finding = replace(
            by_name[best.look][name],
            own_score=_or_nan(both.own[number]),
            second_score=_or_nan(both.other[number]),
        )
        if finding.n_clusters > 1:
            said = sentence(finding, *best.told)
            finding = replace(
                finding, second_look=said, evidence=f"{finding.evidence} {said}".rstrip()
            )
        findings.append(finding)
    cluster = np.where(from_own, own.cluster, other.cluster)
    return replace(
        other,
        labels=tuple(sorted(findings, key=lambda f: (-f.split_score, f.label))),
        cluster=cluster,
        cluster_probability=np.where(from_own, own.cluster_probability, other.cluster_probability),
        typicality=np.where(from_own, own.typicality, other.typicality),
        cluster_suspicion=np.where(from_own, own.cluster_suspicion, other.cluster_suspicion),
        cluster_suggested_label=np.where(
            from_own, own.cluster_suggested_label, other.cluster_suggested_label
        ),
        stray=cluster == NOISE,
        notes=tuple(dict.fromkeys((*own.notes, *other.notes))),
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """The parts that one look makes of a label, and how well each of the two looks tells them."""

    look: int
    told: tuple[float, float]

    @property
    def apart(self) -> float:
        """Mean over both looks; 0 where there is one part or one is too small."""
        mean = sum(self.told) / len(self.told)
        return mean if np.isfinite(mean) else 0.0


def _way(
    look: int, report: SplitReport, items: NDArray[np.intp], rows: tuple[Rows, Rows], seed: int
) -> _Way:
    kept = items[report.cluster[items] != NOISE]
    parts = report.cluster[kept]
    if not parts.any():
        return _Way(look, (float("nan"), float("nan")))
    own, other = (told_apart(np.asarray(X[kept]), parts, seed=seed) for X in rows)
    return _Way(look, (own, other))


def _or_nan(score: float | None) -> float:
    return float("nan") if score is None else round(score, 4)


def told_apart(rows: NDArray[np.float32], parts: NDArray[np.int32], *, seed: int) -> float:
    """Return how often an item is nearer to its own part than to the others.

    A linear classifier would be too kind a judge: among a label's few items and a model's many
    features it finds a direction that tells almost any two kinds apart, also where the model has
    pulled them together so far that no cluster shows them. Nearest items follow what has become of
    the distances.

    Parameters
    ----------
    rows, parts
        (n, d) embeddings and (n,) part of the items of one label.

    Returns
    -------
    Balanced accuracy over the parts, chance is one over their number; NaN where a part has a
    single item. Of a large label a sample is looked at.
    """
    names, place = np.unique(parts, return_inverse=True)
    if len(names) < 2 or np.bincount(place).min() < 2:
        return float("nan")
    kept = _sample(place, seed)
    place, unit = place[kept], unit_rows(rows[kept])
    alike = unit @ unit.T
    np.fill_diagonal(alike, -np.inf)
    near = np.stack([_nearness(alike, place, part) for part in range(len(names))], axis=1)
    right = near.argmax(axis=1) == place
    return float(np.mean([right[place == part].mean() for part in range(len(names))]))


def _sample(place: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Return at most ``LARGEST`` items, as many of each part as its share of them, ascending."""
    if len(place) <= LARGEST:
        return np.arange(len(place))
    rng = np.random.default_rng(seed)
    kept = []
    for part in np.unique(place):
        own = np.flatnonzero(place == part)
        n = min(len(own), max(NEAREST + 1, LARGEST * len(own) // len(place)))
        kept.append(rng.choice(own, n, replace=False))
    return np.sort(np.concatenate(kept))


def _nearness(
    alike: NDArray[np.float32], place: NDArray[np.intp], part: int
) -> NDArray[np.float32]:
    """Return of each item the mean similarity to the nearest others that are of one part."""
    members = np.flatnonzero(place == part)
    n = min(NEAREST, len(members) - 1)
    nearest = np.partition(alike[:, members], len(members) - n, axis=1)[:, len(members) - n :]
    return np.asarray(nearest.mean(axis=1))


def sentence(finding: LabelFinding, own: float, other: float) -> str:
    """Say that one of the two looks keeps the parts of a label apart and the other does not.

    "" where both do, or neither.
    """
    if not (np.isfinite(own) and np.isfinite(other)) or abs(own - other) < LEAD:
        return ""
    letters = [letter(f.cluster) for f in finding.clusters]
    first, last = letters[0], letters[-1]
    parts = f"{first} from {last}" if len(letters) == 2 else f"{first} to {last} apart"
    by_chance = min(own, other) <= 1 / len(letters) + NO_BETTER
    if own < other:
        begins = (
            "Your model has learnt to see these as one" if by_chance else "Your model blurs this"
        )
        return (
            f"{begins}: it tells {parts} {_how_well(own, by_chance)}, the second model does in "
            f"{other:.0%}."
        )
    begins = "Only your model sees this" if by_chance else "Your model sees this more clearly"
    return (
        f"{begins}: it tells {parts} in {own:.0%}, the second model {_how_well(other, by_chance)}."
    )


def _how_well(accuracy: float, by_chance: bool) -> str:
    return f"no better than chance ({accuracy:.0%})" if by_chance else f"in {accuracy:.0%}"
