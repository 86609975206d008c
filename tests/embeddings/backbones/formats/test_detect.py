"""Which format a file is in, and what is said of one that can't be used."""

from __future__ import annotations

import json
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from embeddings import backbones
from embeddings.backbones.formats.detect import format_of
from embeddings.errors import MissingExtraError, ModelError


def packed(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as pack:
        for name in names:
            pack.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("m/archive_format", "m/models/model.json"), "torch_export"),
        (("serialized_exported_program.json",), "torch_export"),
        (("m/code/__torch__.py", "m/constants.pkl", "m/data.pkl"), "torchscript"),
        (("config.json", "model.weights.h5"), "keras"),
    ],
)
def test_archives_are_told_by_what_is_in_them(
    tmp_path: Path, names: tuple[str, ...], wanted: str
) -> None:
    for suffix in ("pt", "bin", "keras"):
        assert format_of(packed(tmp_path / f"m.{suffix}", *names)) == wanted


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({"model_type": "vit"}, "transformers"),
        ({"architecture": "resnet18", "num_classes": 3}, "timm"),
        ({"module": "keras_hub.src.models.vit", "class_name": "ViTBackbone"}, "keras_hub"),
    ],
)
def test_folders_are_told_by_their_configuration(
    tmp_path: Path, config: dict[str, str], wanted: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert format_of(tmp_path) == wanted


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}'])
def test_a_folder_of_something_else_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=tmp_path.name):
        format_of(tmp_path)


def test_weights_without_their_network_say_how_to_name_it(tmp_path: Path) -> None:
    pickled = packed(tmp_path / "m.pt", "m/data.pkl", "m/data/0")
    older = tmp_path / "m.pth"
    older.write_bytes(b"\x80\x02\x8a\nlF\xf9")
    for file in (pickled, older):
        with pytest.raises(ModelError, match=r"pickled.*timm:NAME@") as told:
            backbones.load(str(file))
        assert str(file) in told.value.hint
    tensors = tmp_path / "m.safetensors"
    tensors.write_bytes(b"\x02\0\0\0\0\0\0\0{}" + b" " * 8)
    with pytest.raises(ModelError, match=r"without the network.*torchvision:NAME@"):
        backbones.load(str(tensors))


def test_a_pointer_of_git_lfs_is_said(tmp_path: Path) -> None:
    file = tmp_path / "m.onnx"
    file.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(ModelError, match="git lfs pull"):
        backbones.load(str(file))


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_pytorchs_models_name_the_extra(tmp_path: Path) -> None:
    program = packed(tmp_path / "m.pt2", "m/archive_format")
    for model in (str(program), "timm:resnet18", "torchvision:resnet18"):
        with pytest.raises(MissingExtraError, match=r"rosette-explorer\[torch\]"):
            backbones.load(model)


@pytest.mark.skipif(find_spec("keras_hub") is not None, reason="KerasHub is installed")
def test_kerashubs_models_name_the_extra(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"module": "keras_hub.src.x"}', encoding="utf-8")
    with pytest.raises(MissingExtraError, match=r"rosette-explorer\[hub\]"):
        backbones.load(str(tmp_path))


def test_a_keras_file_under_another_name_is_opened_by_its_content(tmp_path: Path) -> None:
    from tests.embeddings.backbones import zoo

    model = zoo.model_of(zoo.CLASSIFIERS["plain"])
    file = zoo.saved(model, tmp_path, "h5").rename(tmp_path / "inside.keras")
    assert backbones.load(str(file)).width == zoo.WIDTH
    assert backbones.describe(str(file)).format == "HDF5"


def test_a_file_of_pytorch_that_was_cut_is_no_keras_model(tmp_path: Path) -> None:
    file = tmp_path / "tiny.pt"
    file.write_bytes(b"PK\x03\x04" + b"x" * 11)
    with pytest.raises(ModelError, match="pickled file of PyTorch"):
        backbones.load(str(file))
