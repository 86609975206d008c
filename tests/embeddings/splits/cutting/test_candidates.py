from __future__ import annotations

import numpy as np
import pytest

from embeddings.errors import UsageError
from embeddings.splits import candidate_cuts


def two_kinds(a: int, b: int, width: int = 16) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(2, width)) * 3
    return np.concatenate(
        (centres[0] + rng.normal(size=(a, width)), centres[1] + rng.normal(size=(b, width)))
    )


def test_one_of_the_candidates_is_the_truth() -> None:
    found = candidate_cuts(two_kinds(40, 12), seed=0)
    truth = np.repeat([0, 1], [40, 12])
    assert len(found.names) == len(found.partitions)
    best = max(
        max(np.mean((p == c) == (truth == t)) for c in np.unique(p) for t in (0, 1))
        for p in found.partitions
    )
    assert best > 0.97


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_items_have_no_candidates(n: int) -> None:
    assert candidate_cuts(two_kinds(n, 0), seed=0).partitions == ()


def test_equal_items_have_no_candidates() -> None:
    assert candidate_cuts(np.ones((40, 4)), seed=0).partitions == ()


def test_equal_items_share_a_cluster_and_seeds_repeat() -> None:
    rows = two_kinds(20, 10)
    twice = np.concatenate((rows, rows))
    once, again = candidate_cuts(twice, seed=1), candidate_cuts(twice, seed=1)
    for p, q in zip(once.partitions, again.partitions, strict=True):
        assert (p == q).all()
        assert (p[:30] == p[30:]).all()


def test_nan_is_refused() -> None:
    with pytest.raises(UsageError, match="NaN"):
        candidate_cuts(np.full((10, 3), np.nan), seed=0)


def test_groups_are_looked_for_on_a_map_that_is_given() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 8)).astype(np.float32)
    low = np.concatenate([rng.normal(size=(40, 2)), rng.normal(size=(20, 2)) + 30])
    found = candidate_cuts(X, seed=0, low=low.astype(np.float32))
    dense = [p for p, name in zip(found.partitions, found.names, strict=True) if "umap" in name]
    assert dense
    for partition in dense:
        sides = [set(partition[rows]) - {-1} for rows in (slice(40), slice(40, 60))]
        assert not sides[0] & sides[1]
