"""A frozen function says what the model says, for any number of images, in one trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embeddings.backbones import SCALINGS
from embeddings.backbones.runtime import keras_extractor, threads
from embeddings.backbones.runtime.keras_extractor import KerasExtractor
from embeddings.backbones.runtime.preprocess import scale, scaled
from embeddings.records import Pace

SIZE = 24


@pytest.fixture(scope="module")
def model() -> Any:
    """Convolution and normalisation with statistics of its own, pooled."""
    import keras

    keras.utils.set_random_seed(1)
    layers = keras.layers
    inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(8, 3, use_bias=False)(inputs)
    norm = layers.BatchNormalization()
    x = layers.ReLU()(norm(x))
    x = layers.GlobalAveragePooling2D()(x)
    rng = np.random.default_rng(0)
    norm.set_weights([rng.uniform(0.5, 2, 8).astype(np.float32) for _ in range(4)])
    return keras.Model(inputs, [x, layers.Dense(5, activation="softmax")(x)])


def extractor(model: Any) -> KerasExtractor:
    return KerasExtractor(
        model, name="m", fingerprint="f", input_size=SIZE, scaling="-1..1",
        scores="probabilities", classes=None, notes=(),
    )  # fmt: skip


def pictures(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.mark.parametrize("most", [0, 10**9], ids=["variables", "constants"])
def test_it_says_what_the_model_says(
    model: Any, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras_extractor, "MOST_PARAMETERS", most)
    made = extractor(model)
    for n in (1, 3, 8):
        embeddings, probabilities = model(scale(pictures(n), "-1..1"), training=False)
        got = made.extract(pictures(n))
        np.testing.assert_allclose(got.embeddings, embeddings, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(got.probabilities, probabilities, rtol=1e-4, atol=1e-5)


def test_another_number_of_images_traces_nothing_anew() -> None:
    import keras

    traced = 0

    class Counting(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            nonlocal traced
            traced += 1
            return x

    inputs = keras.Input((SIZE, SIZE, 3))
    made = extractor(keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(Counting()(inputs))))
    before = traced
    for n in (2, 8, 8, 3):
        made.extract(pictures(n))
    assert traced == before


@pytest.mark.parametrize("how", SCALINGS)
def test_tensors_and_arrays_are_scaled_alike(how: Any) -> None:
    import tensorflow as tf

    x = pictures(2)
    inside = scaled(tf.cast(tf.constant(x), tf.float32), how).numpy()
    np.testing.assert_allclose(inside, scale(x, how), rtol=1e-6, atol=1e-6)


def test_a_batch_on_each_core_where_operations_have_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import tensorflow as tf

    threading = tf.config.threading
    monkeypatch.setattr(threads, "usable_cores", lambda: 6)
    monkeypatch.setattr(threading, "get_intra_op_parallelism_threads", lambda: 1)
    assert threads.pace().lanes == 6
    monkeypatch.setattr(threading, "get_intra_op_parallelism_threads", lambda: 0)
    assert threads.pace() == Pace()


def test_threads_that_can_not_be_set_any_more_are_left_and_that_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import tensorflow as tf

    def refuse(n: int) -> None:
        raise RuntimeError("cannot be modified after initialization")

    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", refuse)
    with caplog.at_level("INFO"):
        threads.one_core_a_batch()
    assert "stay as they are" in caplog.text
