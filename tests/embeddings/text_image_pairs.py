"""Tiny text-image pairs in the real formats, trained in a second on the images of a test.

The image encoder is a convolution with patches of the images as its filters, pooled, and a
projection that ridge regression finds; the text encoder looks up a vector for each word and takes
the mean of the words that are not padding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

SIZE, WIDTH, LENGTH, FILTERS, PATCH = 32, 24, 12, 48, 7
MEAN, DEVIATION = (0.5, 0.4, 0.45), (0.25, 0.3, 0.27)
SILENT = ("a", "an", "of", "the", "drawing", "on", "in")
IMAGE, TEXT = "onnx/vision_model.onnx", "onnx/text_model.onnx"


def make_pair(
    folder: Path,
    images: NDArray[np.uint8],
    captions: Sequence[str],
    *,
    image: str = IMAGE,
    text: str = TEXT,
    width: int = WIDTH,
    text_width: int | None = None,
    fixed: int | None = None,
    mask: bool = True,
    whole: int = TensorProto.INT64,
    outputs: tuple[str, str] = ("image_embeds", "text_embeds"),
    seed: int = 0,
) -> Path:
    """Train a pair on (n, SIZE, SIZE, 3) uint8 images and their captions; return its folder.

    ``fixed`` is a batch size that the graphs insist on; without a ``mask`` the padding has a vector
    of zeros, as in SigLIP, which has no mask either.
    """
    rng = np.random.default_rng(seed)
    words = sorted({word for caption in captions for word in caption.lower().split()} - {*SILENT})
    vocabulary = ["<pad>", "<unk>", *SILENT, *words]
    table = np.zeros((len(vocabulary), text_width or width), np.float32)
    table[-len(words) :] = rng.normal(size=(len(words), table.shape[1]))
    table[-len(words) :] /= np.linalg.norm(table[-len(words) :], axis=1, keepdims=True)
    number = {word: place for place, word in enumerate(vocabulary)}
    meant = np.stack(
        [np.mean([table[number[w]] for w in c.lower().split() if w in words], 0) for c in captions]
    )
    for file in (image, text):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
    _image_encoder(folder / image, images, meant[:, :width], fixed, outputs[0], rng)
    _text_encoder(folder / text, table, fixed, mask, whole, outputs[1])
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    settings: dict[str, Any] = {
        "preprocessor_config.json": {
            "crop_size": {"height": SIZE, "width": SIZE},
            "image_mean": MEAN,
            "image_std": DEVIATION,
            "do_normalize": True,
        },
        "tokenizer_config.json": {"model_max_length": LENGTH, "pad_token": "<pad>"},
    }
    for name, content in settings.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def pixels_of(files: Sequence[Path], size: int = SIZE) -> NDArray[np.uint8]:
    """Read images as the run reads them."""
    from embeddings.images import prepare

    return np.stack([prepare(file, size).pixels for file in files])


def captions_of(files: Sequence[Path]) -> list[str]:
    """Call each image by the folder that it lies in."""
    return [f"a drawing of a {re.sub('[^a-z]+', ' ', file.parent.name.lower())}" for file in files]


def pair_of_folders(folder: Path, root: Path, **kwargs: Any) -> Path:
    """Train a pair on a folder of labels."""
    files = sorted(file for file in root.rglob("*") if file.suffix in (".png", ".jpg"))
    return make_pair(folder, pixels_of(files), captions_of(files), **kwargs)


def _tokenizer(vocabulary: list[str]) -> Tokenizer:
    numbers = {word: place for place, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def _saved(
    path: Path, nodes: list[Any], weights: dict[str, NDArray[Any]], inputs: Any, outputs: Any
) -> None:
    kept = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    graph = helper.make_graph(nodes, "encoder", inputs, outputs, kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _image_encoder(
    path: Path,
    images: NDArray[np.uint8],
    meant: NDArray[np.float32],
    fixed: int | None,
    output: str,
    rng: np.random.Generator,
) -> None:
    x = ((images / np.float32(255) - np.float32(MEAN)) / np.float32(DEVIATION)).transpose(
        0, 3, 1, 2
    )
    patches = []
    for n in rng.integers(len(x), size=FILTERS):
        top, left = rng.integers(SIZE - PATCH, size=2)
        patch = x[n, :, top : top + PATCH, left : left + PATCH] + rng.normal(
            0, 0.1, (3, PATCH, PATCH)
        )
        patches.append(patch / np.linalg.norm(patch))
    weights: dict[str, NDArray[Any]] = {"filters": np.asarray(patches, np.float32)}
    features = [
        helper.make_node("Conv", ["pixel_values", "filters"], ["seen"], strides=[2, 2]),
        helper.make_node("Relu", ["seen"], ["bent"]),
        helper.make_node("AveragePool", ["bent"], ["pooled"], kernel_shape=[4, 4], strides=[3, 3]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
    ]
    given = helper.make_tensor_value_info("pixel_values", 1, [fixed or "batch", 3, SIZE, SIZE])
    free = helper.make_tensor_value_info("pixel_values", 1, ["batch", 3, SIZE, SIZE])
    flat = helper.make_tensor_value_info("flat", 1, ["batch", None])
    _saved(path, features, weights, [free], [flat])
    (seen,) = onnxruntime.InferenceSession(str(path)).run(None, {"pixel_values": x})
    centre = seen.mean(axis=0)
    seen = seen - centre
    ridge = 0.01 * np.trace(seen @ seen.T) / len(seen) * np.eye(len(seen), dtype=np.float32)
    weights["projection"] = (
        seen.T @ np.linalg.solve(seen @ seen.T + ridge, meant - meant.mean(0))
    ).astype(np.float32)
    weights["bias"] = (meant.mean(0) - centre @ weights["projection"]).astype(np.float32)
    project = helper.make_node("Gemm", ["flat", "projection", "bias"], [output])
    made = helper.make_tensor_value_info(output, 1, [fixed or "batch", meant.shape[1]])
    _saved(path, [*features, project], weights, [given], [made])


def _text_encoder(
    path: Path,
    table: NDArray[np.float32],
    fixed: int | None,
    mask: bool,
    whole: int,
    output: str,
) -> None:
    weights: dict[str, NDArray[Any]] = {
        "table": table,
        "last": np.array([-1]),
        "middle": np.array([1]),
    }
    names = ["input_ids", *(["attention_mask"] if mask else [])]
    inputs = [
        helper.make_tensor_value_info(name, whole, [fixed or "batch", "length"]) for name in names
    ]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["each"])]
    if mask:
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["said"], to=1),
            helper.make_node("Unsqueeze", ["said", "last"], ["wide"]),
            helper.make_node("Mul", ["each", "wide"], ["kept"]),
        ]
    nodes.append(
        helper.make_node("ReduceSum", ["kept" if mask else "each", "middle"], ["sum"], keepdims=0)
    )
    # a text of unknown words alone is a vector of its own, not one of zeros
    weights["nothing"] = np.full((1, table.shape[1]), 1e-3, np.float32)
    nodes.append(helper.make_node("Add", ["sum", "nothing"], [output]))
    made = helper.make_tensor_value_info(output, 1, [fixed or "batch", table.shape[1]])
    _saved(path, nodes, weights, inputs, [made])
