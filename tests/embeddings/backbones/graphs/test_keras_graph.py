"""Heads of Keras models in the shapes that people give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.backbones.graphs.keras_graph import flattened, graph_of, penultimate
from embeddings.errors import ModelError, UsageError

SIZE = 16
IMAGES = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def keras() -> Any:
    import keras

    keras.utils.set_random_seed(0)
    return keras


def body(keras: Any, x: Any) -> Any:
    return keras.layers.Conv2D(6, 3, activation="relu", name="conv")(x)


def found_in(model: Any) -> Any:
    return penultimate(graph_of(flattened(model)), None)


def test_sequential_with_a_built_in_softmax(keras: Any) -> None:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            layers.Conv2D(6, 3),
            layers.GlobalAveragePooling2D(name="pool"),
            layers.Dense(4, activation="softmax"),
        ]
    )
    found = found_in(model)
    assert (found.head.label, found.head.kind) == ("pool", "probabilities")
    assert found.tensor.shape[-1] == 6


@pytest.mark.parametrize("pool_first", [True, False])
def test_one_by_one_convolution(keras: Any, pool_first: bool) -> None:
    layers = keras.layers
    x = body(keras, inputs := keras.Input((SIZE, SIZE, 3)))
    if pool_first:
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Flatten()(layers.Conv2D(4, 1)(x))
    else:
        x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 1)(x))
    found = found_in(keras.Model(inputs, layers.Softmax()(x)))
    assert found.tensor.shape[-1] == 6
    assert found.scores.shape[-1] == 4


def test_a_dense_layer_with_an_activation_is_an_embedding(keras: Any) -> None:
    x = keras.layers.GlobalAveragePooling2D()(body(keras, i := keras.Input((SIZE, SIZE, 3))))
    model = keras.Model(i, keras.layers.Dense(9, activation="relu", name="neck")(x))
    found = found_in(model)
    assert found.scores is None
    assert (found.head.label, found.tensor.shape[-1]) == ("neck", 9)


def transfer(keras: Any, *, head_inside: bool) -> Any:
    """A model inside a model, both with a layer of the same name."""
    layers = keras.layers
    x = body(keras, inner_in := keras.Input((SIZE, SIZE, 3)))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    if head_inside:
        x = layers.Dense(4, name="head")(x)
    inner = keras.Model(inner_in, x, name="mobilenetv2_1.00_16")
    outer_in = keras.Input((SIZE, SIZE, 3))
    y = inner(layers.Rescaling(1 / 127.5, offset=-1, name="conv")(outer_in))
    if not head_inside:
        y = layers.Dense(4, name="head")(layers.Dropout(0.2)(y))
    return keras.Model(outer_in, layers.Activation("softmax")(y))


@pytest.mark.parametrize("head_inside", [True, False])
def test_models_inside_models_are_laid_open(keras: Any, tmp_path: Path, head_inside: bool) -> None:
    model = transfer(keras, head_inside=head_inside)
    wanted = np.asarray(model(IMAGES.astype(np.float32), training=False))
    inner = model.get_layer("mobilenetv2_1.00_16")
    pool = keras.Model(inner.inputs[0], inner.get_layer("pool").output)
    pooled = np.asarray(pool(IMAGES.astype(np.float32) / 127.5 - 1))
    model.save(tmp_path / "m.keras")

    extractor = backbones.load(str(tmp_path / "m.keras"))
    batch = extractor.extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, pooled, atol=1e-5)
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities, wanted, atol=1e-5)
    said = backbones.describe(str(tmp_path / "m.keras"))
    assert said.chosen == "pool"
    assert "mobilenetv2_1.00_16.conv" in {c.name for c in said.candidates}


def test_a_layer_inside_a_model_inside_can_be_asked_for(keras: Any, tmp_path: Path) -> None:
    transfer(keras, head_inside=False).save(tmp_path / "m.keras")
    asked = backbones.load(str(tmp_path / "m.keras"), layer="mobilenetv2_1.00_16.conv")
    assert asked.width == 6
    with pytest.raises(UsageError, match="pool"):
        backbones.load(str(tmp_path / "m.keras"), layer="nothing")


def test_arithmetic_of_keras_own_preprocessing_is_seen(keras: Any, tmp_path: Path) -> None:
    inputs = keras.Input((SIZE, SIZE, 3))
    x = keras.applications.mobilenet_v2.preprocess_input(inputs)
    x = keras.layers.GlobalAveragePooling2D()(body(keras, x))
    keras.Model(inputs, keras.layers.Dense(4)(x)).save(tmp_path / "m.keras")
    extractor = backbones.load(str(tmp_path / "m.keras"))
    assert any("0 to 255" in note for note in extractor.notes)


def test_a_normalisation_of_zero_to_one_is_told_from_one_of_pixels(
    keras: Any, tmp_path: Path
) -> None:
    for mean, wanted in ((0.45, "divided by 255"), (117.0, "0 to 255")):
        inputs = keras.Input((SIZE, SIZE, 3))
        x = keras.layers.Normalization(mean=mean, variance=1.0)(inputs)
        x = keras.layers.GlobalAveragePooling2D()(body(keras, x))
        keras.Model(inputs, keras.layers.Dense(4)(x)).save(tmp_path / "m.keras")
        assert any(wanted in n for n in backbones.load(str(tmp_path / "m.keras")).notes)


def test_the_networks_name_is_a_hint_that_is_said(keras: Any, tmp_path: Path) -> None:
    x = keras.layers.GlobalAveragePooling2D()(body(keras, i := keras.Input((SIZE, SIZE, 3))))
    model = keras.Model(i, keras.layers.Dense(4)(x), name="my_vgg16_classifier")
    model.save(tmp_path / "m.keras")
    notes = backbones.load(str(tmp_path / "m.keras")).notes
    assert any("BGR" in note and "my_vgg16_classifier" in note for note in notes)


def test_a_single_sigmoid_is_two_classes(keras: Any, tmp_path: Path) -> None:
    x = keras.layers.GlobalAveragePooling2D()(body(keras, i := keras.Input((SIZE, SIZE, 3))))
    model = keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))
    model.save(tmp_path / "m.keras")
    (tmp_path / "m.labels.txt").write_text("no\nyes", encoding="utf-8")
    extractor = backbones.load(str(tmp_path / "m.keras"), preprocess="raw")
    assert extractor.classes == ("no", "yes")
    batch = extractor.extract(IMAGES)
    assert batch.probabilities is not None
    wanted = np.asarray(model(IMAGES.astype(np.float32)))[:, 0]
    np.testing.assert_allclose(batch.probabilities[:, 1], wanted, atol=1e-6)


def test_a_fixed_batch_is_filled_up(keras: Any, tmp_path: Path) -> None:
    inputs = keras.Input((SIZE, SIZE, 3), batch_size=2)
    x = keras.layers.GlobalAveragePooling2D()(body(keras, inputs))
    keras.Model(inputs, keras.layers.Dense(4)(x)).save(tmp_path / "m.keras")
    batch = backbones.load(str(tmp_path / "m.keras")).extract(IMAGES)
    assert batch.embeddings.shape == (3, 6)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_code_is_run_only_when_allowed(keras: Any, tmp_path: Path, suffix: str) -> None:
    x = keras.layers.Lambda(lambda t: t / 2, output_shape=(SIZE, SIZE, 3))(
        i := keras.Input((SIZE, SIZE, 3))
    )
    x = keras.layers.GlobalAveragePooling2D()(body(keras, x))
    file = tmp_path / f"m.{suffix}"
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras.Model(i, keras.layers.Dense(4)(x)).save(file)
    with pytest.raises(ModelError, match="code"):
        backbones.load(str(file))
    assert backbones.load(str(file), allow_code=True).width == 6


def test_weights_alone_and_layers_of_ones_own_say_what_to_do(keras: Any, tmp_path: Path) -> None:
    class Mine(keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return x

    x = keras.layers.GlobalAveragePooling2D()(Mine()(i := keras.Input((SIZE, SIZE, 3))))
    model = keras.Model(i, keras.layers.Dense(4)(x))
    model.save(tmp_path / "m.keras")
    with pytest.raises(ModelError, match=r"layers of its own.*ONNX"):
        backbones.load(str(tmp_path / "m.keras"))
    model.save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ModelError, match="weights only"):
        backbones.load(str(tmp_path / "m.weights.h5"))


def test_other_inputs_than_square_rgb_are_refused(keras: Any, tmp_path: Path) -> None:
    for shape in ((16, 16, 1), (16, 12, 3), (5,)):
        inputs = keras.Input(shape)
        x = keras.layers.Flatten()(inputs)
        keras.Model(inputs, keras.layers.Dense(4)(x)).save(tmp_path / "m.keras")
        with pytest.raises(ModelError, match="takes"):
            backbones.load(str(tmp_path / "m.keras"))
