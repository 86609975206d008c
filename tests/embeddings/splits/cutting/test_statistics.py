"""The nearest group of another label, without holding every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.splits.cutting import cut_kernel
from embeddings.splits.cutting import statistics as affinity
from embeddings.splits.cutting.statistics import group_affinities, measured


@pytest.mark.parametrize("cells", [1, 100, 10**6])
def test_the_nearest_is_that_of_all_pairs(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(affinity, "BLOCK_CELLS", cells)
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 6)).astype(np.float32)
    groups = rng.integers(-1, 40, 300)
    groups[:40] = np.arange(40)
    owner = np.sort(rng.integers(0, 12, 40))
    every = group_affinities(rows, groups, 40)
    found = measured(rows, groups, 40)
    others = np.where(owner[:, None] == owner, -np.inf, every)
    nearest = found.nearest_elsewhere(owner)
    assert nearest.tolist() == others.argmax(axis=1).tolist()
    for group in range(40):
        rest = np.delete(np.arange(40), group)
        np.testing.assert_allclose(found.between(group, rest), every[group, rest])


def test_one_owner_has_nobody_near() -> None:
    found = measured(np.eye(4, dtype=np.float32), np.arange(4), 4)
    assert found.nearest_elsewhere(np.zeros(4, dtype=np.intp)).tolist() == [-1] * 4


def test_pairs_of_many_groups_are_never_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    n = 6000
    rows = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    monkeypatch.setattr(affinity, "BLOCK_CELLS", 1_000_000)
    tracemalloc.start()
    try:
        measured(rows, np.arange(n), n).nearest_elsewhere(np.arange(n))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30 << 20  # all pairs would take 144 MB as float32


@given(st.integers(4, 60), st.integers(0, 1000), st.booleans())
def test_the_nearest_across_are_those_that_sorting_finds(n: int, seed: int, coarse: bool) -> None:
    rng = np.random.default_rng(seed)
    to_part, to_rest = rng.normal(size=(2, 6, n)).astype(np.float32)
    if coarse:  # many of the same value
        to_part, to_rest = np.round(to_part), np.round(to_rest)
    size = rng.integers(2, n // 2 + 1, 6)
    cuts = np.array([rng.permutation(n) < one for one in size])
    found = np.empty((2, 6))
    cut_kernel.nearest_across(cuts, to_part, to_rest, found)
    for k, cut in enumerate(cuts):
        rest = np.sort(to_part[k, ~cut])[-size[k] :]
        part = np.sort(to_rest[k, cut])[-max(1, size[k] // 3) :]
        assert np.allclose(found[:, k], [rest.mean(dtype=float), part.mean(dtype=float)])
