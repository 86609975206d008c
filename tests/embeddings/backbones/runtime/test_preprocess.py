"""The scalings of pixels, against Keras' own."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.backbones import SCALINGS
from embeddings.backbones.runtime.preprocess import scale, scaling, scaling_of_range
from embeddings.errors import UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("ours", "keras_mode"), [("-1..1", "tf"), ("imagenet", "torch"), ("caffe", "caffe")]
)
def test_they_are_those_of_keras(ours: str, keras_mode: str) -> None:
    from keras.src.applications.imagenet_utils import preprocess_input

    wanted = preprocess_input(IMAGES.astype(np.float32), "channels_last", keras_mode)
    np.testing.assert_allclose(scale(IMAGES, scaling(ours)), wanted, atol=1e-4)
    assert scaling(ours) == ours


def test_aliases_and_plain_ones() -> None:
    assert scaling("tf") == "-1..1"
    assert scaling("torch") == "imagenet"
    np.testing.assert_array_equal(scale(IMAGES, "raw"), IMAGES)
    np.testing.assert_allclose(scale(IMAGES, "0..1") * 255, IMAGES, rtol=1e-6)
    with pytest.raises(UsageError, match="imagenet"):
        scaling("nonsense")


@pytest.mark.parametrize("how", SCALINGS)
def test_scaling_leaves_the_pixels_as_they_were(how: str) -> None:
    before = IMAGES.copy()
    assert scale(IMAGES, scaling(how)).dtype == np.float32
    np.testing.assert_array_equal(IMAGES, before)


def test_a_quantised_range_tells_its_scaling() -> None:
    assert scaling_of_range(-1.0, 1.0) == "-1..1"
    assert scaling_of_range(0.0, 0.996) == "0..1"
    assert scaling_of_range(0.0, 255.0) == "raw"
    assert scaling_of_range(-2.1, 2.6) == "imagenet"
    assert scaling_of_range(-5.0, 90.0) is None
