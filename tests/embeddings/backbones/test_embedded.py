"""The model in the box."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings import backbones
from embeddings.backbones import embedded
from embeddings.records import Extractor


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return backbones.load("embedded")


def test_it_is_small_and_complete(extractor: Extractor) -> None:
    assert embedded.WEIGHTS.stat().st_size <= 8_000_000
    assert extractor.input_size <= 160
    assert 128 <= extractor.width <= 512
    assert extractor.classes is not None
    assert len(extractor.classes) == embedded.N_CLASSES


def test_it_says_that_better_weights_exist(extractor: Extractor) -> None:
    assert any("ImageNet weights" in note for note in extractor.notes)


def test_an_image_does_not_depend_on_those_beside_it(extractor: Extractor) -> None:
    rng = np.random.default_rng(0)
    size = extractor.input_size
    images = rng.integers(0, 256, (8, size, size, 3), dtype=np.uint8)
    together = extractor.extract(images)
    alone = extractor.extract(images[3:4])
    np.testing.assert_allclose(together.embeddings[3], alone.embeddings[0], atol=1e-3)
    assert together.probabilities is not None
    np.testing.assert_allclose(together.probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_images_have_a_finite_embedding(extractor: Extractor, value: int) -> None:
    size = extractor.input_size
    batch = extractor.extract(np.full((1, size, size, 3), value, np.uint8))
    assert np.isfinite(batch.embeddings).all()
    assert np.abs(batch.embeddings).max() > 0
