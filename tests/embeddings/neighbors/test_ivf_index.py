"""The index of nearest neighbours against looking at all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import unit_rows
from embeddings.neighbors import NearIndex, ensure_ivf_index
from embeddings.neighbors import ivf_index as near_index
from embeddings.neighbors.ivf_index import make_parts
from embeddings.storage import EmbeddingStore, MappedVectors, ShardRow

N, LABELS, WIDTH = 6000, 20, 48


def features() -> NDArray[np.float32]:
    """Labels of three modes each, in few true dimensions."""
    rng = np.random.default_rng(0)
    modes = rng.normal(size=(LABELS, 3, 8))
    low = modes[np.arange(N) % LABELS, rng.integers(0, 3, N)] + 0.4 * rng.normal(size=(N, 8))
    return np.maximum(low @ rng.normal(size=(8, WIDTH)), 0).astype(np.float32)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[NDArray[np.float32], NearIndex, Path]:
    folder = tmp_path_factory.mktemp("store")
    X = features()
    X[7] = np.nan
    store = EmbeddingStore(folder / "shards")
    for number, start in enumerate(range(0, N, 512)):
        rows = [
            ShardRow(str(i), None if i == 7 else X[i]) for i in range(start, min(N, start + 512))
        ]
        store.write(number, rows, WIDTH)
    keys = pa.array([str(i) for i in range(N)])
    parts = ensure_ivf_index(folder / "index", store, keys)
    index = NearIndex(parts, MappedVectors(store.files(), c.EMBEDDING), N)
    return X, index, folder


def test_it_finds_what_looking_at_all_finds(
    made: tuple[NDArray[np.float32], NearIndex, Path],
) -> None:
    X, index, _ = made
    unit = unit_rows(np.nan_to_num(X.astype(np.float16).astype(np.float32)))
    label = np.arange(N) % LABELS
    found = {"anywhere": 0, "inside": 0, "outside": 0}
    rows = np.random.default_rng(1).choice(np.arange(8, N), 60, replace=False)
    for row in rows.tolist():
        alike = unit @ unit[row]
        alike[[row, 7]] = -np.inf
        own = label == label[row]
        near = index.near(row, np.flatnonzero(own), 10)
        for kind, allowed in (("anywhere", True), ("inside", own), ("outside", ~own)):
            best = np.argsort(-np.where(allowed, alike, -np.inf))[:10]
            found[kind] += len({*best.tolist()} & {*getattr(near, kind)})
    assert found["inside"] == 600
    assert found["anywhere"] >= 590
    assert found["outside"] >= 570


def test_nearest_come_first_and_nothing_is_its_own_neighbour(
    made: tuple[NDArray[np.float32], NearIndex, Path],
) -> None:
    X, index, _ = made
    near = index.near(100, np.arange(0, N, LABELS), 10)
    unit = unit_rows(np.nan_to_num(X))
    for rows in (near.anywhere, near.inside, near.outside):
        assert len(set(rows)) == 10
        assert not {100, 7} & set(rows)
        assert (np.diff(unit[rows] @ unit[100]) <= 1e-3).all()
    assert all(row % LABELS == 0 for row in near.inside)
    assert not any(row % LABELS == 0 for row in near.outside)


def test_an_item_without_an_embedding_has_no_neighbours(
    made: tuple[NDArray[np.float32], NearIndex, Path],
) -> None:
    _, index, _ = made
    assert index.near(7, np.arange(10), 5) == near_index.Near([], [], [])
    assert index.lies(7) == (-1, -1)
    assert index.lies(600) == (1, 88)


def test_a_label_too_large_to_look_through_is_looked_for_in_the_cells(
    made: tuple[NDArray[np.float32], NearIndex, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, index, _ = made
    whole = index.near(100, np.arange(N), 10)
    monkeypatch.setattr(near_index, "MOST_SCANNED", 10)
    assert index.near(100, np.arange(N), 10).inside == whole.anywhere
    assert whole.outside == []


def test_it_is_made_once_and_the_same_again(
    made: tuple[NDArray[np.float32], NearIndex, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, folder = made
    store = EmbeddingStore(folder / "shards")
    keys = pa.array([str(i) for i in range(N)])
    again = ensure_ivf_index(folder / "again", store, keys)
    for file in (folder / "index").iterdir():
        assert file.read_bytes() == (folder / "again" / file.name).read_bytes()
    monkeypatch.setattr(near_index, "make_parts", None)
    np.testing.assert_array_equal(ensure_ivf_index(folder / "again", store, keys).row, again.row)


def test_where_nothing_can_be_written_it_is_made_and_said(
    made: tuple[NDArray[np.float32], NearIndex, Path], caplog: pytest.LogCaptureFixture
) -> None:
    _, index, folder = made
    (folder / "file").write_text("where a folder should be")
    keys = pa.array([str(i) for i in range(N)])
    parts = ensure_ivf_index(folder / "file" / "index", EmbeddingStore(folder / "shards"), keys)
    np.testing.assert_array_equal(parts.row, index.parts.row)
    assert "can't be kept" in caplog.text


def test_nothing_to_find_is_an_error() -> None:
    with pytest.raises(ValueError, match="no item"):
        make_parts(lambda number: np.zeros((0, 3), np.float32), np.full((4, 2), -1, np.int32))
