"""Files of Keras 2: how they are told, and that the remedy is one that works."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError

LAYERS = [{"class_name": "TFOpLambda"}]
CONFIG = {"class_name": "Functional", "config": {"name": "m", "layers": LAYERS}}


def hdf5(path: Path, version: str) -> Path:
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version
        file.attrs["model_config"] = json.dumps(CONFIG)
    return path


def archive(path: Path, version: str) -> Path:
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr("metadata.json", json.dumps({"keras_version": version}))
        pack.writestr("config.json", json.dumps(CONFIG))
    return path


@pytest.mark.parametrize("write", [hdf5, archive])
def test_keras_2_is_named_and_the_flag_for_code_is_not(tmp_path: Path, write: Any) -> None:
    """Keras issue 19151 and googlecreativelab/teachablemachine-community issue 403."""
    suffix = ".h5" if write is hdf5 else ".keras"
    older = write(tmp_path / f"old{suffix}", "2.15.0")
    with pytest.raises(ModelError, match=r"Keras 2.*tf_keras.*export\('old_savedmodel'\)") as told:
        backbones.load(str(older))
    assert "--trust-model-code" not in str(told.value)
    newer = write(tmp_path / f"new{suffix}", "3.9.0")
    with pytest.raises(ModelError) as told:
        backbones.load(str(newer))
    assert "tf_keras" not in str(told.value)


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_the_remedy_works(tmp_path: Path, suffix: str) -> None:
    """The command of the hint is run as it stands."""
    k = pytest.importorskip("tf_keras", reason="needs tf_keras, Keras 2")
    k.utils.set_random_seed(0)
    pixels = k.Input((16, 16, 3))
    x = k.layers.Conv2DTranspose(9, 3, activation="relu")(pixels / 127.5 - 1.0)
    pooled = k.layers.GlobalAveragePooling2D()(x)
    model = k.Model(pixels, k.layers.Dense(3, activation="softmax")(pooled))
    file = tmp_path / f"old.{suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the form is old, which is why it is tried
        model.save(file)
    with pytest.raises(ModelError) as told:
        backbones.load(str(file))
    code = re.search(r'python -c ("[^"]*")', told.value.hint)
    assert code is not None
    command = [sys.executable, "-c", *shlex.split(code[1])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    wanted = k.Model(pixels, pooled)(images.astype(np.float32))
    got = backbones.load(str(tmp_path / "old_savedmodel")).extract(images).embeddings
    np.testing.assert_allclose(got, np.asarray(wanted), atol=1e-4)
