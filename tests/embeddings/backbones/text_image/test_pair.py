"""Text-image pairs: found in a folder, loaded, and refused in words where something is wrong."""

from __future__ import annotations

import json
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from embeddings.backbones import TextImagePair, text_image_pair
from embeddings.backbones.text_image.onnx_encoders import OnnxTextEncoder
from embeddings.backbones.text_image.transformers_pair import TransformersPair
from embeddings.errors import MissingExtraError, ModelError, RosetteError, UsageError
from tests.embeddings.pipeline.test_run import draw
from tests.embeddings.text_image_pairs import (
    IMAGE,
    LENGTH,
    SIZE,
    TEXT,
    WIDTH,
    captions_of,
    make_pair,
    pixels_of,
)

COLOURS = {"red": (230, 40, 40), "green": (40, 200, 40), "blue": (40, 60, 220)}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("photos")
    for seed, (name, colour) in enumerate(COLOURS.items()):
        draw(root / name, 8, colour, seed)
    return sorted(root.rglob("*.png"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, files: list[Path]) -> Path:
    return make_pair(tmp_path_factory.mktemp("pair"), pixels_of(files), captions_of(files))


@pytest.fixture
def folder(tmp_path: Path, made: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "pair"))


def finds_colours(pair: TextImagePair, files: list[Path]) -> None:
    images = pair.image_encoder().extract(pixels_of(files)).embeddings
    images = images / np.linalg.norm(images, axis=1, keepdims=True)
    texts = pair.text_encoder().embed([f"a photo of a {name}" for name in COLOURS])
    assert texts.shape == (3, WIDTH)
    np.testing.assert_allclose(np.linalg.norm(texts, axis=1), 1, rtol=1e-5)
    best = [list(COLOURS)[k] for k in (images @ texts.T).argmax(axis=1)]
    assert best == [file.parent.name for file in files]


def test_texts_find_the_images_they_speak_of(made: Path, files: list[Path]) -> None:
    pair = text_image_pair(made)
    finds_colours(pair, files)
    encoder = pair.image_encoder()
    assert (encoder.input_size, encoder.width, encoder.classes) == (SIZE, WIDTH, None)
    assert (encoder.name, encoder.fingerprint) == (made.name, pair.fingerprint)
    assert encoder.notes == ()
    finds_colours(pickle.loads(pickle.dumps(pair)), files)


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("vision_model.onnx", "text_model.onnx"),
        ("image_encoder.onnx", "text_encoder.onnx"),
        ("visual.onnx", "textual.onnx"),
        ("visual/model.onnx", "textual/model.onnx"),
        ("clip-vit-b32-vision.onnx", "clip-vit-b32-text.onnx"),
    ],
)
def test_files_are_told_by_their_names(
    tmp_path: Path, files: list[Path], image: str, text: str
) -> None:
    pair = make_pair(tmp_path / "p", pixels_of(files), captions_of(files), image=image, text=text)
    if "/" in text:  # open_clip's exporters put it beside its encoder
        (pair / "tokenizer.json").rename((pair / text).parent / "tokenizer.json")
        (pair / "preprocessor_config.json").unlink()
        own = {"size": SIZE, "mean": [0.5, 0.4, 0.45], "std": [0.25, 0.3, 0.27]}
        ((pair / image).parent / "preprocess_cfg.json").write_text(json.dumps(own))
    finds_colours(text_image_pair(pair), files)


@pytest.mark.parametrize(
    "form",
    [
        {"fixed": 1},
        {"fixed": 5},
        {"mask": False},
        {"whole": TensorProto.INT32},
        {"outputs": ("pooler_output", "pooler_output")},
        {"outputs": ("y", "y")},
    ],
    ids=str,
)
def test_encoders_as_they_are_exported(tmp_path: Path, files: list[Path], form: dict) -> None:
    pair = make_pair(tmp_path, pixels_of(files), captions_of(files), **form)
    finds_colours(text_image_pair(pair), files)


def test_of_several_copies_the_full_one_is_taken(folder: Path) -> None:
    before = text_image_pair(folder).fingerprint
    for name in (
        "onnx/vision_model_quantized.onnx",
        "onnx/text_model_fp16.onnx",
        "onnx/model.onnx",
    ):
        (folder / name).write_bytes(b"another")
    assert text_image_pair(folder).fingerprint == before
    shutil.copy(folder / TEXT, folder / "text_encoder.onnx")
    with pytest.raises(UsageError, match=r"2 text encoders: onnx/text_model.onnx, text_encoder"):
        text_image_pair(folder)


