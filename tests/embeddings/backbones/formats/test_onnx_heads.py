"""Ends that ONNX exporters and quantisers give a classifier, and what of them is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError
from tests.embeddings.backbones.formats.test_onnx import IMAGES, MEANS, POOLED, SIZE, W, save

onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
runtime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")

HEAD = [*POOLED, ("Gemm", ["f", "w"], "logits")]
SCALARS = {
    "two": np.array(2, np.float32), "half": np.array(0.5, np.float32), "one": np.array([1]),
    "w": W, "w2": W * np.float32(0.5), "square": np.eye(5, dtype=np.float32) * 2,
}  # fmt: skip
ENDS: dict[str, list[tuple[Any, ...]]] = {
    "argmax": [("ArgMax", ["logits"], "out", {"axis": 1, "keepdims": 0})],
    "largest": [("Softmax", ["logits"], "s"), ("ReduceMax", ["s"], "out", {"axes": [1]})],
    "temperature": [("Div", ["logits", "two"], "d"), ("Softmax", ["d"], "out")],
    "temperature alone": [("Mul", ["two", "logits"], "out")],
    "threshold": [
        ("Sigmoid", ["logits"], "s"), ("Greater", ["s", "half"], "g"),
        ("Cast", ["g"], "out", {"to": 1}),
    ],
    "mean of two": [
        ("Gemm", ["f", "w2"], "more"), ("Add", ["logits", "more"], "sum"),
        ("Div", ["sum", "two"], "out"),
    ],
    "calibrated": [("MatMul", ["logits", "square"], "c"), ("Softmax", ["c"], "out")],
    "softmax by hand": [
        ("Exp", ["logits"], "e"), ("ReduceSum", ["e", "one"], "t"), ("Div", ["e", "t"], "out"),
    ],
    "reshaped by its own size": [
        ("Shape", ["logits"], "size"), ("Reshape", ["logits", "size"], "r"),
        ("Softmax", ["r"], "out"),
    ],
    "a class left out": [
        ("Softmax", ["logits"], "s"), ("Gather", ["s", "one"], "out", {"axis": 1}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_what_follows_the_head_is_gone_past(tmp_path: Path, end: str) -> None:
    """IntelLabs/distiller pull request 57 and open-mmlab/mmaction2 pull request 781.

    Both append what makes scores of logits before the export.
    """
    used = {name for _, names, *_ in [*HEAD, *ENDS[end]] for name in names}
    constants = {k: v for k, v in SCALARS.items() if k in used}
    file = save(tmp_path / "m.onnx", [*HEAD, *ENDS[end]], **constants)
    batch = backbones.load(file, preprocess="0..1").extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, MEANS / 255, atol=1e-5)
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities.sum(axis=1), 1, atol=1e-5)


def test_squeezenets_head_is_found_whatever_the_number_of_classes(tmp_path: Path) -> None:
    wide = np.random.default_rng(1).normal(size=(16, 3, 1, 1)).astype(np.float32)
    kernel = np.random.default_rng(2).normal(size=(4, 16, 1, 1)).astype(np.float32)
    nodes = [
        ("Conv", ["image", "k1"], "c1"), ("Relu", ["c1"], "features"),
        ("Conv", ["features", "k2"], "c2"), ("Relu", ["c2"], "r2"),
        ("GlobalAveragePool", ["r2"], "p"), ("Flatten", ["p"], "out"),
    ]  # fmt: skip
    file = save(tmp_path / "m.onnx", nodes, k1=wide, k2=kernel)
    found = backbones.load(file, preprocess="0..1")
    assert (found.width, backbones.describe(file).chosen) == (16, "features")


def test_maps_are_averaged_over_places_whatever_order_the_input_has(tmp_path: Path) -> None:
    """Channels last outside, first inside: a map of 6 by 6 places of 16 channels."""
    wide = np.random.default_rng(1).normal(size=(16, 3, 3, 3)).astype(np.float32)
    kernel = np.random.default_rng(2).normal(size=(5, 16, 1, 1)).astype(np.float32)
    nodes = [
        ("Transpose", ["image"], "x", {"perm": [0, 3, 1, 2]}),
        ("Conv", ["x", "k1"], "features"), ("Conv", ["features", "k2"], "c2"),
        ("GlobalAveragePool", ["c2"], "p"), ("Flatten", ["p"], "f"), ("Softmax", ["f"], "out"),
    ]  # fmt: skip
    file = save(tmp_path / "m.onnx", nodes, shape=("n", SIZE, SIZE, 3), k1=wide, k2=kernel)
    assert backbones.load(file, preprocess="0..1").width == 16


@pytest.mark.parametrize("how", ["dynamic", "static", "operators"])
def test_quantised_by_onnxruntime(tmp_path: Path, how: str) -> None:
    from onnxruntime import quantization as q

    nodes = [*POOLED, ("MatMul", ["f", "w"], "m"), ("Add", ["m", "b"], "out")]
    file = save(tmp_path / "m.onnx", nodes, w=W, b=np.arange(5, dtype=np.float32))
    target = tmp_path / f"{how}.onnx"
    if how == "dynamic":
        q.quantize_dynamic(file, target)
    else:

        class Pictures(q.CalibrationDataReader):  # type: ignore[misc,name-defined]
            def __init__(self) -> None:
                self.left = [IMAGES.transpose(0, 3, 1, 2).astype(np.float32) / 255]

            def get_next(self) -> Any:
                return {"image": self.left.pop()} if self.left else None

        form = q.QuantFormat.QDQ if how == "static" else q.QuantFormat.QOperator
        q.quantize_static(file, target, Pictures(), quant_format=form)
    batch = backbones.load(str(target), preprocess="0..1").extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, MEANS / 255, atol=0.02)
    assert batch.probabilities is not None
    assert batch.probabilities.shape == (3, 5)


def test_a_graph_in_training_mode_drops_nothing_out(tmp_path: Path) -> None:
    nodes = [*POOLED, ("Dropout", ["f", "ratio", "training"], "d"), ("Gemm", ["d", "w"], "out")]
    file = save(
        tmp_path / "m.onnx", nodes, w=W, ratio=np.array(0.5, np.float32), training=np.array(True)
    )
    batch = backbones.load(file, preprocess="0..1").extract(IMAGES)
    np.testing.assert_allclose(batch.embeddings, MEANS / 255, atol=1e-5)


def test_channels_taken_apart_and_means_subtracted(tmp_path: Path) -> None:
    """Caffe's preprocessing as a graph: BGR, less the means of its channels."""
    nodes = [
        ("Gather", ["image", "turned"], "bgr", {"axis": 1}), ("Sub", ["bgr", "mean"], "x"),
        ("Conv", ["x", "k"], "c"), ("GlobalAveragePool", ["c"], "p"), ("Flatten", ["p"], "f"),
        ("Gemm", ["f", "w2"], "out"),
    ]  # fmt: skip
    rng = np.random.default_rng(1)
    file = save(
        tmp_path / "m.onnx", nodes, turned=np.array([2, 1, 0]),
        mean=np.array([104, 117, 123], np.float32).reshape(1, 3, 1, 1),
        k=rng.normal(size=(9, 3, 3, 3)).astype(np.float32),
        w2=rng.normal(size=(9, 5)).astype(np.float32),
    )  # fmt: skip
    assert any("0 to 255" in note for note in backbones.load(file).notes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("no batch", "batch dimension"),
        ("newer", "pip install -U onnxruntime"),
        ("weights gone", r"m\.data"),
    ],
)
def test_refusals_name_what_mends_them(tmp_path: Path, change: str, said: str) -> None:
    if change == "no batch":
        nodes = [("Flatten", ["image"], "f", {"axis": 0}), ("Gemm", ["f", "w3"], "out")]
        big = np.ones((3 * SIZE * SIZE, 5), np.float32)
        file = save(tmp_path / "m.onnx", nodes, shape=(3, SIZE, SIZE), w3=big)
    else:
        file = save(tmp_path / "m.onnx", HEAD, outputs=("logits",), w=W)
        model = onnx.load(file)
        if change == "newer":
            model.ir_version = 99
            (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
        else:
            onnx.save(model, file, save_as_external_data=True, location="m.data", size_threshold=0)
            (tmp_path / "m.data").unlink()
    with pytest.raises(ModelError, match=said):
        backbones.load(file)
