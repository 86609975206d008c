"""Search by a picture of one's own."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import embeddings
from embeddings.errors import ImageError, MissingStageError, ModelError, UsageError
from embeddings.records import Batch, ModelSpec
from embeddings.retrieval import Query, model_of, nearest_to
from embeddings.retrieval import model as module
from embeddings.storage import EmbeddingStore, ShardRow
from embeddings.workspace import Info, ModelInfo, Workspace
from tests.embeddings.pipeline.test_run import Colours, draw


@pytest.fixture
def run(tmp_path: Path) -> tuple[Workspace, Path]:
    root = tmp_path / "photos"
    draw(root / "red", 12, (230, 40, 40), 1)
    draw(root / "green", 12, (40, 200, 40), 2)
    return embeddings.run(root, tmp_path / "ws", model=Colours()), root


def query(ws: Workspace) -> Query:
    return Query(Colours(), ws.store(Colours.fingerprint))


def test_a_picture_of_the_set_finds_itself_first(run: tuple[Workspace, Path]) -> None:
    ws, root = run
    before = sorted(path for path in ws.path.rglob("*"))
    items = ws.items()
    file_of = dict(zip(ws.keys(items), items["file"], strict=True))
    for file in ("red/003.png", "green/007.png"):
        found = query(ws).nearest((root / file).read_bytes(), 5)
        assert file_of[found.keys[0]] == file
        assert found.cosine[0] == pytest.approx(1, abs=1e-3)
        assert {file_of[key].split("/")[0] for key in found.keys} == {file.split("/")[0]}
    assert sorted(path for path in ws.path.rglob("*")) == before  # nothing is kept


def test_what_is_no_picture_is_refused(run: tuple[Workspace, Path], tmp_path: Path) -> None:
    ws, _ = run
    for bad in (b"", b"GIF89a", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + b"\0" * 99):
        with pytest.raises(ImageError):
            query(ws).nearest(bad, 5)
    with pytest.raises(ImageError, match="can't be read"):
        query(ws).nearest(tmp_path / "absent.png", 5)


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded(
    run: tuple[Workspace, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ws, root = run
    monkeypatch.setattr(module, "LARGEST_PICTURE", 20)
    with pytest.raises(ImageError, match="at most 0 MB"):
        query(ws).nearest(root / "red" / "000.png", 5)


def test_a_bomb_is_refused_by_its_header(run: tuple[Workspace, Path]) -> None:
    ws, _ = run
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    with pytest.raises(ImageError):
        query(ws).nearest(out.getvalue(), 5)


def test_a_model_without_an_answer_says_so(run: tuple[Workspace, Path]) -> None:
    class Broken(Colours):
        def extract(self, images: np.ndarray) -> Batch:
            return Batch(np.full((len(images), 12), np.nan, np.float32), None)

    ws, root = run
    with pytest.raises(ModelError, match="no finite embedding"):
        Query(Broken(), ws.store(Colours.fingerprint)).nearest(root / "red" / "000.png", 5)


def described(path: Path, model: ModelInfo | None) -> Workspace:
    return Workspace.create(path, Info("photos", "photos", True, "photos", model=model))


def test_the_model_must_be_that_of_the_run(tmp_path: Path) -> None:
    with pytest.raises(MissingStageError):
        model_of(described(tmp_path / "a", None))
    with pytest.raises(UsageError, match="ready-made"):
        model_of(described(tmp_path / "b", ModelInfo("given", "given", 4)))
    own = described(tmp_path / "c", ModelInfo("mine.onnx", "f" * 64, 4))
    with pytest.raises(UsageError, match="--model FILE"):
        model_of(own)
    with pytest.raises(UsageError, match="not the model that embedded this run"):
        model_of(own, ModelSpec("embedded"))


def test_nearest_goes_over_all_shards_and_skips_what_has_none(tmp_path: Path) -> None:
    store, rng = EmbeddingStore(tmp_path), np.random.default_rng(0)
    X = rng.normal(size=(30, 5)).astype(np.float32)
    for number in range(3):
        rows = [ShardRow(f"k{n}", X[n]) for n in range(number * 10, number * 10 + 10)]
        store.write(number, [*rows, ShardRow(f"bad{number}", None, reason="broken")], 5)
    asked = rng.normal(size=5).astype(np.float32)
    cosine = X @ asked / np.linalg.norm(X, axis=1) / np.linalg.norm(asked)
    order = np.argsort(-cosine)[:7]
    found = nearest_to(store, asked, 7)
    assert list(found.keys) == [f"k{n}" for n in order]
    np.testing.assert_allclose(found.cosine, cosine[order], atol=2e-3)
    assert nearest_to(EmbeddingStore(tmp_path / "none"), asked, 7).keys == ()
