"""What quantising and exporting do to a classifier."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError, UsageError

SIZE, WIDTH, CLASSES = 16, 12, 5
IMAGES = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def classifier() -> Any:
    """Scales inside; its scores are probabilities."""
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = layers.Conv2D(WIDTH, 3, padding="same", activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax", name="head")(x))


@pytest.fixture(scope="module")
def wanted(classifier: Any) -> np.ndarray:
    import keras

    pool = keras.Model(classifier.inputs[0], classifier.get_layer("pool").output)
    return np.asarray(pool(IMAGES.astype(np.float32)))


@pytest.fixture(scope="module")
def folder(classifier: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "saved"
    classifier.export(path, verbose=False)
    return path


def converted(folder: Path, *, input_type: str | None = None) -> bytes:
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
        if input_type is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (
                [image[None].astype(np.float32)] for image in IMAGES
            )
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.as_dtype(input_type)
            converter.inference_output_type = tf.as_dtype(input_type)
        return bytes(converter.convert())


def test_scaling_inside_is_seen(folder: Path, tmp_path: Path, wanted: np.ndarray) -> None:
    (tmp_path / "m.tflite").write_bytes(converted(folder))
    for file in (folder, tmp_path / "m.tflite"):
        extractor = backbones.load(str(file))
        np.testing.assert_allclose(extractor.extract(IMAGES).embeddings, wanted, atol=1e-4)
        assert any("0 to 255" in note for note in extractor.notes)


@pytest.mark.parametrize("kind", ["uint8", "int8"])
def test_quantised_in_and_out(folder: Path, tmp_path: Path, wanted: np.ndarray, kind: str) -> None:
    (tmp_path / "m.tflite").write_bytes(converted(folder, input_type=kind))
    extractor = backbones.load(str(tmp_path / "m.tflite"))
    assert any("quantised" in note for note in extractor.notes)
    batch = extractor.extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, wanted, atol=0.03 * np.abs(wanted).max() + 0.01)
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities.sum(axis=1), 1, atol=1e-5)
    alone = np.concatenate([extractor.extract(i[None]).embeddings for i in IMAGES])
    np.testing.assert_array_equal(batch.embeddings, alone)


def test_class_names_packed_into_the_file_are_read(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(converted(folder))
    with zipfile.ZipFile(file, "a") as pack:
        pack.writestr("labels.txt", "\n".join("abcde"))
    assert backbones.load(str(file)).classes == tuple("abcde")


def test_a_tensor_can_be_asked_for(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(converted(folder))
    for model in (file, folder):
        said = backbones.describe(str(model))
        assert (said.width, said.n_classes) == (WIDTH, CLASSES)
        other = next(c.name for c in said.candidates if len(c.shape) == 3)
        chosen = backbones.load(str(model), layer=other)
        assert chosen.fingerprint != backbones.load(str(model)).fingerprint
        with pytest.raises(UsageError, match="nothing"):
            backbones.load(str(model), layer="nothing")


def test_a_saved_model_that_touches_files_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    import tensorflow as tf

    class Nosy(tf.Module):  # type: ignore[misc,name-defined]
        @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32)])
        def __call__(self, x: Any) -> Any:
            tf.io.write_file(str(tmp_path / "written"), "here")
            return tf.reduce_mean(x, axis=[1, 2])

    module = Nosy()
    tf.saved_model.save(module, str(tmp_path / "nosy"), signatures=module.__call__)
    with pytest.raises(ModelError, match="WriteFile"):
        backbones.load(str(tmp_path / "nosy"))
    assert not (tmp_path / "written").exists()


def test_a_damaged_folder_is_said(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    with pytest.raises(ModelError, match="without saved_model"):
        backbones.load(str(broken))
    content = (folder / "saved_model.pb").read_bytes()
    (broken / "saved_model.pb").write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match="whole"):
        backbones.load(str(broken))
    (broken / "saved_model.pb").write_bytes(content)  # the variables are missing
    with pytest.raises(ModelError, match="whole"):
        backbones.load(str(broken))
