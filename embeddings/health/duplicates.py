"""Exact copies and near-copies, in particular under different labels.

Exact copies have the same hash of their bytes. Near-copies are searched for in two ways, neither of
which compares all pairs: perceptual hashes that agree in one of several random choices of their
bits (locality-sensitive hashing, Indyk & Motwani 1998), and nearest neighbours of the embeddings,
which also find what was cut out or recoloured. Each pair found is then verified on the two pictures
(``same_picture``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import Picked, Rows, blocks, principal
from embeddings.health import records as r
from embeddings.health.looks import BLANK_SPREAD
from embeddings.health.measures import PATCH
from embeddings.health.same_picture import likeness
from embeddings.neighbors import nearest_of_others
from embeddings.records import Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd

SAME_AT: Final = 0.9  # likeness of two pictures from which they are nearly the same
TABLES, BITS_EACH = 12, 20  # choices of bits; pairs 6 of 64 bits apart are found in 5 of 6 cases
LOOK_AHEAD: Final = 4  # pictures compared with each in a bucket: many equal ones make a chain
HASH_WITHIN: Final = 14  # bits apart at most, to be compared
NEAREST: Final = 2  # in embeddings
LEAST_SIMILAR: Final = 0.7  # cosine about the mean of all, to be compared
SUBSETS: Final = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation",
    "validation": "validation", "dev": "validation", "test": "test", "testing": "test",
}  # fmt: skip

Pairs = NDArray[np.intp]  # (p, 2), the smaller first, sorted


def subsets(items: pd.DataFrame) -> NDArray[np.object_]:
    """Return train, validation or test for each item, "" where it is not known.

    From a column ``split`` (or ``subset``) where there is one, else from a folder of that name in
    the path.
    """
    for name in ("split", "subset"):
        if name in items and items[name].fillna("").astype(str).str.strip().any():
            said = [str(v).strip().lower() for v in items[name].fillna("")]
            return np.array([SUBSETS.get(v, v) for v in said], dtype=object)
    folders = [PurePosixPath(str(f)).parts[:-1] for f in items[c.FILE]]
    named = [next((SUBSETS[p.lower()] for p in f if p.lower() in SUBSETS), "") for f in folders]
    return np.array(named, dtype=object)


def exact(items: pd.DataFrame) -> list[r.Finding]:
    """Find files whose bytes are the same."""
    readable = (items[c.STATUS] == c.OK).to_numpy()
    hashes = np.where(readable, items[c.SHA256].fillna("").to_numpy(dtype=object), "")
    _, number, count = np.unique(hashes.astype(str), return_inverse=True, return_counts=True)
    there = (count[number.reshape(-1)] > 1) & (hashes != "")
    groups = _groups_of(np.where(there, number.reshape(-1), c.NO_GROUP))
    return _by_where(items, groups, near=False)


def near_copies(
    items: pd.DataFrame,
    measures: pd.DataFrame,
    embeddings: Rows | None = None,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> NDArray[np.int32]:
    """Number the groups of pictures that are nearly the same: other files, sizes, cuts, colours.

    Parameters
    ----------
    items
        n rows with ``sha256``.
    measures
        n rows in the same order, ``phash``, ``patch`` and ``spread``, missing without thumbnail.
    embeddings
        (n, d), NaN rows where there is none; None looks at the hashes alone.
    seed
        Of the choices of bits, and of the neighbour search.
    progress
        Called as ``progress(done, total, what)``.

    Returns
    -------
    (n,) int32 number of the group of each item, in the order of their first items; -1 where no
    other picture is nearly the same.
    """
    numbers = np.full(len(items), c.NO_GROUP, dtype=np.int32)
    # one item for each content; blank pictures are all alike and have their own finding
    hashes = items[c.SHA256].fillna("").astype(str)
    first = ~hashes.duplicated().to_numpy() & (hashes != "").to_numpy()
    spread = measures["spread"].to_numpy(dtype=np.float64)
    places = np.flatnonzero(first & (np.nan_to_num(spread) > BLANK_SPREAD))
    if len(places) < 2:
        return numbers
    bits = measures["phash"].to_numpy()[places].astype(np.uint64)
    pairs = _by_hash(bits, seed)
    if embeddings is not None:
        pairs = _distinct(np.concatenate((pairs, _by_embedding(Picked(embeddings, places), seed))))
    patches = np.stack(
        [np.frombuffer(p, np.uint8).reshape(PATCH, PATCH) for p in
         measures["patch"].to_numpy()[places]]
    )  # fmt: skip
    alike = _verified(patches, pairs, progress)
    copies = hashes.groupby(hashes).indices
    groups = []
    for members in _joined(pairs[alike >= SAME_AT], len(places)):
        whole = [int(i) for m in members for i in copies[hashes.iloc[places[m]]]]
        groups.append(sorted(whole))
    for number, group in enumerate(sorted(groups)):
        numbers[group] = number
    return numbers


def near(items: pd.DataFrame, numbers: NDArray[np.int32]) -> list[r.Finding]:
    """Return the findings on near-copies, from the ``numbers`` of :func:`near_copies`."""
    return _by_where(items, _groups_of(numbers), near=True)


def _groups_of(numbers: NDArray[np.integer[Any]]) -> list[tuple[int, ...]]:
    """Return the places of each group, in the order of their numbers; -1 is in none."""
    places = np.flatnonzero(numbers >= 0)
    order = places[np.argsort(numbers[places], kind="stable")]
    cuts = np.flatnonzero(np.diff(numbers[order])) + 1
    return [tuple(int(i) for i in part) for part in np.split(order, cuts) if len(part)]


def _by_hash(bits: NDArray[np.uint64], seed: int) -> Pairs:
    """Pair the hashes that agree in a choice of bits and are near in the others."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(TABLES):
        mask = np.uint64(sum(1 << int(b) for b in rng.choice(64, BITS_EACH, replace=False)))
        key = bits & mask
        order = np.lexsort((bits, key))
        for step in range(1, LOOK_AHEAD + 1):
            one, other = order[:-step], order[step:]
            near = (key[one] == key[other]) & (
                np.bitwise_count(bits[one] ^ bits[other]) <= HASH_WITHIN
            )
            found.append(np.stack((one[near], other[near]), axis=1))
    return _distinct(np.concatenate(found))


