"""A person's own settings of Keras change nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.backbones.runtime.keras_settings import keras_defaults, keras_on_tensorflow
from embeddings.errors import ModelError
from tests.embeddings.backbones import zoo

PROGRAM = """
import json, sys
from tests.embeddings.backbones.runtime.test_keras_settings import seen
print(json.dumps([seen(model) for model in sys.argv[1:]]))
"""
Seen = list[int | float | str]  # width, sum of the embeddings, fingerprint


def seen(model: str) -> Seen:
    found = backbones.load(model)
    given = np.resize(zoo.IMAGES, (2, found.input_size, found.input_size, 3))
    total = float(np.abs(found.extract(given).embeddings).sum())
    return [found.width, total, found.fingerprint]


def seen_elsewhere(models: list[str], **environment: str) -> list[Seen]:
    """See by a process of its own, which alone reads the settings."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *models], cwd=Path(__file__).parents[4],
        capture_output=True, text=True, check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-800:]
    found: list[Seen] = json.loads(done.stdout)
    return found


def test_a_file_of_settings_and_another_backend_change_nothing(tmp_path: Path) -> None:
    """fchollet/deep-learning-with-python-notebooks issue 33, roebius/deeplearning_keras2 issue 5.

    There ``channels_first`` is left over from an old course; in keras issue 18955 the backend is
    torch.
    """
    models = [
        "embedded",
        str(zoo.saved(zoo.model_of(zoo.CLASSIFIERS["convolution_as_head"]), tmp_path, "keras")),
        str(zoo.saved(zoo.model_of(zoo.CLASSIFIERS["laid_flat"]), tmp_path, "h5")),
    ]
    plain = [[width, pytest.approx(total, rel=1e-5), of] for width, total, of in map(seen, models)]
    home = tmp_path / "home"
    (home / ".keras").mkdir(parents=True)
    settings = {"floatx": "float16", "epsilon": 1e-3, "backend": "torch"}
    settings |= {"image_data_format": "channels_first"}
    (home / ".keras" / "keras.json").write_text(json.dumps(settings), encoding="utf-8")
    assert seen_elsewhere(models, HOME=str(home), KERAS_HOME=str(home / ".keras")) == plain
    assert seen_elsewhere(models, KERAS_BACKEND="jax") == plain


def test_a_policy_of_the_process_is_held_off_and_put_back(tmp_path: Path) -> None:
    import keras

    file = str(zoo.saved(zoo.model_of(zoo.CLASSIFIERS["convolution_as_head"]), tmp_path, "keras"))
    plain = backbones.load(file).extract(zoo.IMAGES).embeddings
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_float16")
    try:
        np.testing.assert_array_equal(backbones.load(file).extract(zoo.IMAGES).embeddings, plain)
        assert keras.config.image_data_format() == "channels_first"
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with keras_on_tensorflow():
        assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert os.environ["KERAS_BACKEND"] == "torch"
    monkeypatch.delenv("KERAS_BACKEND")
    with keras_on_tensorflow():
        assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert "KERAS_BACKEND" not in os.environ


def test_keras_that_runs_on_something_else_already_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(ModelError, match=r"jax.*KERAS_BACKEND=tensorflow"), keras_defaults():
        raise AssertionError("must not get here")


def test_a_model_of_channels_first_is_given_its_order(tmp_path: Path) -> None:
    """Such a model computes on a CPU too, where TensorFlow turns its convolutions round."""
    import keras

    def build(first: bool) -> Any:
        keras.utils.set_random_seed(0)
        layout = "channels_first" if first else "channels_last"
        pixels = keras.Input((3, zoo.SIZE, zoo.SIZE) if first else (zoo.SIZE, zoo.SIZE, 3))
        x = keras.layers.Rescaling(1 / 255)(pixels)
        x = keras.layers.Conv2D(9, 1, data_format=layout)(x)
        x = keras.layers.GlobalAveragePooling2D(data_format=layout)(x)
        return keras.Model(pixels, keras.layers.Dense(4)(x))

    last, first = build(False), build(True)
    first.set_weights(last.get_weights())
    one, other = tmp_path / "last", tmp_path / "first"
    got = []
    for model, folder in ((last, one), (first, other)):
        folder.mkdir()
        got.append(backbones.load(str(zoo.saved(model, folder, "keras"))).extract(zoo.IMAGES))
    np.testing.assert_allclose(got[0].embeddings, got[1].embeddings, atol=1e-5)
