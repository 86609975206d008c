"""Models of KerasHub: a preset's folder and its file give what KerasHub itself gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from tests.embeddings.backbones.demo_runs import assert_stored

SIZE = 64
IMAGES = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def hub() -> Any:
    return pytest.importorskip("keras_hub", reason="needs the extra hub")


def classifier(hub: Any, activation: str | None) -> Any:
    import keras

    keras.utils.set_random_seed(0)
    backbone = hub.models.ViTBackbone(
        image_shape=(SIZE, SIZE, 3), patch_size=16, num_layers=2, num_heads=2, hidden_dim=32,
        mlp_dim=64,
    )  # fmt: skip
    converter = hub.layers.ViTImageConverter(image_size=(SIZE, SIZE), scale=1 / 127.5, offset=-1.0)
    return hub.models.ViTImageClassifier(
        backbone=backbone, num_classes=3, activation=activation,
        preprocessor=hub.models.ViTImageClassifierPreprocessor(image_converter=converter),
    )  # fmt: skip


@pytest.mark.parametrize("form", ["preset", "file"])
@pytest.mark.parametrize("activation", [None, "softmax"])
def test_a_classifier(hub: Any, tmp_path: Path, form: str, activation: str | None) -> None:
    model = classifier(hub, activation)
    path = tmp_path / ("vit" if form == "preset" else "vit.keras")
    model.save_to_preset(str(path)) if form == "preset" else model.save(path)
    pixels = IMAGES.astype(np.float32) / 127.5 - 1
    wanted = np.asarray(model.backbone(pixels))[:, 0]
    scores = np.asarray(model(pixels))
    extractor = backbones.load(str(path))
    batch = extractor.extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, wanted, atol=1e-3)
    assert batch.probabilities is not None
    assert (batch.probabilities.argmax(1) == scores.argmax(1)).all()
    assert any("own preprocessor" in note for note in extractor.notes)


def test_a_backbone_alone_is_an_encoder(hub: Any, tmp_path: Path) -> None:
    classifier(hub, None).backbone.save_to_preset(str(tmp_path / "vit"))
    extractor = backbones.load(str(tmp_path / "vit"))
    assert (extractor.width, extractor.extract(IMAGES).probabilities) == (32, None)
    assert "no classification head" in extractor.notes[0]


@pytest.mark.parametrize("form", ["preset", "file"])
def test_a_run_stores_what_the_framework_gives(hub: Any, tmp_path: Path, form: str) -> None:
    model = classifier(hub, None)
    path = tmp_path / ("vit" if form == "preset" else "vit.keras")
    model.save_to_preset(str(path)) if form == "preset" else model.save(path)

    def own(pixels: np.ndarray) -> Any:
        return np.asarray(model.backbone(pixels.astype(np.float32) / 127.5 - 1))[:, 0]

    assert_stored(tmp_path, path, SIZE, own)
