"""Remedies of errors about models, each carried out as it is said, and seen to help."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.backbones.function import from_function
from embeddings.errors import RosetteError
from tests.embeddings.backbones import zoo


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(RosetteError) as told:
        act()
    return told.value.hint


def width(model: str | Path, **how: Any) -> int:
    """Return how wide the embeddings are that a model really gives."""
    extractor = backbones.load(str(model), **how)
    size = extractor.input_size
    pictures = np.zeros((2, size, size, 3), np.uint8)
    return int(extractor.extract(pictures).embeddings.shape[1])


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = zoo.model_of(zoo.CLASSIFIERS["plain"])
    return zoo.saved(model, tmp_path_factory.mktemp("models"), "keras")


def saved(model: Any, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Keras says of its own old formats
        model.save(path)
    return path


# -- what is chosen ----------------------------------------------------------------------


def test_a_name_from_the_list(keras_file: Path) -> None:
    hint = refused(lambda: backbones.load("no-such-model"))
    names = hint.split("Choose one of ")[1].split(";")[0].split(", ")
    assert width(names[0]) > 8  # the embedded model, which needs no download


def test_a_layer_from_the_list(keras_file: Path) -> None:
    hint = refused(lambda: backbones.load(str(keras_file), layer="no-such-layer"))
    likely = hint.removeprefix("Likely ones: ").rstrip(".").split(", ")
    assert likely
    for name in likely:
        assert width(keras_file, layer=name.strip("'\"")) > 0


def test_a_layer_where_no_head_is_found(tmp_path: Path) -> None:
    import keras

    def narrow(x: Any) -> Any:
        return keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.DepthwiseConv2D(3)(x))

    file = zoo.saved(zoo.model_of(narrow), tmp_path, "keras")
    hint = refused(lambda: backbones.load(str(file)))
    assert "--layer" in hint
    assert width(file, layer="pool") == 3


def test_a_scaling_and_a_precision_from_the_list(keras_file: Path) -> None:
    hint = refused(lambda: backbones.load(str(keras_file), preprocess="nonsense"))
    for name in hint.split("Choose one of ")[1].rstrip(".").split(", "):
        assert width(keras_file, preprocess=name) == zoo.WIDTH
    hint = refused(lambda: backbones.load(str(keras_file), precision="fp8"))
    assert "fp32" in hint.split("Choose one of ")[1]
    assert width(keras_file, precision="fp32") == zoo.WIDTH


def test_options_of_files_are_left_out_for_a_model_of_the_table() -> None:
    hint = refused(lambda: backbones.load("embedded", preprocess="raw"))
    assert "--preprocess" in hint
    assert width("embedded") > 8


def test_classes_one_a_line_in_the_order_of_the_model(keras_file: Path, tmp_path: Path) -> None:
    names = tmp_path / "classes.txt"
    names.write_text("one\ntwo\n")
    hint = refused(lambda: backbones.load(str(keras_file), classes_file=names))
    assert "one class a line" in hint
    names.write_text("".join(f"kind {n}\n" for n in range(zoo.CLASSES)))
    loaded = backbones.load(str(keras_file), classes_file=names)
    assert loaded.classes == tuple(f"kind {n}" for n in range(zoo.CLASSES))
    names.write_bytes("Käse\n".encode("cp1252") * zoo.CLASSES)
    assert "UTF-8" in refused(lambda: backbones.load(str(keras_file), classes_file=names))
    names.write_text("Käse\n" * zoo.CLASSES, encoding="utf-8")
    assert backbones.load(str(keras_file), classes_file=names).classes


# -- Keras -------------------------------------------------------------------------------


def test_code_in_a_file_is_run_where_that_is_trusted(tmp_path: Path) -> None:
    import keras

    pixels = keras.Input((zoo.SIZE, zoo.SIZE, 3))
    x = keras.layers.Lambda(lambda t: t / 2)(pixels)
    file = saved(keras.Model(pixels, keras.layers.Dense(5)(zoo.features(x))), tmp_path / "m.keras")
    assert "--trust-model-code" in refused(lambda: backbones.load(str(file)))
    assert width(file, allow_code=True) == zoo.WIDTH


def test_the_other_way_is_a_saved_model(tmp_path: Path) -> None:
    """Of a model with code in it, and of one of layers of its own."""
    import keras

    @keras.saving.register_keras_serializable("remedies")
    class Halved(keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return x / 2

    pixels = keras.Input((zoo.SIZE, zoo.SIZE, 3))
    model = keras.Model(pixels, keras.layers.Dense(5)(zoo.features(Halved()(pixels))))
    file = saved(model, tmp_path / "m.keras")
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(keras.saving.get_custom_objects(), "remedies>Halved")
        assert "export it as SavedModel" in refused(lambda: backbones.load(str(file)))
        assert width(zoo.saved(model, tmp_path, "saved_model")) == zoo.WIDTH


def test_weights_alone_are_saved_again_as_a_model(tmp_path: Path) -> None:
    model = zoo.model_of(zoo.CLASSIFIERS["plain"])
    model.save_weights(tmp_path / "m.weights.h5")
    hint = refused(lambda: backbones.load(str(tmp_path / "m.weights.h5")))
    assert "model.save(file)" in hint
    assert width(saved(model, tmp_path / "m.h5")) == zoo.WIDTH


def test_a_subclassed_model_is_exported_to_a_folder(tmp_path: Path) -> None:
    import keras

    @keras.saving.register_keras_serializable("remedies")
    class Own(keras.Model):  # type: ignore[misc,name-defined]
        def __init__(self, **how: Any) -> None:
            super().__init__(**how)
            self.pool = keras.layers.GlobalAveragePooling2D()
            self.conv = keras.layers.Conv2D(zoo.WIDTH, 3)
            self.head = keras.layers.Dense(zoo.CLASSES)

        def call(self, x: Any) -> Any:
            return self.head(self.pool(self.conv(x)))

    model = Own()
    model(zoo.IMAGES.astype(np.float32))
    file = saved(model, tmp_path / "m.keras")
    assert "model.export(folder)" in refused(lambda: backbones.load(str(file)))
    model.export(
        tmp_path / "exported", verbose=False,
        input_signature=[keras.InputSpec(shape=(None, zoo.SIZE, zoo.SIZE, 3), dtype="float32")],
    )  # fmt: skip
    assert width(tmp_path / "exported") == zoo.WIDTH


def test_one_input_of_square_rgb_pictures(tmp_path: Path) -> None:
    import keras

    def classifier(*shapes: tuple[int, ...]) -> Any:
        given = [keras.Input(shape) for shape in shapes]
        found = [keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3)(x)) for x in given]
        joined = keras.layers.Concatenate()(found) if len(found) > 1 else found[0]
        return keras.Model(given if len(given) > 1 else given[0], keras.layers.Dense(5)(joined))

    said = {"two inputs": [(24, 24, 3), (24, 24, 3)], "grey": [(24, 24, 1)], "wide": [(24, 32, 3)]}
    hints = {}
    for what, shapes in said.items():
        file = saved(classifier(*shapes), tmp_path / f"{what}.keras")
        hints[what] = refused(lambda file=file: backbones.load(str(file)))  # type: ignore[misc]
    assert "one image input" in hints["two inputs"]
    assert "RGB" in hints["grey"]
    assert "square" in hints["wide"]
    assert width(saved(classifier((24, 24, 3)), tmp_path / "m.keras")) == 8


def test_a_file_copied_whole(keras_file: Path, tmp_path: Path) -> None:
    for cut in (0.5, 0.95):
        content = keras_file.read_bytes()
        (tmp_path / "m.keras").write_bytes(content[: int(cut * len(content))])
        hint = refused(lambda: backbones.load(str(tmp_path / "m.keras")))
        assert re.search(r"copied whole|file is whole|Give ", hint)
        shutil.copy(keras_file, tmp_path / "m.keras")
        assert width(tmp_path / "m.keras") == zoo.WIDTH


def test_a_pointer_of_git_lfs_is_fetched(keras_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "m.keras"
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "git lfs pull" in refused(lambda: backbones.load(str(file)))
    shutil.copy(keras_file, file)  # what that command does
    assert width(file) == zoo.WIDTH


def test_keras_is_told_of_tensorflow_in_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras issue 18652: ``KERAS_BACKEND=torch`` stays in the environment of a notebook."""
    import keras

    with monkeypatch.context() as patch:
        patch.setattr(keras.config, "backend", lambda: "torch")
        hint = refused(lambda: backbones.load("embedded"))
    assert "Set KERAS_BACKEND=tensorflow" in hint
    code = "from embeddings import backbones; print(backbones.load('embedded').width)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
    )  # fmt: skip
    assert int(done.stdout) > 8


