"""Write the split report: findings for labels and clusters from what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.columns import NOISE
from embeddings.cross_check import CrossCheck
from embeddings.neighbors import Neighbours, nearest_within
from embeddings.records import (
    MORE_LIKELY_THAN_NOT,
    ClusterFinding,
    LabelFinding,
    SplitReport,
    Verdict,
)
from embeddings.splits import wording
from embeddings.splits.cutting import Groups, measured
from embeddings.splits.evidence import nearly_the_same, style_apart
from embeddings.splits.named_styles import NamedStyle, StyleCut, named_styles
from embeddings.splits.other_labels import (
    OFFERED_AT,
    Ground,
    Suggestion,
    find_merges,
    suggested,
    without_mutual,
)
from embeddings.splits.scoring import PERHAPS_AT

CERTAIN_SIDE = 0.05  # lead in mean similarity at which an item's side is quite certain
MAIN_ODD_AT = 0.9  # probability from which the largest cluster may be the odd one
LEAST_REST = 0.1  # share of the label that the other clusters must have for that, at least
FITS_AT = 0.6  # affinity below which a cluster does not belong to its nearest label
NAMED_AT = 0.3  # share of a cluster that must sit closest to a label for the sentence to name it


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided of one label.

    ``rows`` (m,) are its places in the data set, ``parts`` (m,) the cluster of each, -1 for
    strays; ``affinity`` is that of the best cut's two sides; ``style`` the cut that follows a
    style, where there is one.
    """

    name: str
    rows: NDArray[np.intp]
    parts: NDArray[np.intp]
    score: float
    affinity: float
    stability: float
    reason: str
    style: StyleCut | None = None


@dataclass(frozen=True, slots=True)
class World:
    """The data set as the report sees it; all arrays in its order.

    ``space`` (n, d) float32; ``group`` (n,) label; ``near`` the nearest items of other content,
    ``elsewhere`` the nearest of another label, ``near_labels`` (n, k) the labels of ``near``;
    ``facts`` columns of ``evidence.columns_of``. ``withheld``: the labels can't be told apart.
    """

    space: NDArray[np.float32]
    group: NDArray[np.intp]
    near: Neighbours
    elsewhere: Neighbours
    near_labels: NDArray[np.intp]
    check: CrossCheck
    accuracy: float
    facts: Mapping[str, NDArray[np.float64]]
    withheld: bool


@dataclass(frozen=True, slots=True)
class _Clusters:
    """The clusters of all labels, numbered over the data set.

    ``owner`` (c,) is the label of each and ``of_item`` (n,) the cluster of each item, -1 for
    strays; ``nearest`` (c,) the cluster of another label with most affinity, -1 for none.
    """

    labels: Sequence[Judged]
    owner: NDArray[np.intp]
    of_item: NDArray[np.intp]
    groups: Groups
    nearest: NDArray[np.intp]
    suggested: Sequence[Suggestion | None]
    place: Mapping[str, int]


def write_report(labels: Sequence[Judged], world: World, notes: tuple[str, ...]) -> SplitReport:
    """Gather the findings, and the suspicion of every item and cluster.

    Parameters
    ----------
    labels
        Every label, in the order of ``world.group``.
    world
        The data set.
    notes
        Passed on.
    """
    clusters = _clusters_of(labels, world)
    styles = named_styles([label.style for label in labels], world.facts)
    n = len(world.group)
    typicality = np.zeros(n, dtype=np.float32)
    probability = np.zeros(n, dtype=np.float32)
    cluster = np.full(n, NOISE, dtype=np.int32)
    suspicion = np.zeros(n, dtype=np.float32)
    suggested = np.full(n, None, dtype=object)
    findings = []
    main = []
    for number, label in enumerate(labels):
        inside = label.parts >= 0
        rows, parts = label.rows[inside], label.parts[inside]
        likeness = _likeness(world.space[rows], parts)
        own = likeness[np.arange(len(rows)), parts]
        typicality[rows] = _ranks(own, parts)
        probability[rows] = _side_probability(likeness, parts)
        cluster[rows] = parts
        found = _cluster_findings(clusters, world, number)
        for finding in found:
            members = rows[parts == finding.cluster]
            suspicion[members] = finding.suspicion
            if finding.suggested_label is not None:
                suggested[members] = finding.suggested_label
        belongs = [f.cluster for f in found if not f.is_odd]
        main.append(rows[parts == belongs[0]] if belongs else rows[:0])
        findings.append(_finding(clusters, world, number, found, styles[number]))
    names = [label.name for label in labels]
    own_suspicion = world.check.suspicion
    own_label = np.array([*names, None], dtype=object)[
        np.where(own_suspicion >= MORE_LIKELY_THAN_NOT, world.check.best, -1)
    ]
    merges = () if world.withheld else find_merges(names, world.space, main, world.accuracy)
    return SplitReport(
        labels=tuple(sorted(findings, key=lambda f: (-f.split_score, f.label))),
        cluster=cluster,
        cluster_probability=probability,
        typicality=typicality,
        suspicion=own_suspicion,
        suggested_label=own_label,
        cluster_suspicion=suspicion,
        cluster_suggested_label=suggested,
        stray=cluster == NOISE,
        merges=merges,
        notes=notes,
        near=world.near.index,
        check=world.check,
    )


