"""The directions in which rows spread most."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.arrays import widest
from embeddings.arrays.pca import SMALL


@pytest.mark.parametrize(("n", "d"), [(40, 12), (12, 40), (4 * SMALL, 3 * SMALL)])
def test_they_are_those_of_a_full_decomposition(n: int, d: int) -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(n, d)) * np.geomspace(100, 1e-2, d)).astype(np.float32)
    axes = widest(rows, 5)
    exact = np.linalg.svd(rows.astype(np.float64), full_matrices=False)[2][:5].T
    assert np.abs((axes * exact).sum(axis=0)) == pytest.approx(1, abs=1e-3)
    assert axes.T @ axes == pytest.approx(np.eye(5), abs=1e-4)


def test_there_are_never_more_than_rows_or_columns() -> None:
    assert widest(np.ones((3, 7), np.float32), 50).shape == (7, 3)
    assert widest(np.ones((9, 2), np.float32), 50).shape == (2, 2)


@pytest.mark.parametrize("n", [10, 4 * SMALL])
def test_rows_of_nothing_have_axes_all_the_same(n: int) -> None:
    axes = widest(np.zeros((n, 3 * SMALL), np.float32), 4)
    assert np.isfinite(axes).all()


def test_a_direction_points_to_the_side_of_its_largest_entry() -> None:
    rows = np.random.default_rng(1).normal(size=(3 * SMALL, 3 * SMALL)).astype(np.float32)
    axes = widest(rows, 6)
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(6)] > 0).all()
    assert (widest(rows, 6) == axes).all()
