"""From what was decided of each label to the records that people and files get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.neighbors import Neighbours, Wanted, nearest_within, search
from embeddings.records import (
    MORE_LIKELY_THAN_NOT,
    ClusterFinding,
    LabelFinding,
    Progress,
    SplitReport,
    Verdict,
    no_progress,
)
from embeddings.splits import wording
from embeddings.splits.cut_statistics import Groups, measured
from embeddings.splits.file_styles import nearly_the_same, style_apart
from embeddings.splits.scoring import PERHAPS_AT

NEIGHBOURS = 10  # nearest items that are asked about a single item
# Affinity at which a cluster is as likely as not the kind that another label shows: parts of one
# kind lie above 0.9, other kinds of the data set hardly ever above 0.8.
SAME_KIND_AT = 0.85
SAME_KIND_SOFTNESS = 0.04
CERTAIN_SIDE = 0.05  # lead in mean similarity at which an item's side is quite certain
ODD_ITEM_AT = 0.6  # share of nearest items under one other label from which it is suggested
FITS_AT = 0.6  # affinity below which a cluster is surely no part of its nearest label
NAMED_AT = 0.3  # share of a cluster that must sit closest to a label for the sentence to name it


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided of one label.

    ``rows`` (m,) are its places in the data set, ``parts`` (m,) the cluster of each;
    ``affinity`` is that of the best cut's two sides.
    """

    name: str
    rows: NDArray[np.intp]
    parts: NDArray[np.intp]
    score: float
    affinity: float
    stability: float
    reason: str


@dataclass(frozen=True, slots=True)
class _World:
    """The data set as the report sees it; clusters are numbered through, ``owner`` by label.

    ``nearest`` is the cluster of another label with most affinity, -1 where there is none;
    ``near`` are the nearest items of other content, ``elsewhere`` the nearest of another label.
    ``place`` says which of the labels a name is.
    """

    labels: Sequence[Judged]
    space: NDArray[np.float32]
    group: NDArray[np.intp]
    cluster: NDArray[np.intp]
    owner: NDArray[np.intp]
    groups: Groups
    nearest: NDArray[np.intp]
    elsewhere: Neighbours
    near: Neighbours
    facts: Mapping[str, NDArray[np.float64]]
    place: Mapping[str, int]


def write_report(
    labels: Sequence[Judged],
    space: NDArray[np.float32],
    group: NDArray[np.intp],
    content: NDArray[np.intp],
    facts: Mapping[str, NDArray[np.float64]],
    notes: tuple[str, ...],
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> SplitReport:
    """Gather findings, and look at single items.

    Parameters
    ----------
    labels
        Every label, in the order of ``group``.
    space
        (n, d) float32 items in the shared space.
    group
        (n,) label of each item.
    content
        (n,) content of each item; copies are never asked about each other.
    facts
        Columns of ``styles.columns_of``, each (n,).
    notes
        Passed on.
    seed
        Of the neighbour search in large sets.
    progress
        Called as ``progress(done, total, what)``.
    """
    world = _world(labels, space, group, content, facts, seed, progress)
    n = len(space)
    typicality = np.ones(n, dtype=np.float32)
    probability = np.ones(n, dtype=np.float32)
    suspicion = np.zeros(n, dtype=np.float32)
    suggested = np.full(n, None, dtype=object)
    findings = []
    for number, label in enumerate(labels):
        likeness = _likeness(space[label.rows], label.parts)
        own = likeness[np.arange(len(label.rows)), label.parts]
        typicality[label.rows] = _ranks(own, label.parts)
        probability[label.rows] = _side_probability(likeness, label.parts)
        clusters = _clusters(world, number)
        for finding in clusters:
            members = label.rows[label.parts == finding.cluster]
            suspicion[members] = finding.suspicion
            if finding.suggested_label is not None:
                suggested[members] = finding.suggested_label
        findings.append(_finding(world, number, clusters))
    _odd_items(world, suspicion, suggested)
    return SplitReport(
        labels=tuple(sorted(findings, key=lambda f: (-f.split_score, f.label))),
        cluster=np.concatenate([label.parts for label in labels])[
            np.argsort(np.concatenate([label.rows for label in labels]), kind="stable")
        ].astype(np.int32),
        cluster_probability=probability,
        typicality=typicality,
        suspicion=suspicion,
        suggested_label=suggested,
        notes=notes,
        near=world.near.index,
    )


def _world(
    labels: Sequence[Judged],
    space: NDArray[np.float32],
    group: NDArray[np.intp],
    content: NDArray[np.intp],
    facts: Mapping[str, NDArray[np.float64]],
    seed: int,
    progress: Progress,
) -> _World:
    cluster = np.zeros(len(space), dtype=np.intp)
    owner: list[int] = []
    for number, label in enumerate(labels):
        cluster[label.rows] = label.parts + len(owner)
        owner += [number] * (int(label.parts.max()) + 1)
    owners = np.array(owner)
    groups = measured(space, cluster, len(owner))
    near, elsewhere = search(
        space, [Wanted(content, NEIGHBOURS), Wanted(group, 1)], seed=seed, progress=progress
    )
    nearest = groups.nearest_elsewhere(owners)
    place = {label.name: number for number, label in enumerate(labels)}
    return _World(
        labels, space, group, cluster, owners, groups, nearest, elsewhere, near, facts, place
    )


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
    """Return how surely each item belongs to its part rather than to the next."""
    if likeness.shape[1] < 2:
        return np.ones(len(parts), dtype=np.float32)
    rows = np.arange(len(parts))
    others = likeness.copy()
    others[rows, parts] = -np.inf
    lead = likeness[rows, parts] - others.max(axis=1)
    sure: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(lead / CERTAIN_SIDE, -30, 30)))
    return sure.astype(np.float32)


