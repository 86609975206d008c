"""Find the labels that are really two kinds of thing.

>>> import numpy as np
>>> from embeddings.splits import find_splits
>>> rng = np.random.default_rng(0)
>>> kinds = rng.normal(size=(6, 40)) * 2
>>> kind = np.repeat(np.arange(6), 30)
>>> X = kinds[kind] + rng.normal(size=(180, 40))
>>> labels = np.array(["cat", "cat", "dog", "fox", "owl", "car"])[kind]
>>> report = find_splits(X, labels)
>>> [(f.label, f.verdict, f.n_clusters) for f in report.labels][:2]
[('cat', 'two kinds', 2), ('car', 'one kind', 1)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.affinity import group_affinities
from embeddings.columns import NO_LABEL
from embeddings.cuts import partition_cuts
from embeddings.errors import UsageError
from embeddings.judging import (
    PERHAPS_AT,
    SPLIT_AT,
    Cut,
    best_cut,
    parts_of,
    score,
    usual_strength,
)
from embeddings.metric import shared_space
from embeddings.neighbours import nearest_elsewhere
from embeddings.records import (
    Candidates,
    ClusterFinding,
    LabelFinding,
    Progress,
    SplitReport,
    Verdict,
    no_progress,
)
from embeddings.wording import apart, sentence, sits_closest

NEIGHBOURS = 10  # nearest items under other labels that are looked at
LARGEST_JUDGED = 2000  # different items of one label that its trees are grown from
FEWEST = 6
# Affinity at which a cluster is as likely as not the kind that another label shows.
SAME_KIND_AT = 0.6
SAME_KIND_SOFTNESS = 0.08


@dataclass(frozen=True, slots=True)
class _Label:
    """One label at work.

    ``rows`` are its places in the data set; ``first`` the places of its different items, and
    ``place`` which of these each of its rows is; ``chosen`` are those of the different items that
    its trees are grown from.
    """

    name: str
    rows: NDArray[np.intp]
    first: NDArray[np.intp]
    place: NDArray[np.intp]
    chosen: NDArray[np.intp]
    cut: Cut | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was decided of one label: ``parts`` (m,) numbers the cluster of each of its rows."""

    name: str
    rows: NDArray[np.intp]
    parts: NDArray[np.intp]
    score: float
    affinity: float
    reason: str


def find_splits(
    X: NDArray[Any],
    labels: Sequence[Any] | NDArray[Any] | None = None,
    *,
    candidates: Mapping[str, Candidates] | None = None,
    seed: int = 0,
    facts: Any = None,
    progress: Progress = no_progress,
) -> SplitReport:
    """Say of each label whether it hides two kinds, which items are which, and why.

    Parameters
    ----------
    X
        (n, d) embeddings, any real dtype and scale.
    labels
        (n,) label of each item; None puts all under one label.
    candidates
        Partitions of each label's items (rows in the order of ``X``), judged beside those that
        are made here. Labels may be missing.
    seed
        Of the resampling; verdicts and clusters do not depend on it.
    facts
        Facts of the files, one row per item: a frame or mapping with any of the columns
        ``width``, ``height``, ``grey``, ``sha256``.
    progress
        Called as ``progress(done, total, what)``.

    Returns
    -------
    ``SplitReport``, labels ranked by score.

    Raises
    ------
    UsageError
        If the shapes do not fit, there are no items, or an embedding holds NaN or infinity.
    """
    rows, names = _checked(X, labels)
    order, group = np.unique(names, return_inverse=True)
    group = group.reshape(-1).astype(np.intp)
    at_work: list[_Label] = []
    counted = np.zeros(len(rows), dtype=bool)
    of_label = []
    for number in range(len(order)):
        own = np.flatnonzero(group == number)
        # equal embeddings count once: copies of an image are no evidence of anything
        _, first, place = np.unique(rows[own], axis=0, return_index=True, return_inverse=True)
        counted[own[first]] = True
        of_label.append((own, own[first], place.reshape(-1)))
    space = shared_space(rows, group, counted)
    for number, (own, first, place) in enumerate(of_label):
        progress(number, len(order), "labels judged")
        name = str(order[number])
        given = (candidates or {}).get(name)
        at_work.append(_weighed(name, own, first, place, space, given, len(order)))
    progress(len(order), len(order), "labels judged")
    usual = usual_strength([w.cut.strength for w in at_work if w.cut is not None])
    found = [_decided(work, space, usual) for work in at_work]
    return _report(found, space, group)


