"""What docs/search.md writes to export a folder of transformers, done on tiny models."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.backbones import text_image_pair
from embeddings.backbones.text_image.onnx_pair import OnnxPair
from embeddings.errors import ModelError
from tests.conftest import ROOT

SIZE, LENGTH = 32, 20
START, END = "<|startoftext|>", "<|endoftext|>"


def saved(folder: Path, kind: str) -> tuple[Any, Any]:
    """Write a CLIP or SigLIP of random weights as a folder of transformers."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "ca", "car</w>", START, END]
    numbers = {token: place for place, token in enumerate(tokens)}
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps(numbers))
    (folder / "merges.txt").write_text("#version: 0.2\nc a\nca r</w>\n")
    tokenizer = transformers.CLIPTokenizer(
        vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt")
    )
    small = {"intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {
        **small, "hidden_size": 16, "vocab_size": len(tokens), "max_position_embeddings": LENGTH,
        "bos_token_id": numbers[START], "eos_token_id": numbers[END],
    }  # fmt: skip
    vision = {**small, "hidden_size": 16, "image_size": SIZE, "patch_size": 8}
    config = getattr(transformers, f"{kind}Config")(text_config=text, vision_config=vision)
    torch.manual_seed(0)
    model = getattr(transformers, f"{kind}Model")(config).eval()
    model.save_pretrained(folder)
    processor = transformers.CLIPImageProcessor(
        size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE}
    )
    transformers.CLIPProcessor(processor, tokenizer).save_pretrained(folder)
    return model, tokenizer


def features(made: Any) -> np.ndarray:
    rows = (made if hasattr(made, "numpy") else made.pooler_output).numpy()
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.mark.parametrize("kind", ["CLIP", "Siglip"])
def test_the_export_embeds_as_the_model_does(tmp_path: Path, kind: str) -> None:
    torch = pytest.importorskip("torch")
    model, tokenizer = saved(tmp_path / "model", kind)
    page = (ROOT / "docs" / "search.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    code = code.replace('"clip-vit-base-patch32"', repr(str(tmp_path / "model")))
    code = code.replace('Path("clip")', f"Path({str(tmp_path / 'clip')!r})")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, on its own ways
        exec(compile(code, "docs/search.md", "exec"), {})
    pair = text_image_pair(tmp_path / "clip")
    texts = ["car", "a car", "abc " * 30]
    ids = tokenizer(
        texts, padding="max_length", truncation=True, max_length=LENGTH, return_tensors="pt"
    )
    pixels = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
    assert isinstance(pair.form, OnnxPair)
    settings = pair.form.pixels
    mean, deviation = np.float32(settings.mean), np.float32(settings.deviation)
    given = torch.tensor(((pixels / np.float32(255) - mean) / deviation).transpose(0, 3, 1, 2))
    with torch.no_grad():
        of_texts = features(model.get_text_features(input_ids=ids["input_ids"]))
        of_images = features(model.get_image_features(pixel_values=given))
    as_it_is = text_image_pair(tmp_path / "model")
    assert as_it_is.fingerprint != pair.fingerprint
    for one in (pair, as_it_is):
        np.testing.assert_allclose(one.text_encoder().embed(texts), of_texts, atol=1e-5)
        encoder = one.image_encoder()
        assert (encoder.name, encoder.fingerprint) == (one.name, one.fingerprint)
        made = encoder.extract(pixels).embeddings
        made = made / np.linalg.norm(made, axis=1, keepdims=True)
        np.testing.assert_allclose(made, of_images, atol=1e-5)


def test_a_folder_of_transformers_that_is_not_whole_is_told(tmp_path: Path) -> None:
    saved(tmp_path / "model", "CLIP")
    for name, said in (("tokenizer.json", "tokenizer"), ("model.safetensors", "can't be loaded")):
        for file in (tmp_path / "model").glob("*"):
            if file.name in (name, *(("vocab.json", "merges.txt") if "token" in name else ())):
                file.unlink()
        with pytest.raises(ModelError, match=said):
            text_image_pair(tmp_path / "model").text_encoder()