def _by_embedding(embeddings: Rows, seed: int) -> Pairs:
    finite = [np.isfinite(block).all(axis=1) for _, block in blocks(embeddings)]
    there = np.flatnonzero(np.concatenate(finite))
    if len(there) < 2:
        return np.empty((0, 2), dtype=np.intp)
    rows = principal(Picked(embeddings, there))
    found = nearest_of_others(rows, np.arange(len(rows)), NEAREST, seed=seed)
    one = np.repeat(there, found.index.shape[1])
    kept = (found.similarity >= LEAST_SIMILAR).ravel()
    return np.stack((one[kept], there[found.index.ravel()[kept]]), axis=1)


def _distinct(pairs: Pairs) -> Pairs:
    return np.unique(np.sort(pairs, axis=1), axis=0) if len(pairs) else pairs


def _verified(patches: NDArray[np.uint8], pairs: Pairs, progress: Progress) -> NDArray[np.float32]:
    alike = np.empty(len(pairs), dtype=np.float32)
    block = 4096
    for start in range(0, len(pairs), block):
        progress(start, len(pairs), "near-duplicates")
        one, other = pairs[start : start + block].T
        alike[start : start + block] = likeness(patches[one], patches[other])
    progress(len(pairs), len(pairs), "near-duplicates")
    return alike


def _joined(pairs: Pairs, n: int) -> list[NDArray[np.intp]]:
    """Return the groups that pairs make."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not len(pairs):
        return []
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    members = np.unique(pairs)
    order = members[np.argsort(component[members], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(component[order])) + 1)


def _by_where(
    items: pd.DataFrame, groups: Sequence[tuple[int, ...]], *, near: bool
) -> list[r.Finding]:
    """Tell groups under different labels from those across train and test, and from the rest.

    Each group is reported once, where it matters most.
    """
    labels = items[c.LABEL].to_numpy(dtype=object)
    parts = subsets(items)
    across_labels, across_sets, rest = [], [], []
    for group in groups:
        if len({labels[i] for i in group} - {c.NO_LABEL}) > 1:
            across_labels.append(group)
        elif len({parts[i] for i in group} - {""}) > 1:
            across_sets.append(group)
        else:
            rest.append(group)
    told = (
        (r.NEAR_ACROSS_LABELS if near else r.SAME_ACROSS_LABELS, across_labels,
         "under different labels",
         "One of the labels may be wrong." if near else "So one of the labels is wrong."),
        (r.NEAR_ACROSS_SETS if near else r.SAME_ACROSS_SETS, across_sets,
         "in both train and test", "A test on them says nothing: they were learnt by heart."),
        (r.NEAR if near else r.SAME, rest, "there more than once",
         "Resized, cut or recoloured; they count double." if near else "They count double."),
    )  # fmt: skip
    found: list[r.Finding] = []
    for kind, where, what, evidence in told:
        members = [i for group in where for i in group]
        details = [
            ", ".join(sorted({str(labels[i]) for i in group})) for group in where for _ in group
        ]
        count, verb = r.titled(len(where), "picture is", "pictures are")
        title = f"{verb} {what}{', nearly the same' if near else ''} ({len(members):,} images)"
        found += r.finding(kind, members, details, (count, title), evidence, list(where))
    return found
