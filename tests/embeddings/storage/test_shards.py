"""Embeddings on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from embeddings import columns as c
from embeddings.storage import EmbeddingStore, ShardRow
from embeddings.storage.shards import shard_table


def row(key: str, *values: float, **rest: object) -> ShardRow:
    return ShardRow(key=key, embedding=np.array(values, np.float32), **rest)  # type: ignore[arg-type]


def test_a_matrix_comes_back_in_the_order_asked_for(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path / "m")
    store.write(0, [row("a", 1, 2), row("b", 3, 4)], 2)
    store.write(1, [ShardRow("c", None, c.UNREADABLE, "cut short"), row("d", 5, 6)], 2)
    got = store.matrix(["d", "a", "c", "a", "nobody"], 2)
    np.testing.assert_array_equal(got[[0, 1, 3]], [[5, 6], [1, 2], [1, 2]])
    assert np.isnan(got[[2, 4]]).all()
    assert store.done() == {"a", "b", "c", "d"}
    assert store.next_number() == 2
    assert store.facts().loc["c", c.REASON] == "cut short"


def test_a_shard_of_failures_alone_can_be_written(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    store.write(0, [ShardRow("x", None, c.UNREADABLE, "no")], 3)
    assert np.isnan(store.matrix(["x"], 3)).all()


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.integers(1, 4)),
        elements=st.floats(-(2.0**100), 2.0**100, width=32),
    )
)
def test_half_precision_is_used_only_where_it_keeps_three_digits(matrix: np.ndarray) -> None:
    rows = [ShardRow(str(i), v) for i, v in enumerate(matrix)]
    table = shard_table(rows, matrix.shape[1])
    back = table.column(c.EMBEDDING).combine_chunks().flatten().to_numpy()
    back = back.reshape(matrix.shape).astype(np.float64)
    scale = np.abs(matrix).max(axis=1, keepdims=True)
    assert (np.abs(back - matrix) <= 1e-3 * scale).all()


def test_a_store_without_a_folder_is_empty(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path / "none")
    assert store.done() == set()
    assert store.facts().empty
    assert store.matrix(["a"], 2).shape == (1, 2)
    assert store.next_number() == 0


def test_equal_rows_are_equal_bytes(tmp_path: Path) -> None:
    rows = [row("a", 1, 2, classes=(3, 1), probabilities=(0.75, 0.25))]
    files = [EmbeddingStore(tmp_path / n).write(0, rows, 2) for n in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_width_is_held(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broadcast"):
        EmbeddingStore(tmp_path).write(0, [row("a", 1, 2, 3)], 2)