def _checked(
    X: NDArray[Any], labels: Sequence[Any] | NDArray[Any] | None
) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    rows = np.asarray(X, dtype=np.float32)
    if rows.ndim != 2 or not rows.size:
        raise UsageError(
            f"Embeddings must be (items, width), not of shape {rows.shape}.",
            hint="Give one row per item, and at least one.",
        )
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        raise UsageError(
            f"{int(bad.sum())} of {len(rows)} embeddings hold NaN or infinity, "
            f"the first in row {int(bad.argmax())}.",
            hint="Leave those items out.",
        )
    if labels is None:
        return rows, np.full(len(rows), NO_LABEL)
    names = np.array([str(name) for name in labels])
    if len(names) != len(rows):
        raise UsageError(
            f"There are {len(rows)} embeddings and {len(names)} labels.",
            hint="Give one label per embedding.",
        )
    return rows, names


def _weighed(
    name: str,
    own: NDArray[np.intp],
    first: NDArray[np.intp],
    place: NDArray[np.intp],
    space: NDArray[np.float32],
    given: Candidates | None,
    n_labels: int,
) -> _Label:
    n = len(first)
    chosen = np.arange(n)
    if n > LARGEST_JUDGED:
        # the items are in an order of their own (np.unique), so every so-manieth is a fair sample
        chosen = np.unique(np.linspace(0, n - 1, LARGEST_JUDGED).astype(np.intp))
    if n < FEWEST or n_labels < 2:
        reason = "all alike" if n == 1 and len(own) > 1 else "too few items" if n < FEWEST else ""
        return _Label(name, own, first, place, chosen, None, reason)
    sampled = first[chosen]
    at = np.searchsorted(own, sampled)
    proposed = partition_cuts([p[at] for p in given.partitions] if given else [], len(chosen))
    return _Label(name, own, first, place, chosen, best_cut(space[sampled], list(proposed)), "")


def _decided(work: _Label, space: NDArray[np.float32], usual: float) -> _Judged:
    if work.cut is None:
        none = np.zeros(len(work.rows), dtype=np.intp)
        return _Judged(work.name, work.rows, none, 0.0, 1.0, work.reason)
    sampled = work.first[work.chosen]
    parts = parts_of(space[sampled], work.cut, usual)
    if len(sampled) < len(work.first):
        parts = _spread(parts, space[work.first], work.chosen)
    return _Judged(
        work.name,
        work.rows,
        parts[work.place],
        score(work.cut.strength, usual),
        work.cut.affinity,
        work.reason,
    )


