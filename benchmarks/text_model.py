"""How well sentences find photos, and words name parts, with a pair trained on half of the kinds.

    python benchmarks/text_model.py [--shared DIR] [--work DIR] [--seeds 0-4]

No pair of usual size can be part of the project, so a small one is made of what lies beside it: the
image encoder is SqueezeNet with a projection that is trained by CLIP's loss, the text encoder a
table of words. It learns every second kind of photos, from half of its images called *a photo of a
KIND*, and from photos without labels that are called *a photo*. The rest is asked for:

*Precision*: of the first ten images for *a photo of a KIND*, the kinds that were learnt.
*Named*: kinds are put together two by two under one label, and its parts are named by the words
that were learnt: of parts whose kind is among them, those called by it. *Silent*: of the other
parts, those without a name.

Prints JSON; a line for each wrong name goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SIZE, WIDTH, LENGTH = 224, 64, 8
MODEL = "models/squeezenet1.1_embed512_logits.onnx"
UNLABELLED = 1500  # photos called *a photo*
SCALE, STEPS, RATE, DECAY = 100, 300, 2e-3, 1e-3  # of the training
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def words_of(kind: str) -> str:
    return kind.replace("_", " ").lower()


def photos(shared: Path) -> dict[str, list[Path]]:
    """Return the photos of each kind, in the order of their names."""
    found: dict[str, list[Path]] = {}
    for file in sorted((shared / "data" / "photos").rglob("*.jpg")):
        found.setdefault(file.parent.name, []).append(file)
    return found


def unlabelled(shared: Path) -> list[bytes]:
    """Return some photos without a label, evenly from all there are."""
    import pyarrow.parquet as pq

    files = sorted((shared / "data" / "unlabelled").glob("*.parquet"))
    found: list[bytes] = []
    for file in files:
        column = pq.read_table(file, columns=["jpeg"]).column("jpeg")
        step = max(1, len(column) * len(files) // UNLABELLED)
        found += column.take(list(range(0, len(column), step))).to_pylist()
    return found[:UNLABELLED]


def embedded(encoder: Any, pictures: list[Any]) -> np.ndarray:
    """Return the embeddings of files or of the bytes of pictures."""
    from embeddings.images import prepare

    parts = (pictures[start : start + 32] for start in range(0, len(pictures), 32))
    return np.concatenate(
        [
            encoder.extract(np.stack([prepare(p, SIZE).pixels for p in part])).embeddings
            for part in parts
        ]
    )


def write_texts(folder: Path, kinds: list[str]) -> dict[str, np.ndarray]:
    """Write tokenizer, encoder of texts and settings; return the vector of each word."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    said = sorted({word for kind in kinds for word in words_of(kind).split()} | {"photo"})
    vocabulary = ["<pad>", "<unk>", "a", "an", "of", "in", "something", *said]
    table = np.zeros((len(vocabulary), WIDTH), np.float32)
    drawn = np.random.default_rng(0).normal(size=(len(said), WIDTH))
    table[-len(said) :] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    number = {word: place for place, word in enumerate(vocabulary)}
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel(number, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    for name, settings in (
        ("preprocessor_config.json", {"image_mean": MEAN, "image_std": DEVIATION, "size": SIZE}),
        ("tokenizer_config.json", {"model_max_length": LENGTH, "pad_token": "<pad>"}),
    ):
        (folder / name).write_text(json.dumps(settings))
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("ReduceSum", ["each", "middle"], ["text_embeds"], keepdims=0),
    ]
    tokens = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])
    made = helper.make_tensor_value_info("text_embeds", TensorProto.FLOAT, ["batch", WIDTH])
    weights = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([1]), "middle"),
    ]
    graph = helper.make_graph(nodes, "words", [tokens], [made], weights)
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.save(model, str(folder / "text_model.onnx"))
    return {word: table[number[word]] for word in said}