# -- SavedModel and TensorFlow Lite ------------------------------------------------------


def test_a_folder_that_is_exported_again(tmp_path: Path) -> None:
    model = zoo.model_of(zoo.CLASSIFIERS["plain"])
    folder = zoo.saved(model, tmp_path, "saved_model")
    whole = (folder / "saved_model.pb").read_bytes()
    (folder / "saved_model.pb").write_bytes(whole[: len(whole) // 2])
    assert "model.export(folder)" in refused(lambda: backbones.load(str(folder)))
    shutil.rmtree(folder)
    assert width(zoo.saved(model, tmp_path, "saved_model")) == zoo.WIDTH


def test_a_folder_without_its_graph(tmp_path: Path, keras_file: Path) -> None:
    (tmp_path / "saved").mkdir()
    hint = refused(lambda: backbones.load(str(tmp_path / "saved")))
    assert ".keras" in hint
    assert width(keras_file) == zoo.WIDTH


def test_a_saved_model_without_a_signature_is_exported(tmp_path: Path) -> None:
    import tensorflow as tf

    model = zoo.model_of(zoo.CLASSIFIERS["plain"])
    bare = tf.Module()
    bare.variable = tf.Variable(1.0)
    tf.saved_model.save(bare, str(tmp_path / "bare"))
    assert "model.export(folder)" in refused(lambda: backbones.load(str(tmp_path / "bare")))
    assert width(zoo.saved(model, tmp_path, "saved_model")) == zoo.WIDTH


def test_scaling_is_left_out_for_eight_bit_pixels(tmp_path: Path) -> None:
    import tensorflow as tf

    model = zoo.model_of(zoo.CLASSIFIERS["plain"])
    given = tf.TensorSpec([None, zoo.SIZE, zoo.SIZE, 3], tf.uint8)
    bytes_in = tf.Module()
    bytes_in.model = model
    serve = tf.function(lambda x: {"out": model(tf.cast(x, tf.float32))}, input_signature=[given])
    tf.saved_model.save(bytes_in, str(tmp_path / "m"), signatures={"serving_default": serve})
    file = str(tmp_path / "m")
    assert "Leave out --preprocess" in refused(lambda: backbones.load(file, preprocess="0..1"))
    assert width(file) == zoo.WIDTH


def test_precision_is_left_out_for_what_computes_as_it_is(tmp_path: Path) -> None:
    file = str(zoo.saved(zoo.model_of(zoo.CLASSIFIERS["plain"]), tmp_path, "tflite"))
    assert "Leave out --precision" in refused(lambda: backbones.load(file, precision="bf16"))
    assert width(file) == zoo.WIDTH


# -- ONNX --------------------------------------------------------------------------------


def _onnx(path: Path, shape: list[Any], *, head: np.ndarray | None = None) -> Path:
    onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
    pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(0).normal(size=(shape[-3], 5)).astype(np.float32)
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w"], ["logits"]),
    ]
    if len(shape) == 3:
        nodes[0] = helper.make_node("ReduceMean", ["image"], ["pooled"], axes=[1, 2])
        nodes[1] = helper.make_node("Reshape", ["pooled", "as_row"], ["flat"])
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(weights, "w"),
         numpy_helper.from_array(np.array([1, 3]), "as_row")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path


def test_an_export_with_a_batch_dimension(tmp_path: Path) -> None:
    file = _onnx(tmp_path / "m.onnx", [3, 16, 16])
    assert "torch.zeros(1, 3, size, size)" in refused(lambda: backbones.load(str(file)))
    assert width(_onnx(tmp_path / "m.onnx", [1, 3, 16, 16])) == 3


def test_the_file_of_weights_is_copied_beside(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
    file = _onnx(tmp_path / "m.onnx", ["n", 3, 16, 16])
    onnx.save(onnx.load(str(file)), str(file), save_as_external_data=True, location="m.data",
              size_threshold=0)  # fmt: skip
    (tmp_path / "m.data").rename(tmp_path / "elsewhere")
    hint = refused(lambda: backbones.load(str(file)))
    told = re.fullmatch(r"Copy (.+) into (.+), under that name\.", hint)
    assert told is not None
    shutil.copy(tmp_path / "elsewhere", Path(told[2]) / told[1])
    assert width(file) == 3


def test_an_export_for_an_older_runtime(tmp_path: Path) -> None:
    """NudeNet issue 156, jax2onnx issue 28: IR version 10 or 11 where 9 or 10 is known."""
    onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
    file = _onnx(tmp_path / "m.onnx", ["n", 3, 16, 16])
    model = onnx.load(str(file))
    model.ir_version = 99
    file.write_bytes(model.SerializeToString())
    assert "export it for an older opset" in refused(lambda: backbones.load(str(file)))
    model.ir_version = 8
    file.write_bytes(model.SerializeToString())
    assert width(file) == 3


def test_colour_pictures_into_onnx(tmp_path: Path) -> None:
    file = _onnx(tmp_path / "m.onnx", ["n", 1, 16, 16])
    assert "RGB" in refused(lambda: backbones.load(str(file)))
    assert width(_onnx(tmp_path / "m.onnx", ["n", 3, 16, 16])) == 3
    file = _onnx(tmp_path / "wide.onnx", ["n", 3, 16, 24])
    assert "square" in refused(lambda: backbones.load(str(file)))


# -- functions and archives --------------------------------------------------------------


def test_what_a_function_is_told_to_return() -> None:
    hint = refused(lambda: from_function(lambda images: images.mean(axis=(1, 2))[:1], size=8))
    assert "one row an image" in hint
    assert from_function(lambda images: images.mean(axis=(1, 2)), size=8).width == 3
    hint = refused(lambda: from_function(lambda images: "none", size=8))
    assert "(n, width)" in hint

    def with_scores(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        means = images.mean(axis=(1, 2))
        return means, means / 765

    hint = refused(lambda: from_function(with_scores, size=8, classes=("a", "b")))
    assert "Name as many as it has" in hint
    assert from_function(with_scores, size=8, classes=("a", "b", "c")).classes == ("a", "b", "c")


def test_an_archive_that_is_no_model_is_given_as_what_it_holds(
    tmp_path: Path, keras_file: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.write(keras_file, "m.keras")
    hint = refused(lambda: backbones.load(str(tmp_path / "m.zip")))
    assert "Unpack it" in hint
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        archive.extractall(tmp_path)
    assert width(tmp_path / "m.keras") == zoo.WIDTH
