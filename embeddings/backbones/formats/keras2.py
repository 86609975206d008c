"""Files that Keras 2 wrote (TensorFlow up to 2.15, and tf_keras): how to tell them, what to do.

Keras 3 reads some of them, and fails on others with errors that name neither Keras 2 nor a way out:
nested models, operations on tensors (``TFOpLambda``), arguments that later layers lost.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any


def keras2_remedy(path: Path) -> str | None:
    """Return what to do with a file of Keras 2, or None where it is of another version."""
    if not _is_of_keras2(path):
        return None
    kept = path.with_suffix("").name
    return (
        "Turn it into a SavedModel with Keras 2 (in an environment of its own, if you like): "
        f"pip install tf_keras; python -c \"import tf_keras; tf_keras.models.load_model('{path}', "
        f"compile=False).export('{kept}_savedmodel')\"; then give --model {kept}_savedmodel."
    )


def _is_of_keras2(path: Path) -> bool:
    try:
        with path.open("rb") as handle:
            hdf5 = handle.read(4) == b"\x89HDF"
        version = _version_of_hdf5(path) if hdf5 else _version_of_archive(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return False
    return version.startswith("2.")


def _version_of_hdf5(path: Path) -> str:
    import h5py

    with h5py.File(path, "r") as file:
        version: Any = file.attrs.get("keras_version", "")
    return version.decode("utf-8", "replace") if isinstance(version, bytes) else str(version)


def _version_of_archive(path: Path) -> str:
    with zipfile.ZipFile(path) as pack:
        if pack.getinfo("metadata.json").file_size > 1 << 20:
            return ""
        said = json.loads(pack.read("metadata.json"))
    return str(said.get("keras_version", "")) if isinstance(said, dict) else ""
