"""The table of models: what it says is true of the models themselves."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings import backbones
from embeddings.backbones import table
from embeddings.backbones.formats import keras_applications
from embeddings.backbones.runtime import keras_extractor
from embeddings.backbones.table import find
from embeddings.errors import ModelError, UsageError


def test_names_are_found_whatever_their_case_and_dashes() -> None:
    row = find("MobileNetV3-Large")
    assert row is not None
    assert row.name == "mobilenetv3large"
    assert find("nothing") is None
    assert len({r.name for r in table()}) == len(table())


@pytest.mark.parametrize("name", [row.name for row in table() if row.factory])
def test_width_and_size_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = find(name)
    assert row is not None
    # both stand in the model as it is built; to trace it takes four times as long
    monkeypatch.setattr(keras_extractor, "_compiled", lambda *_: None)
    extractor = keras_applications.build(row, weights=None)
    assert (extractor.width, extractor.input_size) == (row.width, row.input_size)
    assert extractor.classes is not None
    assert len(extractor.classes) == 1000


def test_offline_the_error_says_which_file_goes_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", no_network)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="no route to host") as caught:
        backbones.load("mobilenetv3small")
    said = str(caught.value)
    assert str(tmp_path / "models" / "weights_mobilenet_v3_small_224_1.0_float.h5") in said
    assert "--model embedded" in said


def test_weights_in_the_cache_are_used_and_damaged_ones_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    row = find("mobilenetv3small")
    assert row is not None
    assert not row.is_here
    row.weights_path.parent.mkdir()
    row.weights_path.write_bytes(b"half a file")
    assert row.is_here
    with pytest.raises(ModelError, match="Delete that file"):
        backbones.load("mobilenetv3small")

    keras_applications.build(row, weights=None)  # what follows needs a whole file
    import keras

    keras.applications.MobileNetV3Small(weights=None).save_weights(tmp_path / "w.weights.h5")
    (tmp_path / "w.weights.h5").replace(row.weights_path.with_suffix(".weights.h5"))
    mine = replace(row, weights_file=row.weights_path.with_suffix(".weights.h5").name)
    extractor = keras_applications.load(mine)
    assert extractor.width == row.width
    assert keras_applications.load(mine).fingerprint == extractor.fingerprint


def test_what_keras_says_of_its_weights_is_what_the_table_says() -> None:
    from keras.src.applications import convnext, efficientnet_v2, mobilenet_v3, resnet

    known = {
        "mobilenetv3small": mobilenet_v3.WEIGHTS_HASHES["small_224_1.0_float"][0],
        "mobilenetv3large": mobilenet_v3.WEIGHTS_HASHES["large_224_1.0_float"][0],
        "efficientnetv2b0": efficientnet_v2.WEIGHTS_HASHES["b0"][0],
        "efficientnetv2b3": efficientnet_v2.WEIGHTS_HASHES["b3"][0],
        "efficientnetv2s": efficientnet_v2.WEIGHTS_HASHES["-s"][0],
        "resnet50v2": resnet.WEIGHTS_HASHES["resnet50v2"][0],
        "convnexttiny": convnext.WEIGHTS_HASHES["convnext_tiny"][0],
        "convnextbase": convnext.WEIGHTS_HASHES["convnext_base"][0],
    }
    assert {row.name: row.digest for row in table() if row.factory} == known
    bases = (
        mobilenet_v3.BASE_WEIGHT_PATH, efficientnet_v2.BASE_WEIGHTS_PATH,
        resnet.BASE_WEIGHTS_PATH, convnext.BASE_WEIGHTS_PATH,
    )  # fmt: skip
    assert {row.source for row in table() if row.factory} == set(bases)


def test_a_known_model_takes_no_layer() -> None:
    with pytest.raises(UsageError, match="--layer"):
        backbones.load("embedded", layer="x")
