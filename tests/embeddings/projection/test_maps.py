from __future__ import annotations

import numpy as np
import pytest

from embeddings.errors import UsageError
from embeddings.projection import label_map, whole_map


def cloud(n: int, width: int = 20) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(n, width)).astype(np.float32)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_few_items_are_drawn_by_principal_axes(n: int) -> None:
    drawn = label_map(cloud(n), seed=0)
    assert drawn.xy.shape == (n, 2)
    assert drawn.xy.dtype == np.float32
    assert np.isfinite(drawn.xy).all()
    assert drawn.method == "principal axes"


def test_equal_items_lie_on_one_spot() -> None:
    drawn = label_map(np.repeat(cloud(1), 30, axis=0), seed=0)
    assert (drawn.xy == 0).all()


@pytest.mark.parametrize("n", [8, 12, 40])
def test_umap_is_framed_and_the_same_twice(n: int) -> None:
    rows = cloud(n)
    once, again = label_map(rows, seed=3), label_map(rows, seed=3)
    assert once.method == "umap"
    assert (once.xy == again.xy).all()
    assert np.abs(once.xy).max() <= 1 + 1e-5


def test_copies_lie_where_their_originals_lie() -> None:
    rows = np.concatenate((cloud(20), cloud(20)[:5]))
    xy = label_map(rows, seed=0).xy
    assert (xy[20:] == xy[:5]).all()


def test_whole_map_says_when_a_sample_is_drawn_first() -> None:
    rows = cloud(80, 60)
    everything = whole_map(rows, seed=0)
    some = whole_map(rows, seed=0, largest=50)
    assert everything.xy.shape == some.xy.shape == (80, 2)
    assert "50 items" in some.method


def test_nan_is_refused() -> None:
    rows = cloud(10)
    rows[3, 2] = np.nan
    with pytest.raises(UsageError, match="NaN"):
        label_map(rows, seed=0)
    with pytest.raises(UsageError, match="shape"):
        whole_map(np.zeros(5), seed=0)