def test_long_texts_are_cut_and_short_ones_filled_up(made: Path) -> None:
    encoder = text_image_pair(made).text_encoder()
    first = encoder.embed(["red " * LENGTH])
    np.testing.assert_allclose(encoder.embed(["red " * LENGTH + "green"]), first)
    np.testing.assert_allclose(encoder.embed(["red"]), first, atol=5e-3)
    many = encoder.embed(["red", "green", "blue"] * 30)
    np.testing.assert_array_equal(many[:3], many[-3:])
    for odd in ("", " ", "\0", "🜲" * 999, "red\ud800".encode("utf-8", "replace").decode()):
        assert encoder.embed([odd]).shape == (1, WIDTH)


@pytest.mark.parametrize(("mask", "length"), [(True, 4), (False, LENGTH)])
def test_padding_is_computed_only_where_it_is_a_part_of_the_text(
    tmp_path: Path, files: list[Path], mask: bool, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_pair(tmp_path, pixels_of(files), captions_of(files), mask=mask)
    encoder = text_image_pair(folder).text_encoder()
    assert isinstance(encoder, OnnxTextEncoder)
    shapes = []
    run = encoder._run
    monkeypatch.setattr(
        encoder, "_run", lambda tokens: (shapes.append(tokens.shape), run(tokens))[1]
    )
    encoder.embed(["red", "a drawing of red"])
    assert shapes == [(2, 2, length)]


def test_each_file_and_setting_is_part_of_the_fingerprint(folder: Path) -> None:
    seen = {text_image_pair(folder).fingerprint}
    for file in (IMAGE, TEXT):
        model = onnx.load(str(folder / file))
        model.producer_name = "another"
        onnx.save(model, str(folder / file))
        seen.add(text_image_pair(folder).fingerprint)
    (folder / "tokenizer.json").write_text((folder / "tokenizer.json").read_text() + "\n")
    seen.add(text_image_pair(folder).fingerprint)
    (folder / "preprocessor_config.json").unlink()
    pair = text_image_pair(folder)
    assert "CLIP's mean and deviation were assumed" in pair.image_encoder().notes[0]
    assert len(seen | {pair.fingerprint}) == 5


def test_weights_beside_a_graph_count_and_must_be_there(folder: Path) -> None:
    model = onnx.load(str(folder / TEXT))
    onnx.save(
        model,
        str(folder / TEXT),
        save_as_external_data=True,
        location="text.data",
        size_threshold=100,
    )
    before = text_image_pair(folder)
    assert before.text_encoder().width == WIDTH
    data = folder / "onnx" / "text.data"
    data.write_bytes(data.read_bytes()[:-4] + b"\0\0\0\1")
    assert text_image_pair(folder).fingerprint != before.fingerprint
    data.unlink()
    with pytest.raises(ModelError, match=r"text.data, which is not beside it"):
        text_image_pair(folder)
    bare = onnx.load(str(folder / TEXT), load_external_data=False)
    for tensor in bare.graph.initializer:
        for entry in tensor.external_data:
            entry.value = "../../../etc/hosts" if entry.key == "location" else entry.value
    (folder / TEXT).write_bytes(bare.SerializeToString())
    with pytest.raises(ModelError, match="which is not beside it"):
        text_image_pair(folder)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (IMAGE, "holds no image encoder"),
        (TEXT, "holds no text encoder"),
        ("tokenizer.json", "holds no tokenizer.json"),
    ],
)
def test_a_missing_file_is_named(folder: Path, missing: str, said: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=said) as caught:
        text_image_pair(folder)
    assert caught.value.hint


