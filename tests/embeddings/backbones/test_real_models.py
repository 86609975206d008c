"""Real pretrained classifiers on a real photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings import backbones
from embeddings.engines import WorkItem, stream
from embeddings.images import prepare
from embeddings.records import Extracted, Extractor

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def photos(shared: Path) -> list[WorkItem]:
    files = sorted((shared / "data" / "photos").rglob("*.jpg"))[::600]
    return [WorkItem(file.stem, file) for file in files]


def embedded(extractor: Extractor, photos: list[WorkItem]) -> list[Extracted]:
    return list(stream(photos, extractor, decode=prepare, batch_size=4, threads=2))


@pytest.mark.parametrize(
    ("file", "width", "n_classes"),
    [
        ("mobilenetv2_imagenette10.keras", 1280, 10),
        ("tf2_mobilenet_v2_1.0_224_ptq.tflite", 1280, 1001),
        ("squeezenet1.1_embed512_logits.onnx", 512, 1000),
    ],
)
def test_the_same_photos_through_each_format(
    shared: Path, photos: list[WorkItem], file: str, width: int, n_classes: int
) -> None:
    if file.endswith(".onnx"):
        pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    path = str(shared / "models" / file)
    extractor = backbones.load(path)
    assert extractor.width == width
    assert backbones.describe(path).n_classes == n_classes
    results = embedded(extractor, photos)
    for result in results:
        assert result.embedding is not None
        assert result.embedding.shape == (width,)
        assert 0.05 < result.probabilities[0] <= 1
    backwards = embedded(extractor, photos[::-1])
    for one, same in zip(results, reversed(backwards), strict=True):
        np.testing.assert_array_equal(one.embedding, same.embedding)


def test_the_embedding_is_what_keras_gives_for_that_layer(
    shared: Path, photos: list[WorkItem]
) -> None:
    import keras

    file = shared / "models" / "mobilenetv2_imagenette10.keras"
    model = keras.models.load_model(file)
    both = keras.Model(model.inputs[0], [model.get_layer("avg_pool").output, model.output])
    extractor = backbones.load(str(file))
    assert extractor.classes is not None
    assert extractor.classes[0] == "tench"
    pixels = np.stack([prepare(p.path, extractor.input_size).pixels for p in photos])
    embeddings, probabilities = both.predict(pixels.astype(np.float32), verbose=0)
    for row, result in enumerate(embedded(extractor, photos)):
        np.testing.assert_allclose(result.embedding, embeddings[row], atol=1e-4)
        assert result.classes[0] == int(probabilities[row].argmax())
        np.testing.assert_allclose(result.probabilities[0], probabilities[row].max(), atol=1e-4)
