"""The compiled loops, beside the plain way to say the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from embeddings.arrays import distance_kernel
from embeddings.projection import layout_kernel
from embeddings.splits.cutting import cut_kernel


def test_distances_are_those_of_scipy() -> None:
    rows = np.random.default_rng(0).normal(size=(30, 8)).astype(np.float32)
    out = np.empty(30 * 29 // 2)
    distance_kernel.distances(rows @ rows.T, out)
    assert out == pytest.approx(pdist(rows.astype(np.float64)), rel=1e-4)


def test_agreeing_counts_the_nearest_on_ones_own_side() -> None:
    rng = np.random.default_rng(0)
    cuts = rng.random((7, 40)) < np.array([0.06, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])[:, None]
    nearest = np.array(
        [rng.choice(np.delete(np.arange(40), i), 5, replace=False) for i in range(40)]
    )
    out = np.zeros((2, 7), dtype=np.int64)
    cut_kernel.agreeing(cuts, nearest, out)
    for number, cut in enumerate(cuts):
        for row, side in enumerate((cut, ~cut)):
            most = min(5, int(side.sum()) - 1)
            assert out[row, number] == side[nearest[side][:, :most]].sum()


def test_a_layout_leaves_items_without_edges_where_they_are() -> None:
    xy = np.array([[0, 0], [1, 0], [5, 5]], dtype=np.float32)
    starts, ends = np.array([0, 1, 2, 2]), np.array([1, 0], dtype=np.int32)
    layout_kernel.lay_out(xy, starts, ends, np.ones(2, np.float32), 1.5, 10, 0, 1)
    assert xy[2].tolist() == [5, 5]
    assert np.linalg.norm(xy[0] - xy[1]) < 1
