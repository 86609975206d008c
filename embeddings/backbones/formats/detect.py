"""Which format a model is in: told by its content where it can be, else by its suffix."""

from __future__ import annotations

import json
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from embeddings.errors import ModelError

Format = Literal[
    "keras", "saved_model", "tflite", "onnx", "torch_export", "torchscript", "transformers", "timm",
    "keras_hub",
]  # fmt: skip

KNOWN: Final = (
    ".keras, .h5, a SavedModel folder, .tflite, .onnx; with PyTorch .pt2, TorchScript, timm:NAME, "
    "torchvision:NAME or a folder of transformers; with KerasHub a preset's folder"
)
LOADERS: Final[dict[Format, str]] = {
    "keras": "formats.keras_file",
    "saved_model": "formats.saved_model",
    "tflite": "formats.tflite",
    "onnx": "formats.onnx",
    "torch_export": "torch_models.exported",
    "torchscript": "torch_models.scripted",
    "transformers": "torch_models.transformers_folder",
    "timm": "torch_models.named",
    "keras_hub": "formats.keras_hub_preset",
}
_BY_SUFFIX: Final[dict[str, Format]] = {
    ".keras": "keras", ".h5": "keras", ".hdf5": "keras", ".tflite": "tflite", ".onnx": "onnx",
}  # fmt: skip
_PICKLED: Final = frozenset({".pt", ".pth", ".ckpt", ".pkl", ".bin", ".tar"})
_LARGEST_CONFIG: Final = 1 << 22


def is_here(package: str) -> bool:
    """Whether a package is installed; it is not imported for that."""
    return find_spec(package) is not None


def format_of(path: Path) -> Format:
    """Return the format of a model's file or folder.

    Raises
    ------
    ModelError
        It is none, or one that can't be used, with the reason and what to do instead.
    """
    if path.is_dir():
        return _format_of_folder(path)
    try:
        with path.open("rb") as handle:
            head = handle.read(64)
    except OSError as error:
        raise ModelError(f"{path} can't be read ({error.strerror}).", hint="Mend that.") from error
    if head.startswith(b"version https://git-lfs"):
        raise ModelError(
            f"{path} is a pointer of Git LFS, not the model itself.", hint="Run: git lfs pull"
        )
    if head[4:8] == b"TFL3":
        return "tflite"
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return "keras"
    if head.startswith(b"PK\x03\x04"):
        return _format_of_archive(path)
    suffix = path.suffix.lower()
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05" and suffix in _PICKLED:
        raise _pickled(path)
    if head[8:9] == b"{" and suffix == ".safetensors":
        raise _weights_alone(path)
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if suffix in _PICKLED:
        raise _pickled(path)
    raise ModelError(f"{path} is not a model file that is known.", hint=f"Give {KNOWN}.")


def _format_of_archive(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as pack:
            names = [name.partition("/")[2] or name for name in pack.namelist()]
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        names = []  # the loader that its name asks for says in which way it is damaged
    if "archive_format" in names or "serialized_exported_program.json" in names:
        return "torch_export"
    if any(name.startswith("code/") for name in names) and "constants.pkl" in names:
        return "torchscript"
    suffix = path.suffix.lower()
    if "data.pkl" in names or (suffix in _PICKLED and "config.json" not in names):
        raise _pickled(path)
    if suffix == ".zip" and names and "config.json" not in names:
        raise ModelError(
            f"{path} is an archive, not the model itself.",
            hint="Unpack it, and give the model that is in it.",
        )
    return _BY_SUFFIX.get(suffix, "keras")


def _format_of_folder(path: Path) -> Format:
    if (path / "saved_model.pb").is_file():
        return "saved_model"
    config = folder_config(path)
    if config is None:
        raise ModelError(f"{path} is a folder without saved_model.pb.", hint=f"Give {KNOWN}.")
    if "keras_hub" in f"{config.get('registered_name', '')} {config.get('module', '')}":
        return "keras_hub"
    if "architecture" in config and ("pretrained_cfg" in config or "num_classes" in config):
        return "timm"
    if "model_type" in config or "architectures" in config:
        return "transformers"
    raise ModelError(
        f"{path} holds a config.json that is of no known library.", hint=f"Give {KNOWN}."
    )


def folder_config(path: Path) -> dict[str, Any] | None:
    """Return what a folder's ``config.json`` says, or None where there is none to be read."""
    file = path / "config.json"
    try:
        if file.stat().st_size > _LARGEST_CONFIG:
            return None
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) else None


def _pickled(path: Path) -> ModelError:
    return ModelError(
        f"{path} is a pickled file of PyTorch: weights without the network they belong to, or "
        "Python objects, which could run code when they are loaded.",
        hint="For weights of a known network say its name: "
        f"--model timm:NAME@{path} or torchvision:NAME@{path}. "
        "For a network of your own, export it where it is defined: torch.export.save("
        "torch.export.export(model.eval(), (images,)), 'model.pt2'), or torch.onnx.export.",
    )


def _weights_alone(path: Path) -> ModelError:
    return ModelError(
        f"{path} holds weights without the network they belong to.",
        hint=f"Name the network: --model timm:NAME@{path} or torchvision:NAME@{path}; or give the "
        "folder of transformers that it lies in.",
    )
