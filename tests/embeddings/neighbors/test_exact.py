from __future__ import annotations

import numpy as np
import pytest

from embeddings.arrays import unit_rows
from embeddings.neighbors import exact as neighbours
from embeddings.neighbors import nearest_by_products, nearest_within
from embeddings.neighbors.exact import nearest_elsewhere, nearest_points


def cloud(n: int, width: int = 7, seed: int = 0) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, width)))


def test_unit_rows_scale_to_one_and_leave_zeros() -> None:
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0], [1e-30, 0.0], [1e30, 1e30]]))
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 0, 1, 1], atol=1e-6)


@pytest.mark.parametrize("size", [1e-38, 1e-20, 1.0, 1e18, 1e38])
def test_rows_of_any_size_come_to_length_one(size: float) -> None:
    rows = (np.random.default_rng(0).normal(size=(20, 5)) * size).astype(np.float32)
    rows[::2] /= np.float32(3)
    assert np.linalg.norm(unit_rows(rows), axis=1) == pytest.approx(1, abs=1e-5)


def test_products_know_the_nearest_points() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    index, distance = nearest_points(rows, 7)
    again, as_far = nearest_by_products(rows @ rows.T, 7)
    assert (index == again).all()
    assert distance == pytest.approx(as_far, rel=1e-4)


def test_neighbours_are_those_of_a_full_matrix() -> None:
    rows, groups = cloud(60), np.arange(60) % 4
    found = nearest_elsewhere(rows, groups, 5)
    full = rows @ rows.T
    full[groups[:, None] == groups[None, :]] = -np.inf
    assert np.allclose(found.similarity, -np.sort(-full, axis=1)[:, :5], atol=1e-6)
    assert (groups[found.index] != groups[:, None]).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, groups = cloud(50), np.arange(50) % 3
    whole = nearest_elsewhere(rows, groups, 4)
    monkeypatch.setattr(neighbours, "BLOCK_CELLS", 120)
    blocks = nearest_elsewhere(rows, groups, 4)
    assert (whole.index == blocks.index).all()
    selves = nearest_within(rows, rows, 1, leave_self=True)
    assert (selves.index[:, 0] != np.arange(50)).all()


def test_places_that_cannot_be_filled_are_said() -> None:
    rows = cloud(4)
    found = nearest_elsewhere(rows, np.zeros(4, dtype=np.intp), 3)
    assert (found.index == -1).all()
    assert np.isneginf(found.similarity).all()
