"""Neighbours in trees: as good as the exact ones, nearly."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.arrays import unit_rows
from embeddings.neighbors import near_points, nearest_of_others
from embeddings.neighbors import rp_forest as forest
from embeddings.neighbors.exact import nearest_elsewhere, nearest_points


def rows(n: int, width: int = 24, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(40, width))
    return unit_rows(centres[rng.integers(0, 40, n)] + 0.6 * rng.normal(size=(n, width)))


@pytest.fixture
def small_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "EXACT_UP_TO", 100)
    monkeypatch.setattr(forest, "LEAF", 128)
    monkeypatch.setattr(forest, "WIDTH", 24)


@pytest.mark.usefixtures("small_trees")
def test_trees_find_nearly_all_neighbours() -> None:
    X = rows(3000)
    groups = np.arange(3000)
    near, exact = nearest_of_others(X, groups, 10), nearest_elsewhere(X, groups, 10)
    pairs = zip(near.index, exact.index, strict=True)
    assert np.mean([len({*a} & {*b}) / 10 for a, b in pairs]) > 0.85
    assert (near.index[:, 0] == exact.index[:, 0]).mean() > 0.93
    assert (np.diff(near.similarity, axis=1) <= 0).all()
    direct = (X[:, None] * X[near.index]).sum(axis=2)
    np.testing.assert_allclose(near.similarity, direct, atol=1e-5)
    assert all(len(set(found)) == 10 for found in near.index.tolist())


@pytest.mark.usefixtures("small_trees")
def test_trees_find_the_nearest_points_of_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "_BLOCK_CELLS", 100_000)  # as many as of a large label
    X = rows(3000) * np.float32(7) + np.float32(2)
    index, distance = near_points(X, 10)
    exact, as_far = nearest_points(X, 10)
    pairs = zip(index, exact, strict=True)
    assert np.mean([len({*a} & {*b}) / 10 for a, b in pairs]) > 0.8
    assert (np.diff(distance, axis=1) >= 0).all()
    assert np.median(distance / as_far) < 1.01


@pytest.mark.usefixtures("small_trees")
def test_no_item_of_its_own_group_is_a_neighbour() -> None:
    X = np.repeat(rows(200), 5, axis=0)
    groups = np.repeat(np.arange(200), 5)
    near = nearest_of_others(X, groups, 4)
    assert (groups[near.index] != groups[:, None])[near.index >= 0].all()


@pytest.mark.usefixtures("small_trees")
def test_equal_rows_and_one_group_come_through() -> None:
    X = np.tile(unit_rows(np.ones((1, 24))), (400, 1))
    near = nearest_of_others(X, np.zeros(400, dtype=np.intp), 3)
    assert (near.index == -1).all()
    assert np.isneginf(near.similarity).all()


@pytest.mark.usefixtures("small_trees")
def test_one_seed_one_result() -> None:
    X = rows(1000)
    one, other = (nearest_of_others(X, np.arange(1000), 5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.index, other.index)


@pytest.mark.usefixtures("small_trees")
def test_wide_rows_are_searched_narrowed_and_measured_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forest, "WIDTH", 16)
    X = rows(2000)
    near, exact = (f(X, np.arange(2000), 5) for f in (nearest_of_others, nearest_elsewhere))
    assert (near.index[:, 0] == exact.index[:, 0]).mean() > 0.6
    direct = (X[:, None] * X[near.index]).sum(axis=2)
    np.testing.assert_allclose(near.similarity, direct, atol=1e-5)


def test_small_sets_are_exact() -> None:
    X = rows(300)
    near = nearest_of_others(X, np.arange(300), 5)
    np.testing.assert_array_equal(near.index, nearest_elsewhere(X, np.arange(300), 5).index)