def _clusters_of(labels: Sequence[Judged], world: World) -> _Clusters:
    of_item = np.full(len(world.group), -1, dtype=np.intp)
    owner: list[int] = []
    for number, label in enumerate(labels):
        of_item[label.rows] = np.where(label.parts >= 0, label.parts + len(owner), -1)
        owner += [number] * (int(label.parts.max()) + 1)
    owners = np.array(owner, dtype=np.intp)
    groups = measured(world.space, of_item, len(owner))
    nearest = groups.nearest_elsewhere(owners)
    place = {label.name: number for number, label in enumerate(labels)}
    return _Clusters(
        labels, owners, of_item, groups, nearest, _suggestions(labels, world, owners), place
    )


def _suggestions(
    labels: Sequence[Judged], world: World, owner: NDArray[np.intp]
) -> list[Suggestion | None]:
    """Suggest labels for the clusters of divided labels; never two labels for each other."""
    main = np.zeros(len(world.group), dtype=bool)
    for label in labels:
        main[label.rows[label.parts == 0]] = True
    ground = Ground(
        world.space, world.group, world.near_labels, main, [label.rows for label in labels],
        world.check, world.accuracy,
    )  # fmt: skip
    found: list[Suggestion | None] = []
    if world.withheld:
        return [None] * len(owner)
    for number, label in enumerate(labels):
        several = label.parts.max() > 0
        for part in range(int(label.parts.max()) + 1):
            items = label.rows[label.parts == part]
            found.append(suggested(ground, number, items) if several else None)
    return without_mutual(found, owner)


