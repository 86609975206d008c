"""Embeddings that are read in blocks."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from embeddings.arrays import Picked, StoredRows, blocks, rows_of, wide
from embeddings.errors import UsageError
from embeddings.label_errors import find_label_errors
from embeddings.projection.maps import whole_map
from embeddings.splits import find_splits


def kinds(n: int = 240) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    kind = np.arange(n) % 4
    X = (rng.normal(size=(4, 24))[kind] * 2 + rng.normal(size=(n, 24))).astype(np.float16)
    return X, np.array(["cat", "cat", "dog", "owl"])[kind]


@pytest.fixture
def stored(tmp_path: Path) -> StoredRows:
    X, _ = kinds()
    X.tofile(tmp_path / "rows.bin")
    return StoredRows(tmp_path / "rows.bin", X.shape, X.dtype)


def test_stored_rows_are_read_like_an_array(stored: StoredRows) -> None:
    X, _ = kinds()
    assert len(stored) == len(X)
    assert (stored[3:9] == X[3:9]).all()
    assert (stored[np.array([7, 1])] == X[[7, 1]]).all()
    assert (np.asarray(stored) == X).all()
    assert (pickle.loads(pickle.dumps(stored))[5:6] == X[5:6]).all()
    some = Picked(stored, np.array([9, 2, 4]))
    assert some.shape == (3, 24)
    assert (some[1:] == X[[2, 4]]).all()


def test_blocks_cover_every_row_once(stored: StoredRows) -> None:
    together = np.concatenate([block for _, block in blocks(stored, 50)])
    assert together.dtype == np.float32
    assert (together == np.asarray(stored)).all()


def test_a_file_gives_the_findings_of_an_array(stored: StoredRows) -> None:
    X, labels = kinds()
    one, other = find_splits(X, labels), find_splits(stored, labels)
    assert one.labels == other.labels
    assert (one.cluster == other.cluster).all()
    a = find_label_errors(X, labels, splits=one)
    b = find_label_errors(stored, labels, splits=other)
    assert (a.suspicion == b.suspicion).all()
    assert (whole_map(X, seed=0).xy == whole_map(stored, seed=0).xy).all()
    assert (whole_map(X, seed=0, largest=99).xy == whole_map(stored, seed=0, largest=99).xy).all()


def test_what_is_not_finite_is_counted() -> None:
    X = np.zeros((9000, 2), np.float32)
    X[[5000, 8000], 1] = np.nan
    with pytest.raises(UsageError, match=r"2 of 9000 .* first in row 5000"):
        rows_of(X)
    with pytest.raises(UsageError, match="shape"):
        rows_of(np.zeros((0, 3)))


def test_every_half_is_widened_to_the_same_number() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16).reshape(256, 256)
    finite = np.where(np.isfinite(every), every, np.float16(-0.0))
    assert (wide(finite).view(np.uint32) == finite.astype(np.float32).view(np.uint32)).all()
    assert np.array_equal(wide(every), every.astype(np.float32), equal_nan=True)
    assert wide(every[:, ::2]).tobytes() == wide(np.ascontiguousarray(every[:, ::2])).tobytes()
    assert wide(np.empty((0, 3), np.float16)).shape == (0, 3)
