"""Names of parts go beside the run, and to whoever reads its clusters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import embeddings
from embeddings import columns as c
from embeddings import pipeline
from embeddings.workspace import KIND_NAMES_FILE, Workspace
from tests.embeddings.pipeline.test_run import Colours, draw


class Fruit(Colours):
    """Sees red as strawberries and all else as tabbies, with the names of ImageNet."""

    fingerprint = "f4017" * 8
    classes = ("tabby, tabby cat", "strawberry")

    def extract(self, images: np.ndarray) -> embeddings.records.Batch:
        batch = super().extract(images)
        red = (images[..., 0].mean(axis=(1, 2)) > images[..., 2].mean(axis=(1, 2)) + 60).astype(
            np.float32
        )
        seen = np.stack([1 - red, red], axis=1) * 0.9 + 0.05
        return embeddings.records.Batch(batch.embeddings, seen.astype(np.float32))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    draw(root / "night", 20, (20, 20, 40), 1)
    draw(root / "red", 20, (230, 40, 40), 2)
    return root


def test_a_run_names_its_parts(photos: Path, tmp_path: Path) -> None:
    ws = embeddings.run(photos, tmp_path / "ws", model=Fruit())
    clusters = ws.clusters().set_index(c.LABEL)
    assert clusters.loc["red", c.KIND_NAME] == "strawberry"
    assert clusters.loc["red", c.KIND_COUNT] == clusters.loc["red", c.KIND_OF] == 20
    assert clusters.loc["night", c.KIND_NAME] == "tabby"
    before = (ws.run_folder / KIND_NAMES_FILE).read_bytes()
    pipeline.name(ws.path)
    assert (ws.run_folder / KIND_NAMES_FILE).read_bytes() == before


def test_without_a_head_or_names_nothing_is_named(photos: Path, tmp_path: Path) -> None:
    class Headless(Fruit):
        fingerprint = "f4018" * 8
        classes = None  # type: ignore[assignment]

    ws = embeddings.run(photos, tmp_path / "ws", model=Headless())
    assert ws.clusters()[c.KIND_NAME].isna().all()


def test_a_run_from_before_there_were_names_has_none(photos: Path, tmp_path: Path) -> None:
    ws = embeddings.run(photos, tmp_path / "ws", model=Fruit())
    (ws.run_folder / KIND_NAMES_FILE).unlink()
    clusters = Workspace.open(ws.path).clusters()
    assert clusters[c.KIND_NAME].isna().all()
    assert set(clusters[c.KIND_COUNT]) == {0}
