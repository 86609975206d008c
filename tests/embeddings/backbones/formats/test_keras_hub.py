"""Models of KerasHub: a preset's folder and its file give what KerasHub itself gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embeddings
from embeddings import backbones
from embeddings import columns as c
from embeddings.images import prepare
from tests.embeddings.photos import make_photos

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
    photos = make_photos(tmp_path / "photos", bat=3, cat=3)
    ws = embeddings.run(photos, tmp_path / "ws", model=str(path), second_look="none")
    frame = ws.manifest()
    readable = frame[frame[c.STATUS] == c.OK]
    seen = np.stack([prepare(photos / str(file), SIZE).pixels for file in readable[c.FILE]])
    wanted = np.asarray(model.backbone(seen.astype(np.float32) / 127.5 - 1))[:, 0]
    # what is stored is in half precision
    np.testing.assert_allclose(ws.embeddings(readable), wanted, rtol=1e-3, atol=1e-3)
