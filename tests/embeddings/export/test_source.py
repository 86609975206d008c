"""Embeddings by row out of shards, and the source of a real workspace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings import columns as c
from embeddings.export.source import ShardReader
from embeddings.shards import EmbeddingStore, ShardRow


def row(key: str, value: float | None) -> ShardRow:
    embedding = None if value is None else np.full(3, value, np.float32)
    return ShardRow(key, embedding, status=c.OK if value is not None else c.UNREADABLE)


def test_rows_come_from_their_shards_in_the_order_asked(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    store.write(0, [row("a", 1), row("bad", None), row("b", 2)], 3)
    store.write(1, [row("c", 3), row("d", 1e-5)], 3)
    keys = ["d", "bad", "a", "nowhere", "b", "a", "c"]
    reader = ShardReader(store.tables, keys, 3)
    rows = np.array([6, 5, 0, 1, 2, 3, 4])
    np.testing.assert_array_equal(reader(rows), store.matrix([keys[r] for r in rows], 3))
    np.testing.assert_array_equal(reader(rows[:2])[:, 0], [3, 1])
    assert reader(rows[:0]).shape == (0, 3)


def test_no_shards(tmp_path: Path) -> None:
    reader = ShardReader(EmbeddingStore(tmp_path).tables, ["a"], 3)
    assert np.isnan(reader(np.array([0]))).all()


@pytest.mark.parametrize("folder", ["images", "elsewhere"])
def test_images_outside_the_root_are_not_there(tmp_path: Path, folder: str) -> None:
    from tests.embeddings.export.making import make_source

    source = make_source(tmp_path / "images", ["in.jpg"], ["x"], images=True)
    (tmp_path / "elsewhere").mkdir()
    secret = tmp_path / folder / "secret.jpg"
    secret.write_bytes(b"x")
    (tmp_path / "images" / "link.jpg").symlink_to(secret)
    assert (source.image_path("link.jpg") is None) == (folder == "elsewhere")
    assert source.image_path("../elsewhere/secret.jpg") is None
    assert source.image_path("in.jpg") is not None
