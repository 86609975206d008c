"""Nearest neighbours against the plain way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings.neighbors import Nearest
from embeddings.neighbors import brute_index as nearest
from embeddings.neighbors.brute_index import best


def looked(X: NDArray[np.float32]) -> Nearest:
    return Nearest(X, np.zeros((len(X), 2), np.int32))


@given(st.integers(0, 1000), st.integers(2, 30))
def test_the_nearest_are_those_of_the_plain_way(seed: int, n: int) -> None:
    X = np.random.default_rng(seed).normal(size=(n, 6)).astype(np.float32)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    plain = unit @ unit[0]
    plain[0] = -np.inf
    found = best(looked(X).to(0), None, 3)
    np.testing.assert_allclose(plain[found], np.sort(plain)[::-1][: len(found)], atol=2e-3)
    assert 0 not in found


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    whole = looked(X).to(3)
    monkeypatch.setattr(nearest, "BLOCK", 7)
    np.testing.assert_allclose(looked(X).to(3), whole, atol=1e-6)


def test_what_has_no_embedding_is_no_answer() -> None:
    X = np.ones((4, 3), dtype=np.float32)
    X[1] = np.nan
    X[2] = 0
    assert best(looked(X).to(0), None, 9) == [3]
    assert best(looked(X).to(0), np.array([True, True, True, False]), 9) == []
