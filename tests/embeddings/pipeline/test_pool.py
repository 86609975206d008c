"""A pool of images without a label: embedded once, kept apart, and collected from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import embeddings
from embeddings import columns as c
from embeddings import pipeline
from embeddings.errors import SourceError, UsageError
from embeddings.records import Batch


class Colours:
    """Means of sixteen squares; counts what it was shown."""

    name, fingerprint = "colours", "c" * 64
    input_size, width, classes = 16, 48, None
    notes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.seen = 0

    def extract(self, images: np.ndarray) -> Batch:
        self.seen += len(images)
        x = images.astype(np.float32) / 255
        parts = x.reshape(len(x), 4, 4, 4, 4, 3).mean(axis=(2, 4)).reshape(len(x), -1)
        return Batch(parts, None)


def paint(folder: Path, n: int, colour: tuple[int, int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n):
        coarse = np.clip(rng.normal(colour, 40, (4, 4, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(coarse).resize((32, 32)).save(folder / f"{seed}-{number:03d}.png")


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path, embeddings.Workspace]:
    """Photos of two labels, a pool of both sorts, and the workspace of the photos."""
    photos, pool = tmp_path / "photos", tmp_path / "pool"
    paint(photos / "sea", 12, (40, 60, 200), 1)
    paint(photos / "wood", 12, (60, 160, 40), 2)
    paint(pool, 6, (40, 60, 200), 3)
    paint(pool / "more", 6, (60, 160, 40), 4)
    (pool / "broken.png").write_bytes((pool / "3-000.png").read_bytes()[:60])
    # one that the data set has already
    (pool / "known.png").write_bytes((photos / "sea" / "1-000.png").read_bytes())
    return photos, pool, embeddings.run(photos, tmp_path / "ws", model=Colours())


def test_what_is_like_a_label_is_collected_from_the_pool(made: tuple[Path, Path, Any]) -> None:
    _, pool, ws = made
    model = Colours()
    pipeline.embed_pool(ws.path, pool, model=model, batch_size=4)
    found = ws.collect(ws.items().query("label == 'sea'"), most=6)
    assert {Path(file).name for file in found["file"]} == {f"3-{n:03d}.png" for n in range(6)}
    assert set(found["source"]) == {"pool"}
    assert found["rank"].tolist() == list(range(1, 7))
    assert all(file.startswith("sea/") for file in found["like"])
    seen = model.seen
    pipeline.embed_pool(ws.path, pool, model=model, batch_size=4)
    assert model.seen == seen  # nothing is new
    paint(pool, 1, (40, 60, 200), 5)
    pipeline.embed_pool(ws.path, pool, model=model, batch_size=4)
    assert model.seen == seen + 4  # one batch
    assert len(ws.store(model.fingerprint).done()) == 24  # the pool lies apart


def test_a_run_takes_a_pool_too(made: tuple[Path, Path, Any]) -> None:
    photos, pool, ws = made
    again = embeddings.run(photos, ws.path, model=Colours(), pool=pool)
    assert len(again.collect("wood/2-000.png", most=3)) == 3


def test_items_without_a_label_are_a_pool(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    paint(photos / "sea", 12, (40, 60, 200), 1)
    paint(photos / "wood", 12, (60, 160, 40), 2)
    paint(photos, 5, (40, 60, 200), 3)
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours())
    found = ws.collect(ws.items().query("label == 'sea'"))
    assert sorted(found["file"]) == [f"3-{n:03d}.png" for n in range(5)]
    assert set(found["source"]) == {"data set"}


def test_without_a_pool_the_remedy_is_said(made: tuple[Path, Path, Any]) -> None:
    _, _, ws = made
    with pytest.raises(UsageError, match="nothing to collect from") as raised:
        ws.collect("sea/1-000.png")
    assert "--pool FOLDER" in str(raised.value.hint)


def test_a_pool_without_images_and_another_model_are_refused(
    made: tuple[Path, Path, Any], tmp_path: Path
) -> None:
    _, pool, ws = made
    (tmp_path / "nothing").mkdir()
    with pytest.raises(SourceError):
        pipeline.embed_pool(ws.path, tmp_path / "nothing", model=Colours())
    other = Colours()
    other.fingerprint = "d" * 64
    with pytest.raises(UsageError, match="not the model"):
        pipeline.embed_pool(ws.path, pool, model=other)
    with pytest.raises(UsageError, match="no items to collect for"):
        ws.collect(ws.items().iloc[:0])


def test_what_was_unreadable_in_the_data_set_is_not_asked_about(
    made: tuple[Path, Path, Any],
) -> None:
    photos, pool, ws = made
    (photos / "sea" / "cut.png").write_bytes((pool / "3-000.png").read_bytes()[:60])
    again = embeddings.run(photos, ws.path, model=Colours(), pool=pool)
    bad = again.items().query(f"{c.STATUS} != 'ok'")
    with pytest.raises(UsageError, match="None of these images has an embedding"):
        again.collect(bad)