def write_images(folder: Path, shared: Path, projection: np.ndarray, bias: np.ndarray) -> None:
    """Write SqueezeNet up to its embedding, with a projection behind it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(shared / MODEL))
    weights = [
        numpy_helper.from_array(projection, "projection"),
        numpy_helper.from_array(bias, "bias"),
    ]
    model.graph.initializer.extend(weights)
    names = ["embedding", "projection", "bias"]
    model.graph.node.append(helper.make_node("Gemm", names, ["image_embeds"]))
    del model.graph.output[:]
    shape = ["batch", projection.shape[1]]
    model.graph.output.append(
        helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, shape)
    )
    onnx.save(model, str(folder / "vision_model.onnx"))


def trained_pair(shared: Path, folder: Path, learnt: dict[str, list[Path]]) -> Any:
    """Train the pair on every second image of the kinds that are learnt, and load it."""
    from embeddings.backbones import text_image_pair

    words = write_texts(folder, list(learnt))
    write_images(folder, shared, np.eye(512, dtype=np.float32), np.zeros(512, np.float32))
    pictures = [(file, kind) for kind, files in learnt.items() for file in files[::2]]
    free = unlabelled(shared)
    captions = [*learnt, ""]
    texts = np.stack(
        [words["photo"] + sum(words[w] for w in words_of(one).split()) for one in captions]
    )
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    meant = np.array([captions.index(kind) for _, kind in pictures] + [len(learnt)] * len(free))
    seen = embedded(bare_encoder(folder), [*(file for file, _ in pictures), *free])
    write_images(folder, shared, *projected(seen, texts, meant))
    return text_image_pair(folder)


def projected(
    seen: np.ndarray, texts: np.ndarray, meant: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Learn a projection of ``seen`` by CLIP's loss: images against captions, and the other way.

    Steps of Adam (Kingma and Ba 2015) from a random start; ``texts`` stay as they are.
    """
    centre, spread = seen.mean(axis=0), seen.std()
    X = ((seen - centre) / spread).astype(np.float32)
    W = np.random.default_rng(1).normal(0, 0.02, (X.shape[1], texts.shape[1])).astype(np.float32)
    first, second = np.zeros_like(W), np.zeros_like(W)
    truth = np.eye(len(texts), dtype=np.float32)[meant]
    shift = texts.mean(axis=0)
    for step in range(1, STEPS + 1):
        made = X @ W + shift
        length = np.linalg.norm(made, axis=1, keepdims=True)
        unit = made / length
        logits = SCALE * unit @ texts.T
        of_images = softmax(logits, 1) - truth
        of_texts = softmax(logits, 0) - truth / truth.sum(axis=0)
        of_unit = SCALE * (of_images / len(X) + of_texts / len(texts)) @ texts / 2
        slope = X.T @ ((of_unit - unit * (of_unit * unit).sum(axis=1, keepdims=True)) / length)
        slope += DECAY * W
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        W = W - RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    W = (W / spread).astype(np.float32)
    return W, (shift - centre @ W).astype(np.float32)


def softmax(logits: np.ndarray, axis: int) -> np.ndarray:
    shares = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


def bare_encoder(folder: Path) -> Any:
    """Return SqueezeNet's embedding as an extractor, before there is a projection to learn."""
    from embeddings.backbones import load

    return load(str(folder / "vision_model.onnx"), layer="embedding", preprocess="imagenet")


def precision(texts: Any, learnt: dict[str, list[Path]], X: np.ndarray, kinds: np.ndarray) -> float:
    """Return the mean share of the first ten images that are of the kind asked for."""
    asked = texts.embed([f"a photo of a {words_of(kind)}" for kind in learnt])
    order = np.argsort(-(asked @ X.T), axis=1)[:, :10]
    return float(
        np.mean([(kinds[rows] == kind).mean() for rows, kind in zip(order, learnt, strict=True)])
    )


def names(
    texts: Any, learnt: dict[str, list[Path]], X: np.ndarray, kinds: np.ndarray, seed: int
) -> list[dict[str, Any]]:
    """Put kinds together two by two, and name the parts by the words that were learnt."""
    from embeddings.kind_names import name_parts, sentences_for, zero_shot_scores

    listed = [words_of(kind) for kind in learnt]
    scores = zero_shot_scores(X, texts.embed(sentences_for(listed)))
    order = np.random.default_rng(seed).permutation(np.unique(kinds))
    label_of = {kind: (f"label {place // 2}", place % 2) for place, kind in enumerate(order)}
    labels = np.array([label_of[kind][0] for kind in kinds], dtype=object)
    clusters = np.array([label_of[kind][1] for kind in kinds])
    found = {
        (n.label, n.cluster): n for n in name_parts(scores, labels, clusters, listed, as_given=True)
    }
    parts = []
    for kind in order:
        name = found.get(label_of[kind])
        said = {name.general, *name.words} - {""} if name else set()
        parts.append({"kind": str(kind), "known": kind in learnt, "said": sorted(said),
                      "right": words_of(kind) in said})  # fmt: skip
    return parts


def main() -> None:
    """Train, search and name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "work" / "text_model")
    parser.add_argument("--seeds", default="0-4")
    asked = parser.parse_args()
    if not (asked.shared / MODEL).is_file():
        print(json.dumps({"skipped": f"there is no {MODEL} in {asked.shared}"}))
        return
    every = photos(asked.shared)
    learnt = {kind: files for place, (kind, files) in enumerate(every.items()) if place % 2 == 0}
    pair = trained_pair(asked.shared, asked.work / "pair", learnt)
    rest = [(file, kind) for kind, files in every.items() for file in files[1::2]]
    X = embedded(pair.image_encoder(), [file for file, _ in rest])
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    kinds, texts = np.array([kind for _, kind in rest]), pair.text_encoder()
    first, _, last = asked.seeds.partition("-")
    parts = [
        part
        for seed in range(int(first), int(last or first) + 1)
        for part in names(texts, learnt, X, kinds, seed)
    ]
    for part in parts:
        if part["said"] and not part["right"]:
            print(part, file=sys.stderr)
    known = [part for part in parts if part["known"]]
    others = [part for part in parts if not part["known"]]
    told = {
        "kinds learnt": len(learnt),
        "precision of the first ten": round(precision(texts, learnt, X, kinds), 3),
        "known": len(known),
        "named": round(float(np.mean([part["right"] for part in known])), 3),
        "known but silent": round(float(np.mean([not part["said"] for part in known])), 3),
        "unknown": len(others),
        "silent": round(float(np.mean([not part["said"] for part in others])), 3),
    }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