def test_what_is_no_pair_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no"):
        text_image_pair(tmp_path / "absent")
    file = tmp_path / "clip.onnx"
    file.write_bytes(b"")
    with pytest.raises(UsageError, match=r"is a file.*two ONNX encoders"):
        text_image_pair(file)
    for name, said in (
        ("open_clip_config.json", "open_clip for PyTorch"),
        ("model.safetensors", "without a config.json"),
        ("model.weights.h5", "KerasHub"),
    ):
        other = tmp_path / name.replace(".", "-")
        other.mkdir()
        (other / name).write_bytes(b"{}")
        with pytest.raises(ModelError, match=f"{said}.*can't be used as it is"):
            text_image_pair(other)
    both = tmp_path / "both"
    both.mkdir()
    (both / "model.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match="one graph for both"):
        text_image_pair(both)


def test_encoders_of_two_widths_are_no_pair(tmp_path: Path, files: list[Path]) -> None:
    pair = make_pair(tmp_path, pixels_of(files), captions_of(files), width=16, text_width=20)
    with pytest.raises(ModelError, match="images get 16 numbers, texts 20"):
        text_image_pair(pair).image_encoder()


def test_encoders_that_were_mixed_up_say_what_they_take(folder: Path) -> None:
    image, text = folder / IMAGE, folder / TEXT
    kept = image.read_bytes()
    image.write_bytes(text.read_bytes())
    text.write_bytes(kept)
    with pytest.raises(ModelError, match=r"takes pixel_values.*not token numbers"):
        text_image_pair(folder).text_encoder()
    text.write_bytes(image.read_bytes())
    with pytest.raises(ModelError, match=r"takes input_ids.*not one RGB image"):
        text_image_pair(folder).image_encoder()


def test_a_tokenizer_of_another_model_is_told(folder: Path) -> None:
    content = json.loads((folder / "tokenizer.json").read_text())
    content["model"]["vocab"]["zebra"] = 10_000
    (folder / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match="of the same model"):
        text_image_pair(folder).text_encoder().embed(["zebra"])


@pytest.mark.parametrize("file", [IMAGE, TEXT, "tokenizer.json", "preprocessor_config.json"])
@pytest.mark.parametrize("kept", [0, 1, 60, 0.5, 0.99])
def test_files_that_are_cut_give_one_error(folder: Path, file: str, kept: float) -> None:
    whole = (folder / file).read_bytes()
    (folder / file).write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    with pytest.raises(RosetteError) as caught:
        text_image_pair(folder).image_encoder()
    assert str(folder) in caught.value.message
    assert caught.value.hint


def test_a_tokenizer_that_fails_at_a_text_gives_one_error(folder: Path) -> None:
    content = json.loads((folder / "tokenizer.json").read_text())
    del content["model"]["vocab"]["<unk>"]
    (folder / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"tokenizer beside .* can't read texts"):
        text_image_pair(folder).text_encoder().embed(["zebra"])


def test_names_that_are_no_text_give_one_error(folder: Path) -> None:
    for word in (b"length", b"text_embeds", b"batch", b"Gather"):
        content = (folder / TEXT).read_bytes()
        (folder / TEXT).write_bytes(content.replace(word, b"\xff" * len(word)))
        with pytest.raises(ModelError) as caught:
            text_image_pair(folder).text_encoder()
        assert caught.value.hint
        (folder / TEXT).write_bytes(content)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("preprocessor_config.json", {"image_mean": [0, 0]}),
        ("preprocessor_config.json", {"image_mean": ["x", 0, 0]}),
        ("preprocessor_config.json", {"image_std": [0, 1, 1]}),
        ("preprocessor_config.json", {"size": {"height": -3}}),
        ("preprocessor_config.json", {"size": 10**9}),
        ("preprocessor_config.json", {"preprocess_cfg": 3}),
        ("preprocessor_config.json", {"rescale_factor": "big"}),
        ("preprocessor_config.json", ["image_mean"]),
        ("config.json", {"text_config": {"max_position_embeddings": 10**9}}),
        ("tokenizer.json", {"version": "1.0"}),
        ("tokenizer.json", {"model": {"type": "WordLevel", "vocab": 3}}),
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_told(folder: Path, file: str, content: object) -> None:
    (folder / file).write_text(json.dumps(content))
    (folder / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError) as caught:
        text_image_pair(folder).image_encoder()
    assert file in caught.value.message


def test_pointers_of_git_lfs_are_told(folder: Path) -> None:
    (folder / TEXT).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(ModelError, match="pointer of Git LFS"):
        text_image_pair(folder)


def test_a_folder_of_transformers_needs_pytorch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text('{"text_config": {}, "vision_config": {}}')
    monkeypatch.setattr("embeddings.backbones.text_image.pair.is_here", lambda name: False)
    with pytest.raises(MissingExtraError, match=r"PyTorch is not installed.*explorer\[torch\]"):
        text_image_pair(tmp_path)


def test_pytorch_is_not_imported_after_tensorflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    pair = TransformersPair(tmp_path)
    for load in (pair.texts, lambda: pair.images("pair", "f")):
        with pytest.raises(ModelError, match="can't be loaded after TensorFlow"):
            load()
    assert "torch" not in sys.modules
