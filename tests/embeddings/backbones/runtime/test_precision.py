"""Precision: which machines can, what it costs, and that it is never mixed with another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.backbones import processor_flags, refuse_unsupported
from embeddings.backbones.runtime import precision
from embeddings.errors import ModelError, UsageError


def cpuinfo(folder: Path, flags: str) -> Path:
    file = folder / "cpuinfo"
    file.write_text(f"processor\t: 0\nflags\t\t: fpu {flags} sse\nbugs\t\t: none\n")
    return file


def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_has_gpu", lambda: False)


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16"])
def test_bf16_is_for_processors_that_have_it(
    flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_gpu(monkeypatch)
    refuse_unsupported("bf16", cpuinfo=cpuinfo(tmp_path, f"avx512f {flag}"))
    with pytest.raises(ModelError, match="does not compute in bfloat16"):
        refuse_unsupported("bf16", cpuinfo=cpuinfo(tmp_path, "avx512f avx2"))


def test_a_processor_that_can_not_be_asked_has_nothing(tmp_path: Path) -> None:
    assert processor_flags(tmp_path / "none") == frozenset()


def test_fp16_is_for_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_gpu(monkeypatch)
    with pytest.raises(ModelError, match="sees none"):
        refuse_unsupported("fp16", cpuinfo=cpuinfo(tmp_path, "avx512_bf16"))
    monkeypatch.setattr(precision, "_has_gpu", lambda: True)
    refuse_unsupported("fp16")
    with pytest.raises(ModelError, match="on a GPU here"):
        refuse_unsupported("bf16", cpuinfo=cpuinfo(tmp_path, "avx512_bf16"))


def test_an_unknown_precision_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(UsageError, match="no precision 'int3'"):
        backbones.load("no such file", precision="int3")


def test_formats_with_a_precision_of_their_own_refuse_another(tmp_path: Path) -> None:
    file = tmp_path / "m.onnx"
    file.write_bytes(b"\x08\x07whatever")
    with pytest.raises(UsageError, match="as it is in the file"):
        backbones.load(str(file), precision="bf16")


@pytest.fixture(scope="module")
def both() -> tuple[Any, Any]:
    """The embedded model in full precision and in bfloat16."""
    try:
        refuse_unsupported("bf16")
    except ModelError as error:
        pytest.skip(str(error))
    return backbones.load("embedded"), backbones.load("embedded", precision="bf16")


def test_a_model_without_anything_to_lower_is_refused() -> None:
    import tensorflow as tf

    from embeddings.backbones.graphs.frozen_graph import freeze

    plain = tf.function(lambda x: x * 2.0, input_signature=[tf.TensorSpec([None, 3])])
    with pytest.raises(ModelError, match="nothing of this model in bf16"):
        freeze(plain.get_concrete_function(), "bf16")


def test_the_two_are_told_apart_and_it_is_said(both: tuple[Any, Any]) -> None:
    full, half = both
    assert full.fingerprint != half.fingerprint
    assert any("bfloat16" in note for note in half.notes)
    assert not any("bfloat16" in note for note in full.notes)


def test_embeddings_stay_close_and_of_full_type(both: tuple[Any, Any]) -> None:
    full, half = both
    size = full.input_size
    smooth = np.linspace(0, 255, size, dtype=np.uint8)
    images = np.stack(
        [np.broadcast_to(np.roll(smooth, 9 * k)[:, None, None], (size, size, 3)) for k in range(4)]
    )
    a, b = full.extract(images), half.extract(images)
    assert b.embeddings.dtype == np.float32
    assert not np.array_equal(a.embeddings, b.embeddings)
    cosine = (a.embeddings * b.embeddings).sum(axis=1) / (
        np.linalg.norm(a.embeddings, axis=1) * np.linalg.norm(b.embeddings, axis=1)
    )
    assert cosine.min() > 0.995
    np.testing.assert_allclose(b.probabilities.sum(axis=1), 1, atol=1e-3)