def _likeness(rows: NDArray[np.float32], parts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the mean similarity of each item to each part, itself left out; (m, parts)."""
    n_parts = int(parts.max()) + 1
    here = np.arange(n_parts) == parts[:, None]
    counts = here.sum(axis=0)
    sums = here.T.astype(np.float64) @ rows
    own = (rows.astype(np.float64) ** 2).sum(axis=1)[:, None]
    likeness: NDArray[np.float64] = (rows @ sums.T - here * own) / np.maximum(counts - here, 1)
    return likeness


def _ranks(values: NDArray[np.float64], parts: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the rank of each value within its part, in (0, 1], 1 for the largest."""
    out = np.ones(len(values), dtype=np.float32)
    for part in range(int(parts.max()) + 1):
        inside = np.flatnonzero(parts == part)
        order = np.argsort(np.argsort(values[inside], kind="stable"), kind="stable")
        out[inside] = (order + 1) / len(inside)
    return out


def _side_probability(
    likeness: NDArray[np.float64], parts: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Return the probability that each item belongs to its part rather than to the next."""
    if likeness.shape[1] < 2:
        return np.ones(len(parts), dtype=np.float32)
    rows = np.arange(len(parts))
    others = likeness.copy()
    others[rows, parts] = -np.inf
    lead = likeness[rows, parts] - others.max(axis=1)
    sure: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(lead / CERTAIN_SIDE, -30, 30)))
    return sure.astype(np.float32)


def _cluster_findings(clusters: _Clusters, world: World, number: int) -> list[ClusterFinding]:
    label = clusters.labels[number]
    first, last = np.searchsorted(clusters.owner, (number, number + 1)).tolist()
    mine = list(range(first, last))
    split = len(mine) > 1
    sizes = [int((label.parts == place).sum()) for place in range(len(mine))]
    main_is_odd = split and _main_is_odd([clusters.suggested[whole] for whole in mine], sizes)
    findings = []
    for place, whole in enumerate(mine):
        at, alike = _nearest_label(clusters, whole)
        odd = split and (main_is_odd if place == 0 else not main_is_odd)
        offer = clusters.suggested[whole] if odd else None
        if offer is not None and offer.probability < OFFERED_AT:
            offer = None
        rest = np.array([other for other in mine if other != whole], dtype=np.intp)
        gap = 1 - float(clusters.groups.between(whole, rest).max()) if len(rest) else 0.0
        members = label.rows[label.parts == place]
        findings.append(
            ClusterFinding(
                label=label.name,
                cluster=place,
                size=len(members),
                suspicion=round(label.score, 4) if odd else 0.0,
                is_odd=odd,
                suggested_label=clusters.labels[offer.label].name if offer else None,
                suggested_probability=round(offer.probability, 4) if offer else 0.0,
                nearest_label=clusters.labels[at].name if at >= 0 else None,
                nearest_similarity=round(alike, 4),
                outside_share=round(_outside_share(world, label.rows, members), 4),
                gap=round(float(np.clip(gap, 0, 1)), 4),
                stability=round(label.stability, 4),
            )
        )
    return findings


def _main_is_odd(offers: Sequence[Suggestion | None], sizes: Sequence[int]) -> bool:
    """Say whether the largest cluster is odd: it alone shows the kind of another label.

    Where hardly any other items are left, it is not: then it is what the label means.
    """
    likely = [offer is not None and offer.probability >= OFFERED_AT for offer in offers]
    sure = offers[0] is not None and offers[0].probability >= MAIN_ODD_AT
    return sure and not any(likely[1:]) and sum(sizes[1:]) >= LEAST_REST * sum(sizes)


def _nearest_label(clusters: _Clusters, whole: int) -> tuple[int, float]:
    """Return the nearest other label, and how alike the cluster and its nearest cluster are."""
    best = clusters.nearest[whole]
    if best < 0:
        return -1, 0.0
    alike = float(np.clip(clusters.groups.between(whole, best[None])[0], -1, 1))
    return int(clusters.owner[best]), alike


def _outside_share(world: World, own: NDArray[np.intp], members: NDArray[np.intp]) -> float:
    """Return the share of members whose nearest item outside the cluster has another label."""
    rest = np.setdiff1d(own, members)
    if not len(rest):
        return 1.0
    inside = nearest_within(world.space[members], world.space[rest], 1).similarity[:, 0]
    return float((world.elsewhere.similarity[members, 0] > inside).mean())


def _finding(
    clusters: _Clusters,
    world: World,
    number: int,
    found: list[ClusterFinding],
    style: NamedStyle | None,
) -> LabelFinding:
    label = clusters.labels[number]
    verdict: Verdict = (
        "two kinds"
        if label.score >= MORE_LIKELY_THAN_NOT
        else "perhaps two"
        if label.score >= PERHAPS_AT
        else "one kind"
    )
    odd = _odd_cluster(found)
    reason, aside = label.reason, ""
    if odd is not None and odd.suggested_label is None:
        reason, aside = _harmless(world, label, odd)
    evidence = _evidence(clusters, world, number, found, odd, aside)
    if style is not None:
        evidence = wording.paragraph(evidence, style.sentence)
    return LabelFinding(
        label=label.name,
        size=len(label.rows),
        n_clusters=len(found),
        split_score=round(label.score, 4),
        is_split=label.score >= MORE_LIKELY_THAN_NOT,
        verdict=verdict,
        style=style.words if style is not None else "",
        style_group=style.group if style is not None else -1,
        n_strays=int((label.parts < 0).sum()),
        reason=reason,
        evidence=evidence,
        clusters=tuple(found),
    )


def _odd_cluster(clusters: list[ClusterFinding]) -> ClusterFinding | None:
    """Return the largest of the odd clusters."""
    return next((f for f in clusters if f.is_odd), None)


def _harmless(world: World, label: Judged, odd: ClusterFinding) -> tuple[str, str]:
    """Return why the clusters may be one kind after all, as a reason and a sentence, or empty."""
    inside = label.parts == odd.cluster
    name = wording.letter(odd.cluster)
    if nearly_the_same(world.space[label.rows[inside]]):
        return "near copies", wording.near_copies(name)
    columns = {fact: values[label.rows] for fact, values in world.facts.items()}
    how = style_apart(columns, inside, 1 - odd.gap)
    return ("two styles", wording.files_differ(name, how)) if how else (label.reason, "")


def _evidence(
    every: _Clusters,
    world: World,
    number: int,
    clusters: list[ClusterFinding],
    odd: ClusterFinding | None,
    aside: str,
) -> str:
    label = every.labels[number]
    if label.reason == "too few items":
        return "Too few images to tell."
    if label.reason == "all alike":
        return "All images are the same."
    if odd is None:
        return "One even group." if label.affinity > 0.5 else "One group, a varied one."
    main, *further = [f for f in clusters if f.cluster != odd.cluster]
    if further:
        letters = [wording.letter(f.cluster) for f in further]
        between = wording.more_parts(letters, [f.size for f in further])
    else:
        one, other = sorted((odd.cluster, main.cluster))
        between = wording.apart(
            1 - odd.gap,
            wording.letter(one),
            wording.letter(other),
            sure=label.score >= MORE_LIKELY_THAN_NOT,
        )
    return wording.paragraph(_looks(every, world, number, odd), between, aside)


def _looks(every: _Clusters, world: World, number: int, odd: ClusterFinding) -> str:
    """Say in a sentence which other label a cluster looks like."""
    label, name = every.labels[number], wording.letter(odd.cluster)
    if odd.nearest_label is None:
        return wording.stands_apart(name, odd.size)
    target = every.place[odd.nearest_label]
    inside = label.parts == odd.cluster
    first = world.elsewhere.index[label.rows, 0]
    closest = (first >= 0) & (world.group[first] == target)
    if closest[inside].mean() < NAMED_AT:
        return wording.like_no_other(name, odd.size)
    seen = wording.sits_closest(
        name,
        int(closest[inside].sum()),
        odd.size,
        odd.nearest_label,
        int(closest[~inside].sum()),
        len(inside) - odd.size,
    )
    doubt = odd.suggested_label is None and odd.nearest_similarity < FITS_AT
    return wording.paragraph(seen, wording.fits_none(name) if doubt else "")
