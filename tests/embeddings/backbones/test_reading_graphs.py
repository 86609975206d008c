"""A head is found, or said not to be found: scores are never taken for embeddings in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError
from tests.embeddings.backbones import zoo

# Several embeddings in 8 or 16 bits lie a few hundredths off those in full precision.
CLOSE = {"keras": 1e-4, "h5": 1e-4, "saved_model": 1e-4, "tflite": 1e-3}
# Each shape in one form with layers, one without, and one of TensorFlow Lite.
NOT_CONVERTED = {"argmax"}  # TensorFlow Lite has no operation for what Keras does before it


def relative_error(got: np.ndarray, wanted: np.ndarray) -> float:
    assert got.shape == wanted.shape
    return float(np.abs(got - wanted).max() / np.abs(wanted).max())


@pytest.mark.parametrize("form", ["keras", "saved_model", "tflite"])
@pytest.mark.parametrize("shape", zoo.CLASSIFIERS)
def test_the_penultimate_layer_is_read(tmp_path: Path, shape: str, form: str) -> None:
    if form == "tflite" and shape in NOT_CONVERTED:
        pytest.skip("TensorFlow Lite's converter has no operation for it")
    model = zoo.model_of(zoo.CLASSIFIERS[shape])
    extractor = backbones.load(str(zoo.saved(model, tmp_path, form)))
    batch = extractor.extract(zoo.IMAGES)
    assert relative_error(batch.embeddings, zoo.wanted(model)) < CLOSE[form]
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities.sum(axis=1), 1, atol=1e-4)
    assert any("0 to 255" in note for note in extractor.notes)


@pytest.mark.parametrize("form", ["keras", "saved_model", "tflite"])
@pytest.mark.parametrize("shape", zoo.ENCODERS)
def test_an_encoder_gives_its_output_and_no_classes(tmp_path: Path, shape: str, form: str) -> None:
    model = zoo.model_of(zoo.ENCODERS[shape])
    extractor = backbones.load(str(zoo.saved(model, tmp_path, form)))
    batch = extractor.extract(zoo.IMAGES)
    wanted = np.asarray(model(zoo.IMAGES.astype(np.float32)))
    assert relative_error(batch.embeddings, wanted) < CLOSE[form]
    assert batch.probabilities is None
    assert "no classification head" in extractor.notes[0]


@pytest.mark.parametrize("form", zoo.QUANTISED)
@pytest.mark.parametrize("shape", ["softmax_apart", "convolution_as_head", "several_labels"])
def test_quantised_models_are_read_as_others_are(tmp_path: Path, shape: str, form: str) -> None:
    """apache/tvm issue 5823, pull request 7736: float16 weights come out of DEQUANTIZE."""
    model = zoo.model_of(zoo.CLASSIFIERS[shape])
    batch = backbones.load(str(zoo.saved(model, tmp_path, form))).extract(zoo.IMAGES)
    assert relative_error(batch.embeddings, zoo.wanted(model)) < 0.06
    assert batch.probabilities is not None
    assert batch.probabilities.shape == (3, zoo.CLASSES)


def _unknown_to_the_search(x: Any) -> Any:
    import keras

    @keras.saving.register_keras_serializable("zoo")
    class Own(keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return x * 1.0

    return keras.layers.Softmax()(Own()(keras.layers.Dense(zoo.CLASSES)(zoo.features(x))))


def _narrow(x: Any) -> Any:
    import keras

    return keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.DepthwiseConv2D(3)(x))


@pytest.mark.parametrize("maker", [_unknown_to_the_search, _narrow])
def test_scores_whose_head_is_not_found_are_refused_and_a_layer_can_be_named(
    tmp_path: Path, maker: Any
) -> None:
    file = str(zoo.saved(zoo.model_of(maker), tmp_path, "keras"))
    for ask in (backbones.load, backbones.describe):
        with pytest.raises(ModelError, match=r"was not found.*no embeddings.*--layer"):
            ask(file)
    assert backbones.load(file, layer="pool").extract(zoo.IMAGES).embeddings.ndim == 2


def test_a_class_number_from_tensorflow_lite_is_gone_past(tmp_path: Path) -> None:
    import warnings

    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    model = zoo.model_of(zoo.CLASSIFIERS["plain"])
    given = tf.TensorSpec([1, zoo.SIZE, zoo.SIZE, 3], tf.float32)
    call = tf.function(lambda x: tf.argmax(model(x), axis=-1), input_signature=[given])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = [convert_variables_to_constants_v2(call.get_concrete_function())]
        converter = tf.lite.TFLiteConverter.from_concrete_functions(whole)
        (tmp_path / "m.tflite").write_bytes(converter.convert())
    batch = backbones.load(str(tmp_path / "m.tflite")).extract(zoo.IMAGES)
    assert relative_error(batch.embeddings, zoo.wanted(model)) < 1e-3


@pytest.mark.parametrize(
    "recipe", ["resnet50", "vgg16", "mobilenet_v2", "densenet", "efficientnet"]
)
def test_preprocessing_inside_is_read_from_what_it_does(tmp_path: Path, recipe: str) -> None:
    """Caffe's takes the channels apart; torch's subtracts by channel; tf's divides.

    KaimingHe/deep-residual-networks issue 5: BGR less its means. ry/tensorflow-resnet issue 19:
    these steps are part of the network in one form of it and not in the other.
    """
    import keras

    keras.utils.set_random_seed(0)
    pixels = keras.Input((zoo.SIZE, zoo.SIZE, 3))
    x = getattr(keras.applications, recipe).preprocess_input(pixels)
    model = keras.Model(pixels, keras.layers.Dense(5)(zoo.features(x)))
    extractor = backbones.load(str(zoo.saved(model, tmp_path, "keras")))
    if recipe == "efficientnet":  # which does nothing: the layer for it lies in the network
        assert any("assumed" in note for note in extractor.notes)
        return
    assert any("0 to 255" in note for note in extractor.notes)
    wanted = zoo.wanted(model)
    assert relative_error(extractor.extract(zoo.IMAGES).embeddings, wanted) < 1e-4


def test_learnt_means_of_batch_normalisation_tell_the_scale_of_pixels(tmp_path: Path) -> None:
    import keras

    for mean, variance, said in ((0.45, 0.05, "divided by 255"), (117.0, 3000.0, "0 to 255")):
        pixels = keras.Input((zoo.SIZE, zoo.SIZE, 3))
        first = keras.layers.BatchNormalization()
        model = keras.Model(pixels, keras.layers.Dense(5)(zoo.features(first(pixels))))
        first.moving_mean.assign([mean] * 3)
        first.moving_variance.assign([variance] * 3)
        extractor = backbones.load(str(zoo.saved(model, tmp_path, "keras")))
        assert any(said in note and "asks" in note for note in extractor.notes)
