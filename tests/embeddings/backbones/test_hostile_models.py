"""Model files from strangers: damaged, of other shapes, or with code in them that must not run."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError, RosetteError

SIZE = 16


def refused(model: Path, **options: Any) -> RosetteError:
    with pytest.raises(RosetteError) as told:
        backbones.load(str(model), **options)
    assert told.value.hint
    assert "\n" not in told.value.message
    assert model.name in told.value.message
    return told.value


@pytest.fixture(scope="module")
def keras() -> Any:
    import keras

    return keras


def classifier(keras: Any, inputs: Any, pixels: Any) -> Any:
    x = keras.layers.Conv2D(6, 3, name="conv")(pixels)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, keras.layers.Dense(4, name="head")(x))


@pytest.fixture(scope="module")
def files(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sound classifier in each format that is one file."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("models")
    inputs = keras.Input((SIZE, SIZE, 3))
    model = classifier(keras, inputs, inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(folder / "m.keras")
        model.save(folder / "m.h5")
        tflite = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    pytest.importorskip("onnx", reason="needs the extra onnx")
    from tests.embeddings.backbones.formats.test_onnx import POOLED, W, save

    save(folder / "m.onnx", [*POOLED, ("MatMul", ["f", "w"], "out")], w=W)
    kept = {s: (folder / f"m.{s}").read_bytes() for s in ("keras", "h5", "onnx")}
    return kept | {"tflite": bytes(tflite)}


# -- damaged ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["keras", "h5", "tflite", "onnx"])
def test_a_model_cut_anywhere_is_refused(
    files: dict[str, bytes], tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"cut.{kind}"
    whole = files[kind]
    for length in (0, 3, 40, len(whole) // 3, len(whole) - len(whole) // 10):
        path.write_bytes(whole[:length])
        assert isinstance(refused(path), ModelError)


@pytest.mark.parametrize("kind", ["keras", "h5", "tflite", "onnx"])
def test_what_only_claims_to_be_a_model_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"not.{kind}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("holiday.txt", "hello")
    for content in (b"\xff\xd8\xff\xe0 a photo", b"{}" * 50, archive.getvalue(), bytes(500)):
        path.write_bytes(content)
        refused(path)


@pytest.mark.parametrize("content", ["{}", "[]", "null", '{"class_name": 5}', "{", "[" * 5000])
def test_a_keras_file_whose_description_is_none(
    files: dict[str, bytes], tmp_path: Path, content: str
) -> None:
    refused(repacked(files["keras"], tmp_path / "m.keras", lambda config: content))


def repacked(model: bytes, path: Path, change: Callable[[str], str]) -> Path:
    """Write a Keras file whose description is another."""
    with zipfile.ZipFile(io.BytesIO(model)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if name == "config.json" else content)
    return path


def test_a_tflite_whose_offsets_lead_out_of_it(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"  # given by its name, TensorFlow Lite ends the process
    path.write_bytes(b"\xff\xff\xff\x7f" + files["tflite"][4:])
    assert isinstance(refused(path), ModelError)


@pytest.mark.parametrize("name", [b"GlobalAveragePool", b"image", b"out"])
def test_an_onnx_whose_names_are_no_text(
    files: dict[str, bytes], tmp_path: Path, name: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(files["onnx"].replace(name, b"\xff" + name[1:]))
    assert isinstance(refused(path), ModelError)
    assert not capsys.readouterr().out


# -- other shapes ----------------------------------------------------------------------


def test_two_inputs_are_refused_in_each_format(keras: Any, tmp_path: Path) -> None:
    import tensorflow as tf

    image, other = keras.Input((SIZE, SIZE, 3), name="a"), keras.Input((SIZE, SIZE, 3), name="b")
    model = classifier(keras, [image, other], keras.layers.Add()([image, other]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(tmp_path / "m.keras")
        model.save(tmp_path / "m.h5")
        model.export(tmp_path / "saved", verbose=False)
        content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    (tmp_path / "m.tflite").write_bytes(content)
    for name in ("m.keras", "m.h5", "saved", "m.tflite"):
        assert isinstance(refused(tmp_path / name), ModelError)


def test_two_inputs_of_an_onnx_are_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    shape = ["n", 3, SIZE, SIZE]
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["a", "b"], ["sum"]),
            helper.make_node("GlobalAveragePool", ["sum"], ["out"]),
        ],
        "g",
        [helper.make_tensor_value_info(name, kind, shape) for name in ("a", "b")],
        [helper.make_tensor_value_info("out", kind, None)],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    assert "takes" in refused(tmp_path / "m.onnx").message


def test_of_two_outputs_the_head_is_found(keras: Any, tmp_path: Path) -> None:
    inputs = keras.Input((SIZE, SIZE, 3))
    model = classifier(keras, inputs, inputs)
    pooled = model.get_layer("pool").output
    both = keras.Model(inputs, [model.output, keras.layers.Dense(1, name="age")(pooled)])
    both.save(tmp_path / "m.keras")
    loaded = backbones.load(str(tmp_path / "m.keras"))
    assert loaded.width == 6
    assert any("pool" in note for note in loaded.notes)


def test_weights_that_are_not_finite_make_no_embedding(keras: Any, tmp_path: Path) -> None:
    inputs = keras.Input((SIZE, SIZE, 3))
    model = classifier(keras, inputs, inputs)
    kernel, bias = model.get_layer("conv").get_weights()
    model.get_layer("conv").set_weights([kernel * np.nan, bias])
    model.save(tmp_path / "m.keras")
    images = np.zeros((2, SIZE, SIZE, 3), np.uint8)
    # the run marks such images; see `_shard_row` in the stage
    assert np.isnan(backbones.load(str(tmp_path / "m.keras")).extract(images).embeddings).all()


# -- code ------------------------------------------------------------------------------


def gadget(path: Path) -> dict[str, Any]:
    """Describe a layer that, taken at its word, makes a folder when it is loaded."""
    return {
        "module": "os",
        "class_name": "mkdir",
        "config": {"path": str(path)},
        "registered_name": None,
    }


def test_a_layer_that_names_any_function_is_not_called(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    def with_gadget(config: str) -> str:
        content = json.loads(config)
        content["config"]["layers"][1] |= gadget(tmp_path / "ran")
        return json.dumps(content)

    refused(repacked(files["keras"], tmp_path / "m.keras", with_gadget))
    assert not (tmp_path / "ran").exists()


def test_the_top_of_a_description_is_not_called_either(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    config = json.dumps(gadget(tmp_path / "ran"))
    refused(repacked(files["keras"], tmp_path / "m.keras", lambda _: config))
    assert not (tmp_path / "ran").exists()


def test_names_in_a_packed_model_lead_nowhere_else(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "inner" / "m.keras"
    path.parent.mkdir()
    repacked(files["keras"], path, lambda config: config)
    with zipfile.ZipFile(path, "a") as pack:
        pack.writestr("../../escaped.txt", "here")
    with pytest.warns(UserWarning, match="invalid path"):
        backbones.load(str(path))
    assert not list(tmp_path.rglob("escaped.txt"))
    assert not (tmp_path.parent / "escaped.txt").exists()


def test_a_tflite_that_writes_files_is_refused_before_it_runs(tmp_path: Path) -> None:
    import tensorflow as tf

    class Nosy(tf.Module):  # type: ignore[misc,name-defined]
        @tf.function(input_signature=[tf.TensorSpec([1, SIZE, SIZE, 3], tf.float32)])
        def __call__(self, x: Any) -> Any:
            tf.io.write_file(str(tmp_path / "written"), "here")
            return tf.reduce_mean(x, axis=[1, 2])

    module = Nosy()
    whole = [module.__call__.get_concrete_function()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        converter = tf.lite.TFLiteConverter.from_concrete_functions(whole, module)
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.TFLITE_BUILTINS,
            tf.lite.OpsSet.SELECT_TF_OPS,
        ]
        (tmp_path / "nosy.tflite").write_bytes(converter.convert())
    assert "built-in operations only" in refused(tmp_path / "nosy.tflite").hint
    assert not (tmp_path / "written").exists()


def test_weights_of_an_onnx_are_not_read_from_elsewhere(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
    from tests.embeddings.backbones.formats.test_onnx import POOLED, W, save

    (tmp_path / "secret").write_bytes(W.tobytes())
    inner = tmp_path / "inner"
    inner.mkdir()
    save(inner / "m.onnx", [*POOLED, ("MatMul", ["f", "w"], "out")], w=W)
    for place in ("../secret", str(tmp_path / "secret")):
        model = onnx.load(inner / "m.onnx")
        weights = model.graph.initializer[0]
        weights.ClearField("raw_data")
        weights.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", place), ("length", str(W.nbytes))):
            entry = weights.external_data.add()
            entry.key, entry.value = key, value
        (inner / "bad.onnx").write_bytes(model.SerializeToString())
        refused(inner / "bad.onnx")


def test_code_runs_where_the_caller_says_so(keras: Any, tmp_path: Path) -> None:
    inputs = keras.Input((SIZE, SIZE, 3))
    halved = keras.layers.Lambda(lambda t: t / 2, output_shape=(SIZE, SIZE, 3))(inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classifier(keras, inputs, halved).save(tmp_path / "m.keras")
    assert "--trust-model-code" in refused(tmp_path / "m.keras").hint
    assert backbones.load(str(tmp_path / "m.keras"), allow_code=True).width == 6
