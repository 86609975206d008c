"""Embeddings by row out of shards, and the source of a real workspace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings import columns as c
from embeddings.errors import MissingStageError
from embeddings.export.common.scope import flagged
from embeddings.export.common.source import ShardReader, from_workspace
from embeddings.storage import EmbeddingStore, ShardRow, write_thumbnails
from embeddings.workspace import Info, ModelInfo, Workspace, folder_of_model
from tests.embeddings.export.making import make_source, picture, zoo


def row(key: str, value: float | None) -> ShardRow:
    embedding = None if value is None else np.full(3, value, np.float32)
    return ShardRow(key, embedding, status=c.OK if value is not None else c.UNREADABLE)


def test_rows_come_from_their_shards_in_the_order_asked(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    store.write(0, [row("a", 1), row("bad", None), row("b", 2)], 3)
    store.write(1, [row("c", 3), row("d", 1e-5)], 3)
    keys = ["d", "bad", "a", "nowhere", "b", "a", "c"]
    reader = ShardReader(store, keys, 3)
    rows = np.array([6, 5, 0, 1, 2, 3, 4])
    np.testing.assert_array_equal(reader(rows), store.matrix([keys[r] for r in rows], 3))
    np.testing.assert_array_equal(reader(rows[:2])[:, 0], [3, 1])
    assert reader(rows[:0]).shape == (0, 3)


def test_no_shards(tmp_path: Path) -> None:
    reader = ShardReader(EmbeddingStore(tmp_path), ["a"], 3)
    assert np.isnan(reader(np.array([0]))).all()


@pytest.mark.parametrize("folder", ["images", "elsewhere"])
def test_images_outside_the_root_are_not_there(tmp_path: Path, folder: str) -> None:
    source = make_source(tmp_path / "images", ["in.jpg"], ["x"], images=True)
    (tmp_path / "elsewhere").mkdir()
    secret = tmp_path / folder / "secret.jpg"
    secret.write_bytes(b"x")
    (tmp_path / "images" / "link.jpg").symlink_to(secret)
    assert (source.image_path("link.jpg") is None) == (folder == "elsewhere")
    assert source.image_path("../elsewhere/secret.jpg") is None
    assert source.image_path("in.jpg") is not None


def test_a_workspace_is_a_source(tmp_path: Path) -> None:
    made = zoo(tmp_path / "images", images=True)
    store = EmbeddingStore(tmp_path / "ws" / "embeddings" / folder_of_model("fingerprint"))
    rows = np.arange(len(made.items), dtype=np.intp)
    shas = list(made.items[c.SHA256])
    matrix = made.embeddings(rows).astype(np.float16).astype(np.float32)
    store.write(0, [ShardRow(sha, m) for sha, m in zip(shas, matrix, strict=True)], made.width)
    write_thumbnails(tmp_path / "ws" / "thumbnails" / "0.arrow", shas[:1], [picture(0)])
    model = ModelInfo("made up", "fingerprint", made.width)
    info = Info("images", str(tmp_path / "images"), labelled=True, name="zoo", model=model)
    ws = Workspace.create(tmp_path / "ws", info)
    frames = {"items": made.items, "classes": made.classes, "clusters": made.clusters}
    ws.write_run("run", frames)
    source = from_workspace(ws)
    assert source.name == "zoo"
    np.testing.assert_array_equal(source.embeddings(rows[::-1]), matrix[::-1])
    np.testing.assert_array_equal(source.embeddings(rows), ws.embeddings(ws.items()))
    assert source.thumbnail(shas[0]) == picture(0)
    assert source.image_path("car/0.jpg") == (tmp_path / "images" / "car" / "0.jpg").resolve()
    decided = from_workspace(ws, ws.items().assign(**{c.DECISION: "keep"}))
    assert flagged(decided).all()


def test_a_workspace_without_embeddings_is_none(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path, Info("images", "images", labelled=True, name="zoo"))
    with pytest.raises(MissingStageError, match="rosette cluster"):
        from_workspace(ws)