def _spread(
    parts: NDArray[np.intp], rows: NDArray[np.float32], chosen: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Give the items that were not in the sample to the part they are most like."""
    n_parts = int(parts.max()) + 1
    means = np.stack([rows[chosen[parts == p]].mean(axis=0) for p in range(n_parts)])
    out = np.asarray((rows @ means.T).argmax(axis=1), dtype=np.intp)
    out[chosen] = parts
    return out


def _report(
    found: Sequence[_Judged], centred: NDArray[np.float32], group: NDArray[np.intp]
) -> SplitReport:
    n = len(centred)
    cluster = np.zeros(n, dtype=np.int32)
    part = np.zeros(n, dtype=np.intp)  # clusters numbered through the data set
    owner: list[int] = []
    for number, label in enumerate(found):
        cluster[label.rows] = label.parts
        part[label.rows] = label.parts + len(owner)
        owner += [number] * (int(label.parts.max()) + 1)
    owners = np.array(owner)
    affinity = group_affinities(centred, part, len(owner))
    near = nearest_elsewhere(centred, group, NEIGHBOURS)
    sums = np.zeros((len(owner), centred.shape[1]))
    np.add.at(sums, part, centred)
    counts = np.bincount(part, minlength=len(owner)).astype(np.float64)

    typicality = np.zeros(n, dtype=np.float32)
    probability = np.ones(n, dtype=np.float32)
    suspicion = np.zeros(n, dtype=np.float32)
    suggested = np.full(n, None, dtype=object)
    findings = []
    for number, label in enumerate(found):
        own, parts = label.rows, label.parts
        mine = np.flatnonzero(owners == number)
        likeness = _likeness(centred[own], sums[mine], counts[mine], parts)
        own_likeness = likeness[np.arange(len(own)), parts]
        typicality[own] = _ranks(own_likeness, parts)
        if len(mine) > 1:
            gap = own_likeness - np.where(
                np.arange(len(mine)) == parts[:, None], -np.inf, likeness
            ).max(axis=1)
            probability[own] = 1 / (1 + np.exp(-np.clip(gap / 0.05, -30, 30)))
        clusters = []
        for place, whole in enumerate(mine):
            members = own[parts == place]
            others = np.flatnonzero(owners != number)
            nearest, same, closeness = _nearest_label(affinity[whole], others, owners)
            suggests = place > 0 and same >= 0.5
            doubt = label.score if place > 0 else 0.0
            share = _outside_share(centred, own, members, near.similarity)
            rest = [w for w in mine if w != whole]
            gap_here = 1 - max((affinity[whole, w] for w in rest), default=1.0)
            clusters.append(
                ClusterFinding(
                    label=label.name,
                    cluster=place,
                    size=len(members),
                    suspicion=round(doubt, 4),
                    suggested_label=found[nearest].name if suggests else None,
                    suggested_probability=round(same, 4) if suggests else 0.0,
                    nearest_label=found[nearest].name if nearest >= 0 else None,
                    nearest_similarity=round(closeness, 4),
                    outside_share=round(share, 4),
                    gap=round(float(np.clip(gap_here, 0, 1)), 4),
                    stability=1.0,
                )
            )
            suspicion[members] = doubt
            if suggests:
                suggested[members] = found[nearest].name
        findings.append(_finding(label, clusters, group, near.index, found))
    _odd_items(found, near.index, near.similarity, centred, group, suspicion, suggested)
    ranked = sorted(findings, key=lambda f: (-f.split_score, f.label))
    return SplitReport(
        labels=tuple(ranked),
        cluster=cluster,
        cluster_probability=probability,
        typicality=typicality,
        suspicion=suspicion,
        suggested_label=suggested,
        notes=(),
    )


def _likeness(
    rows: NDArray[np.float32],
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    parts: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Mean similarity of each item to each part, itself left out; (n, parts)."""
    dots = rows @ sums.T
    here = np.arange(len(counts)) == parts[:, None]
    own = (rows.astype(np.float64) ** 2).sum(axis=1)[:, None]
    likeness: NDArray[np.float64] = (dots - here * own) / np.maximum(counts - here, 1)
    return likeness


def _ranks(values: NDArray[np.float64], parts: NDArray[np.intp]) -> NDArray[np.float32]:
    out = np.ones(len(values), dtype=np.float32)
    for part in np.unique(parts):
        inside = np.flatnonzero(parts == part)
        order = np.argsort(np.argsort(values[inside], kind="stable"), kind="stable")
        out[inside] = (order + 1) / len(inside)
    return out


def _nearest_label(
    affinities: NDArray[np.float64], others: NDArray[np.intp], owners: NDArray[np.intp]
) -> tuple[int, float, float]:
    """Return the nearest other label, how likely it is the same kind, and how alike they are."""
    if not len(others):
        return -1, 0.0, 0.0
    best = others[int(affinities[others].argmax())]
    alike = float(np.clip(affinities[best], -1, 1))
    same = 1 / (1 + np.exp(-(alike - SAME_KIND_AT) / SAME_KIND_SOFTNESS))
    return int(owners[best]), float(same), alike


def _outside_share(
    centred: NDArray[np.float32],
    own: NDArray[np.intp],
    members: NDArray[np.intp],
    elsewhere: NDArray[np.float32],
) -> float:
    """Share of members whose nearest item outside the cluster carries another label."""
    rest = np.setdiff1d(own, members)
    if not len(rest):
        return 1.0
    inside = np.concatenate(
        [
            (centred[block] @ centred[rest].T).max(axis=1)
            for block in np.array_split(members, 1 + len(members) * len(rest) // 10_000_000)
        ]
    )
    return float((elsewhere[members, 0] > inside).mean())


def _finding(
    label: _Judged,
    clusters: list[ClusterFinding],
    group: NDArray[np.intp],
    near: NDArray[np.intp],
    found: Sequence[_Judged],
) -> LabelFinding:
    rounded = round(label.score, 4)
    split = label.score >= SPLIT_AT
    verdict: Verdict = (
        "two kinds" if split else "perhaps two" if label.score >= PERHAPS_AT else "one kind"
    )
    return LabelFinding(
        label=label.name,
        size=len(label.rows),
        n_clusters=len(clusters),
        split_score=rounded,
        is_split=split,
        verdict=verdict,
        reason=label.reason,
        evidence=_evidence(label, clusters, group, near, found, verdict),
        clusters=tuple(clusters),
    )


def _evidence(
    label: _Judged,
    clusters: list[ClusterFinding],
    group: NDArray[np.intp],
    near: NDArray[np.intp],
    found: Sequence[_Judged],
    verdict: Verdict,
) -> str:
    if label.reason == "too few items":
        return "Too few images to tell."
    if label.reason == "all alike":
        return "All images are the same."
    if verdict == "one kind":
        return "One even group." if label.affinity > 0.6 else "One group, a varied one."
    if verdict == "perhaps two":
        return sentence("one group so far", apart(label.affinity))
    odd = clusters[1]
    if odd.nearest_label is None:
        return sentence(apart(label.affinity))
    target = next(i for i, other in enumerate(found) if other.name == odd.nearest_label)
    first = near[label.rows, 0]
    closest = (first >= 0) & (group[first] == target)
    inside = label.parts == 1
    return sentence(
        sits_closest(
            int(closest[inside].sum()),
            int(inside.sum()),
            odd.nearest_label,
            int(closest[~inside].sum()),
            int((~inside).sum()),
        )
        if closest[inside].mean() > 0.3
        else f"{odd.size} of {len(label.rows)} are like no other label",
        apart(label.affinity),
    )


def _odd_items(
    found: Sequence[_Judged],
    near: NDArray[np.intp],
    similarity: NDArray[np.float32],
    centred: NDArray[np.float32],
    group: NDArray[np.intp],
    suspicion: NDArray[np.float32],
    suggested: NDArray[np.object_],
) -> None:
    """Single items that lie among another label: vote of the nearest items of all labels."""
    for number, label in enumerate(found):
        own = label.rows
        if len(own) > LARGEST_JUDGED or near[own[0], 0] < 0:
            continue
        cells = centred[own] @ centred[own].T
        np.fill_diagonal(cells, -np.inf)
        k = NEIGHBOURS
        mine = -np.sort(-cells, axis=1)[:, :k]
        both = np.concatenate((mine, similarity[own]), axis=1)
        whose = np.concatenate(
            (np.full(mine.shape, number), np.where(near[own] >= 0, group[near[own]], -1)), axis=1
        )
        best = np.argsort(-both, axis=1, kind="stable")[:, :k]
        votes = np.take_along_axis(whose, best, axis=1)
        for item, row in zip(own, votes, strict=True):
            names, counts = np.unique(row[row >= 0], return_counts=True)
            against = counts * (names != number)
            top = int(against.argmax())
            share = against[top] / k
            if share > suspicion[item]:
                suspicion[item] = share
                if share >= 0.6 and suggested[item] is None:
                    suggested[item] = found[names[top]].name
