"""Models that take a fixed number of images at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.backbones.runtime.batching import in_steps
from embeddings.backbones.runtime.graph_extractor import pooled


@given(st.integers(1, 20), st.sampled_from([None, 1, 3, 8]))
def test_every_row_comes_back_and_every_part_is_full(n: int, step: int | None) -> None:
    sizes = []

    def run(x: np.ndarray) -> list[np.ndarray]:
        sizes.append(len(x))
        return [x * 2, x[:, :1]]

    x = np.arange(n * 2, dtype=np.float32).reshape(n, 2) + 1
    double, first = in_steps(x, step, run)
    np.testing.assert_array_equal(double, x * 2)
    np.testing.assert_array_equal(first, x[:, :1])
    assert set(sizes) == {step or n}


@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 3, 5), (2, 9, 5), (2, 1, 5)])
def test_maps_are_averaged_over_their_places(shape: tuple[int, ...]) -> None:
    got = pooled(np.ones(shape, np.float16))
    assert got.shape == (2, 5)
    assert got.dtype == np.float32
