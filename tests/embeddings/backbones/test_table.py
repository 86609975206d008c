"""The table of models: what it says is true of the models themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings import backbones
from embeddings.backbones import keras_applications
from embeddings.backbones.table import find, table
from embeddings.errors import ModelError, UsageError


def test_names_are_found_whatever_their_case_and_dashes() -> None:
    row = find("MobileNetV3-Large")
    assert row is not None
    assert row.name == "mobilenetv3large"
    assert find("nothing") is None
    assert len({r.name for r in table()}) == len(table())


@pytest.mark.parametrize("name", ["mobilenetv3small", "efficientnetv2b0", "resnet50v2"])
def test_width_size_and_parameters_are_true(name: str) -> None:
    row = find(name)
    assert row is not None
    extractor = keras_applications.build(row, weights=None)
    assert (extractor.width, extractor.input_size) == (row.width, row.input_size)
    assert extractor.classes is not None
    assert len(extractor.classes) == 1000


def test_offline_the_error_says_which_file_goes_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    def no_network(*_: object, **__: object) -> None:
        raise Exception("URL fetch failure on https://…")

    monkeypatch.setattr(keras.applications, "MobileNetV3Small", no_network)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelError) as caught:
        backbones.load("mobilenetv3small")
    said = str(caught.value)
    assert str(tmp_path / "models" / "weights_mobilenet_v3_small_224_1.0_float.h5") in said
    assert "--model embedded" in said


def test_a_known_model_takes_no_layer() -> None:
    with pytest.raises(UsageError, match="--layer"):
        backbones.load("embedded", layer="x")
