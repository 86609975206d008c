"""Every format of a small classifier made here: same embedding, found by itself."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError, UsageError

SIZE, WIDTH, CLASSES = 32, 12, 5


@pytest.fixture(scope="module")
def keras() -> Any:
    import keras

    return keras


@pytest.fixture(scope="module")
def classifier(keras: Any) -> Any:
    """A sequential-in-spirit classifier that scales inside and drops out before its head."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = layers.Conv2D(WIDTH, 3, strides=2, activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(CLASSES, name="head")(x)
    return keras.Model(inputs, layers.Activation("softmax")(x))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def wanted(keras: Any, classifier: Any, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both = keras.Model(
        classifier.inputs[0], [classifier.get_layer("pool").output, classifier.output]
    )
    embeddings, probabilities = both(images.astype(np.float32), training=False)
    return np.asarray(embeddings), np.asarray(probabilities)


@pytest.fixture(scope="module")
def files(classifier: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same classifier in every format that can be written here."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("models")
    paths = {s: folder / f"model.{s}" for s in ("keras", "h5", "tflite")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classifier.save(paths["keras"])
        classifier.save(paths["h5"])
        classifier.export(folder / "saved", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
        paths["tflite"].write_bytes(converter.convert())
    paths["saved"] = folder / "saved"
    return paths


@pytest.mark.parametrize(
    ("kind", "preprocess"), [("keras", None), ("h5", None), ("saved", None), ("tflite", "raw")]
)
def test_each_format_gives_the_same(
    files: dict[str, Path],
    images: np.ndarray,
    wanted: tuple[np.ndarray, np.ndarray],
    kind: str,
    preprocess: str | None,
) -> None:
    extractor = backbones.load(str(files[kind]), preprocess=preprocess)
    assert (extractor.width, extractor.input_size) == (WIDTH, SIZE)
    batch = extractor.extract(images)
    np.testing.assert_allclose(batch.embeddings, wanted[0], atol=1e-4)
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities, wanted[1], atol=1e-4)
    assert extractor.notes


def test_describe_names_the_layer_and_why(files: dict[str, Path]) -> None:
    said = backbones.describe(str(files["keras"]))
    assert said.chosen == "pool"
    assert "head" in said.why
    assert said.n_classes == CLASSES
    assert {"pool", "head"} <= {c.name for c in said.candidates}


def test_another_layer_is_another_model(files: dict[str, Path], images: np.ndarray) -> None:
    default = backbones.load(str(files["keras"]))
    other = backbones.load(str(files["keras"]), layer="conv")
    again = backbones.load(str(files["keras"]))
    assert other.width == WIDTH
    assert default.fingerprint == again.fingerprint != other.fingerprint
    np.testing.assert_allclose(  # a map is averaged, which is what the pool does
        other.extract(images).embeddings, default.extract(images).embeddings, atol=1e-5
    )


def test_a_layer_that_is_not_there_lists_the_likely_ones(files: dict[str, Path]) -> None:
    with pytest.raises(UsageError, match="pool"):
        backbones.load(str(files["keras"]), layer="nonsense")


def test_a_model_without_a_head_gives_its_output(
    keras: Any, classifier: Any, tmp_path: Path
) -> None:
    body = keras.Model(classifier.inputs[0], classifier.get_layer("pool").output)
    body.save(tmp_path / "body.keras")
    extractor = backbones.load(str(tmp_path / "body.keras"))
    assert extractor.width == WIDTH
    assert extractor.extract(np.zeros((1, SIZE, SIZE, 3), np.uint8)).probabilities is None
    assert "no classification head" in extractor.notes[0]


def test_a_scaling_is_assumed_aloud(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    inputs = keras.Input((SIZE, SIZE, 3))
    pooled = layers.GlobalAveragePooling2D()(inputs)
    keras.Model(inputs, layers.Dense(2)(pooled)).save(tmp_path / "plain.keras")
    extractor = backbones.load(str(tmp_path / "plain.keras"))
    assert any("assumed" in note for note in extractor.notes)
    white = np.full((1, SIZE, SIZE, 3), 255, np.uint8)
    np.testing.assert_allclose(extractor.extract(white).embeddings, 1, rtol=1e-6)
    told = backbones.load(str(tmp_path / "plain.keras"), preprocess="-1..1")
    np.testing.assert_allclose(told.extract(white * 0).embeddings, -1, rtol=1e-6)
    assert told.fingerprint != extractor.fingerprint


def test_class_names_beside_the_file_are_read(files: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "mine.keras"
    copy.write_bytes(files["keras"].read_bytes())
    copy.with_name("mine.labels.txt").write_text("\n".join("abcde"), encoding="utf-8")
    assert backbones.load(str(copy)).classes == tuple("abcde")


@pytest.mark.parametrize("suffix", ["keras", "h5", "tflite"])
def test_a_file_cut_short_is_said(files: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    cut = tmp_path / f"cut.{suffix}"
    content = files[suffix].read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match="cut"):
        backbones.load(str(cut))


def test_a_cut_onnx_is_said(tmp_path: Path) -> None:
    (tmp_path / "cut.onnx").write_bytes(b"\x08\x07\x12\x05abc")
    with pytest.raises(ModelError, match="cut"):
        backbones.load(str(tmp_path / "cut.onnx"))


@pytest.mark.parametrize("name", ["photo.jpg", "notes.txt"])
def test_what_is_no_model_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xd8\xff\xe0 not a model")
    with pytest.raises(ModelError, match="not a model file"):
        backbones.load(str(tmp_path / name))


def test_a_name_that_is_nothing_lists_the_names() -> None:
    with pytest.raises(UsageError, match="mobilenetv3large"):
        backbones.load("no-such-model")


def test_code_in_a_file_is_not_run(keras: Any, tmp_path: Path) -> None:
    inputs = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Lambda(lambda t: t / 2)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(x)))
    model.save(tmp_path / "code.keras")
    with pytest.raises(ModelError, match=r"code\.keras"):
        backbones.load(str(tmp_path / "code.keras"))


def onnx_classifier(weights: np.ndarray) -> bytes:
    """Global pooling and a Gemm to logits, channels first, any batch, one output."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", CLASSES])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def test_onnx_with_logits_alone(tmp_path: Path, images: np.ndarray) -> None:
    weights = np.random.default_rng(1).normal(size=(3, CLASSES)).astype(np.float32)
    (tmp_path / "m.onnx").write_bytes(onnx_classifier(weights))
    extractor = backbones.load(str(tmp_path / "m.onnx"), preprocess="0..1")
    batch = extractor.extract(images)
    pooled = images.astype(np.float32).mean(axis=(1, 2)) / 255
    np.testing.assert_allclose(batch.embeddings, pooled, atol=1e-5)
    logits = pooled @ weights
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities, e / e.sum(axis=1, keepdims=True), atol=1e-5)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "width", "n_classes"),
    [
        ("mobilenetv2_imagenette10.keras", 1280, 10),
        ("tf2_mobilenet_v2_1.0_224_ptq.tflite", 1280, 1001),
        ("squeezenet1.1_embed512_logits.onnx", 512, 1000),
    ],
)
def test_real_classifiers(shared: Path, file: str, width: int, n_classes: int) -> None:
    extractor = backbones.load(str(shared / "models" / file))
    size = extractor.input_size
    photos = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    batch = extractor.extract(photos)
    assert batch.embeddings.shape == (2, width)
    assert batch.probabilities is not None
    assert batch.probabilities.shape == (2, n_classes)
    np.testing.assert_allclose(batch.probabilities.sum(axis=1), 1, atol=1e-4)