def _clusters(world: _World, number: int) -> list[ClusterFinding]:
    label = world.labels[number]
    mine = np.arange(*np.searchsorted(world.owner, (number, number + 1)))
    nearest = [_nearest_label(world, int(whole)) for whole in mine]
    split = len(mine) > 1
    # the odd one is the one that looks like another label; where none does, or all do, it is all
    # but the largest
    like_another = [same >= MORE_LIKELY_THAN_NOT for _, same, _ in nearest]
    main_is_odd = split and like_another[0] and not any(like_another[1:])
    findings = []
    for place, whole in enumerate(mine):
        at, same, alike = nearest[place]
        odd = split and (main_is_odd if place == 0 else not main_is_odd)
        suggests = odd and same >= MORE_LIKELY_THAN_NOT
        rest = mine[mine != whole]
        gap = 1 - float(world.groups.between(int(whole), rest).max()) if len(rest) else 0.0
        members = label.rows[label.parts == place]
        findings.append(
            ClusterFinding(
                label=label.name,
                cluster=place,
                size=len(members),
                suspicion=round(label.score, 4) if odd else 0.0,
                is_odd=odd,
                suggested_label=world.labels[at].name if suggests else None,
                suggested_probability=round(same, 4) if suggests else 0.0,
                nearest_label=world.labels[at].name if at >= 0 else None,
                nearest_similarity=round(alike, 4),
                outside_share=round(_outside_share(world, label.rows, members), 4),
                gap=round(float(np.clip(gap, 0, 1)), 4),
                stability=round(label.stability, 4),
            )
        )
    return findings


def _nearest_label(world: _World, whole: int) -> tuple[int, float, float]:
    """Return the nearest other label, how likely it is the same kind, and how alike they are."""
    best = world.nearest[whole]
    if best < 0:
        return -1, 0.0, 0.0
    alike = float(np.clip(world.groups.between(whole, best[None])[0], -1, 1))
    same = float(1 / (1 + np.exp(-(alike - SAME_KIND_AT) / SAME_KIND_SOFTNESS)))
    return int(world.owner[best]), same, alike


def _outside_share(world: _World, own: NDArray[np.intp], members: NDArray[np.intp]) -> float:
    """Return the share of members whose nearest item outside the cluster has another label."""
    rest = np.setdiff1d(own, members)
    if not len(rest):
        return 1.0
    inside = nearest_within(world.space[members], world.space[rest], 1).similarity[:, 0]
    return float((world.elsewhere.similarity[members, 0] > inside).mean())


def _finding(world: _World, number: int, clusters: list[ClusterFinding]) -> LabelFinding:
    label = world.labels[number]
    verdict: Verdict = (
        "two kinds"
        if label.score >= MORE_LIKELY_THAN_NOT
        else "perhaps two"
        if label.score >= PERHAPS_AT
        else "one kind"
    )
    odd = _odd_cluster(clusters)
    reason, aside = label.reason, ""
    if odd is not None and odd.suggested_label is None:
        reason, aside = _harmless(world, label, odd)
    return LabelFinding(
        label=label.name,
        size=len(label.rows),
        n_clusters=len(clusters),
        split_score=round(label.score, 4),
        is_split=label.score >= MORE_LIKELY_THAN_NOT,
        verdict=verdict,
        reason=reason,
        evidence=_evidence(world, number, clusters, odd, aside),
        clusters=tuple(clusters),
    )


def _odd_cluster(clusters: list[ClusterFinding]) -> ClusterFinding | None:
    """Return the largest of the odd clusters."""
    return next((f for f in clusters if f.is_odd), None)


def _harmless(world: _World, label: Judged, odd: ClusterFinding) -> tuple[str, str]:
    """Return why the clusters may be one kind after all, as a reason and a sentence, or empty."""
    inside = label.parts == odd.cluster
    name = wording.letter(odd.cluster)
    if nearly_the_same(world.space[label.rows[inside]]):
        return "near copies", wording.near_copies(name)
    columns = {fact: values[label.rows] for fact, values in world.facts.items()}
    how = style_apart(columns, inside, 1 - odd.gap)
    return ("two styles", wording.files_differ(name, how)) if how else (label.reason, "")


def _evidence(
    world: _World,
    number: int,
    clusters: list[ClusterFinding],
    odd: ClusterFinding | None,
    aside: str,
) -> str:
    label = world.labels[number]
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
    return wording.paragraph(_looks(world, number, odd), between, aside)


def _looks(world: _World, number: int, odd: ClusterFinding) -> str:
    """Say what a cluster looks like to those who know the other labels."""
    label, name = world.labels[number], wording.letter(odd.cluster)
    if odd.nearest_label is None:
        return wording.stands_apart(name, odd.size)
    target = world.place[odd.nearest_label]
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


def _odd_items(
    world: _World, suspicion: NDArray[np.float32], suggested: NDArray[np.object_]
) -> None:
    """Mark single items that lie among another label: a vote of their nearest items."""
    for number, label in enumerate(world.labels):
        own = label.rows
        if len(own) < 2 or len(world.labels) < 2:
            continue
        near = world.near.index[own]
        votes = np.where(near >= 0, world.group[near], number)
        # the commonest other label among the votes of each item
        same = (votes[:, :, None] == votes[:, None, :]).sum(axis=2) * (votes != number)
        top = same.argmax(axis=1)
        rows = np.arange(len(own))
        share = (same[rows, top] / votes.shape[1]).astype(np.float32)
        more = share > suspicion[own]
        suspicion[own[more]] = share[more]
        for row in np.flatnonzero(share >= ODD_ITEM_AT):
            if suggested[own[row]] is None:
                suggested[own[row]] = world.labels[int(votes[row, top[row]])].name
