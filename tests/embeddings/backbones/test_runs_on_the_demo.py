"""Each form of a model through the command on the demo: what is stored is the framework's own.

PyTorch's and KerasHub's stand in ``torch_models/test_runs.py`` and ``formats/test_keras_hub.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.embeddings.backbones import zoo
from tests.embeddings.backbones.demo_runs import assert_stored


@pytest.mark.parametrize("form", ["keras", "h5", "saved_model", "tflite"])
def test_forms_of_tensorflow(tmp_path: Path, form: str) -> None:
    import keras

    model = zoo.model_of(zoo.CLASSIFIERS["softmax_apart"])
    part = keras.Model(model.inputs[0], model.get_layer("pool").output)

    def own(pixels: np.ndarray) -> Any:
        return part(pixels.astype(np.float32), training=False)

    assert_stored(tmp_path, zoo.saved(model, tmp_path, form), zoo.SIZE, own)


def test_onnx(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
    runtime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    mean, deviation = (np.array(v, np.float32).reshape(1, 3, 1, 1)
                       for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))  # fmt: skip
    constants = {
        "scale": np.array(255, np.float32), "mean": mean, "deviation": deviation,
        "k": rng.normal(size=(9, 3, 3, 3)).astype(np.float32),
        "w": rng.normal(size=(9, 5)).astype(np.float32),
    }  # fmt: skip
    nodes = [
        helper.make_node(op, ins, [out])
        for op, ins, out in [
            ("Div", ["image", "scale"], "shares"), ("Sub", ["shares", "mean"], "centred"),
            ("Div", ["centred", "deviation"], "scaled"), ("Conv", ["scaled", "k"], "c"),
            ("Relu", ["c"], "r"), ("GlobalAveragePool", ["r"], "p"), ("Flatten", ["p"], "f"),
            ("Gemm", ["f", "w"], "logits"), ("Softmax", ["logits"], "scores"),
        ]
    ]  # fmt: skip

    def written(name: str, output: str) -> Path:
        graph = helper.make_graph(
            nodes, "g",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 32, 32])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
            [numpy_helper.from_array(v, k) for k, v in constants.items()],
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, str(tmp_path / name))
        return tmp_path / name

    session = runtime.InferenceSession(str(written("part.onnx", "f")))

    def own(pixels: np.ndarray) -> Any:
        return session.run(None, {"image": pixels.transpose(0, 3, 1, 2).astype(np.float32)})[0]

    assert_stored(tmp_path, written("m.onnx", "scores"), 32, own)
