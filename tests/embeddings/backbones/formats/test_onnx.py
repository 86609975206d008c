"""ONNX graphs in the shapes that exporters give them."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError, UsageError

onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
pytest.importorskip("onnxruntime", reason="needs the extra onnx")

SIZE, CLASSES = 8, 5
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
W = RNG.normal(size=(3, CLASSES)).astype(np.float32)
MEANS = IMAGES.astype(np.float32).mean(axis=(1, 2))


def save(
    file: Path,
    nodes: list[tuple[Any, ...]],
    *,
    outputs: tuple[str, ...] = ("out",),
    shape: tuple[Any, ...] = ("n", 3, SIZE, SIZE),
    dtype: str = "FLOAT",
    **constants: np.ndarray,
) -> str:
    """Write a graph of (op, inputs, output, **attributes)."""
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [
            helper.make_node(op, ins, [out], **(more[0] if more else {}))
            for op, ins, out, *more in nodes
        ],
        "g",
        [helper.make_tensor_value_info("image", getattr(TensorProto, dtype), shape)],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    file.write_bytes(model.SerializeToString())
    return str(file)


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


POOLED = [("GlobalAveragePool", ["image"], "p"), ("Flatten", ["p"], "f")]


@pytest.mark.parametrize("ending", ["MatMul and Add", "Gemm and Softmax", "weights transposed"])
def test_dense_heads(tmp_path: Path, ending: str) -> None:
    bias = RNG.normal(size=CLASSES).astype(np.float32)
    if ending == "MatMul and Add":
        nodes = [("MatMul", ["f", "w"], "m"), ("Add", ["b", "m"], "out")]
    elif ending == "Gemm and Softmax":
        nodes = [("Gemm", ["f", "w", "b"], "m"), ("Softmax", ["m"], "out", {"axis": 1})]
    else:  # a constant made from a constant
        nodes = [
            ("Transpose", ["wt"], "w", {"perm": [1, 0]}),
            ("MatMul", ["f", "w"], "m"),
            ("Add", ["m", "b"], "out"),
        ]
    constants = {"b": bias} | ({"wt": W.T.copy()} if "transposed" in ending else {"w": W})
    file = save(tmp_path / "m.onnx", [*POOLED, *nodes], **constants)
    extractor = backbones.load(file, preprocess="0..1")
    batch = extractor.extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, MEANS / 255, atol=1e-5)
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities, softmax(MEANS / 255 @ W + bias), atol=1e-5)


def test_a_convolution_as_head(tmp_path: Path) -> None:
    kernel = W.T.reshape(CLASSES, 3, 1, 1).copy()
    nodes = [
        ("Relu", ["image"], "r"),
        ("Conv", ["r", "k"], "c"),
        ("GlobalAveragePool", ["c"], "p"),
        ("Flatten", ["p"], "f"),
        ("Softmax", ["f"], "out", {"axis": 1}),
    ]
    extractor = backbones.load(save(tmp_path / "m.onnx", nodes, k=kernel), preprocess="0..1")
    batch = extractor.extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, MEANS / 255, atol=1e-5)
    assert batch.probabilities is not None
    assert batch.probabilities.shape == (3, CLASSES)


def test_two_outputs_and_a_fixed_batch(tmp_path: Path) -> None:
    nodes = [
        ("GlobalAveragePool", ["image"], "p"),
        ("Reshape", ["p", "to"], "embedding"),
        ("MatMul", ["embedding", "w"], "logits"),
    ]
    file = save(
        tmp_path / "m.onnx", nodes, outputs=("logits", "embedding"), shape=(2, 3, SIZE, SIZE),
        w=W, to=np.array([2, 3]),
    )  # fmt: skip
    (tmp_path / "m.labels.txt").write_text("\n".join("abcde"), encoding="utf-8")
    extractor = backbones.load(file, preprocess="raw")
    assert extractor.classes == tuple("abcde")
    np.testing.assert_allclose(extractor.extract(IMAGES).embeddings, MEANS, rtol=1e-5)


def test_eight_bit_pixels_channels_last(tmp_path: Path) -> None:
    nodes = [
        ("Cast", ["image"], "x", {"to": 1}),
        ("ReduceMean", ["x"], "p", {"axes": [1, 2], "keepdims": 0}),
        ("MatMul", ["p", "w"], "out"),
    ]
    file = save(tmp_path / "m.onnx", nodes, shape=("n", SIZE, SIZE, 3), dtype="UINT8", w=W)
    extractor = backbones.load(file)
    np.testing.assert_allclose(extractor.extract(IMAGES).embeddings, MEANS, rtol=1e-5)
    assert any("8-bit" in note for note in extractor.notes)
    with pytest.raises(UsageError, match="8-bit"):
        backbones.load(file, preprocess="torch")


def test_scaling_inside_is_seen_and_else_assumed_aloud(tmp_path: Path) -> None:
    inside = [
        ("Div", ["image", "c"], "x"), ("GlobalAveragePool", ["x"], "p"), ("Flatten", ["p"], "f"),
        ("Gemm", ["f", "w"], "out"),
    ]  # fmt: skip
    scaled = backbones.load(save(tmp_path / "a.onnx", inside, w=W, c=np.array(255, np.float32)))
    np.testing.assert_allclose(scaled.extract(IMAGES).embeddings, MEANS / 255, atol=1e-5)
    plain = backbones.load(save(tmp_path / "b.onnx", [*POOLED, ("Gemm", ["f", "w"], "out")], w=W))
    assert any("assumed" in note and "ImageNet" in note for note in plain.notes)


def test_a_tensor_can_be_asked_for_by_name(tmp_path: Path) -> None:
    file = save(tmp_path / "m.onnx", [*POOLED, ("Gemm", ["f", "w"], "out")], w=W)
    assert backbones.load(file, layer="p").width == 3
    assert backbones.describe(file).chosen == "f"
    assert [c.name for c in backbones.describe(file).candidates] == ["out", "f", "p"]
    with pytest.raises(UsageError, match=r"nothing.*Likely ones: out, f, p"):
        backbones.load(file, layer="nothing")


def test_an_image_does_not_depend_on_its_neighbours_where_scales_are_dynamic(
    tmp_path: Path,
) -> None:
    """A quantised product takes its scale from all that is in the batch."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("DynamicQuantizeLinear", ["f"], ["q", "s", "z"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("MatMul", ["d", "w"], ["out"]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", CLASSES])],
        [numpy_helper.from_array(W, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    extractor = backbones.load(str(tmp_path / "m.onnx"), preprocess="raw")
    together = extractor.extract(IMAGES).embeddings
    alone = np.concatenate([extractor.extract(i[None]).embeddings for i in IMAGES])
    np.testing.assert_array_equal(together, alone)


def test_weights_in_a_file_of_their_own_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    prints = []
    for factor in (1, 2):
        file = save(
            tmp_path / "m.onnx", [*POOLED, ("Gemm", ["f", "w"], "out")], w=W * np.float32(factor)
        )
        model = onnx.load(file)
        (tmp_path / "m.data").unlink(missing_ok=True)
        onnx.save(model, file, save_as_external_data=True, location="m.data", size_threshold=0)
        prints.append(backbones.load(file).fingerprint)
    assert prints[0] != prints[1]


def test_without_the_packages_the_error_says_how_to_install_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(tmp_path / "m.onnx", [*POOLED, ("Gemm", ["f", "w"], "out")], w=W)
    real = builtins.__import__

    def none(name: str, *args: Any, **kwargs: Any) -> Any:
        if name in ("onnx", "onnxruntime"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", none)
    with pytest.raises(ModelError, match=r"pip install 'rosette-explorer\[onnx\]'"):
        backbones.load(file)


def test_operations_that_nobody_knows_are_said(tmp_path: Path) -> None:
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("Mine", ["image"], ["out"], domain="mine")],
        "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="standard ONNX operations"):
        backbones.load(str(tmp_path / "m.onnx"))
