"""Which files of a folder are the image encoder, the text encoder and the tokenizer of a pair.

Folders as transformers.js has them (``onnx/vision_model.onnx``, ``onnx/text_model.onnx``), as
exporters of open_clip have them (``visual/model.onnx``, ``textual/model.onnx``), and flat ones
(``image_encoder.onnx``, ``text_encoder.onnx``) are told by the words in the names.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

from embeddings.backbones.formats.detect import format_of
from embeddings.backbones.formats.onnx import files_beside
from embeddings.errors import ModelError, UsageError

TOKENIZER: Final = "tokenizer.json"
NEEDED: Final = (
    "a folder with two ONNX encoders and their tokenizer, as in onnx/vision_model.onnx, "
    "onnx/text_model.onnx, tokenizer.json and preprocessor_config.json; or with PyTorch a folder "
    "of transformers (docs/search.md)"
)
_OF_IMAGES: Final = frozenset({"vision", "visual", "image", "img"})
_OF_TEXTS: Final = frozenset({"text", "textual"})
# Words in the names of lighter copies, which lie beside the full model.
_LIGHTER: Final = frozenset(
    {"fp16", "float16", "quantized", "int8", "uint8", "q4", "q4f16", "q8", "bnb4"}
)
_OTHER_LIBRARIES: Final = (
    ("open_clip_config.json", "a model of open_clip for PyTorch"),
    ("open_clip_pytorch_model.bin", "a model of open_clip for PyTorch"),
    ("model.safetensors", "weights without a config.json of images and texts"),
    ("pytorch_model.bin", "weights without a config.json of images and texts"),
    ("model.weights.h5", "a preset of KerasHub"),
    ("saved_model.pb", "a SavedModel of TensorFlow"),
)
_LARGEST_TOKENIZER: Final = 200_000_000  # bytes
_LARGEST_SETTINGS: Final = 4_000_000
_MOST_FILES: Final = 500


@dataclass(frozen=True, slots=True)
class PairFiles:
    """The files of a pair; ``weights`` are those that the encoders keep their weights in."""

    folder: Path
    image: Path
    text: Path
    tokenizer: Path
    weights: tuple[Path, ...]


def find_files(folder: Path) -> PairFiles:
    """Find the files of a pair.

    Raises
    ------
    UsageError
        There is no such folder, or it holds several encoders of one sort.
    ModelError
        One of the files is missing or no more than a pointer.
    """
    if not folder.exists():
        raise UsageError(f"There is no {folder}.", hint=f"Give {NEEDED}.")
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file.", hint=f"--text-model takes {NEEDED}.")
    graphs = sorted([*folder.glob("*.onnx"), *folder.glob("*/*.onnx")])[:_MOST_FILES]
    image = _encoder(folder, graphs, _OF_IMAGES - _OF_TEXTS, _OF_TEXTS, "image")
    text = _encoder(folder, graphs, _OF_TEXTS, _OF_IMAGES, "text")
    tokenizer = _tokenizer(folder, text)
    weights = [weight for graph in (image, text) for weight in _weights(graph)]
    return PairFiles(folder, image, text, tokenizer, tuple(weights))


def read_settings(files: PairFiles, *names: str) -> tuple[Path, dict[str, Any]] | None:
    """Return the first JSON file of these names that lies in the folder or beside an encoder.

    Raises
    ------
    ModelError
        It can't be read as a JSON object.
    """
    places = dict.fromkeys((files.folder, files.image.parent, files.text.parent))
    for name in names:
        for place in places:
            if (place / name).is_file():
                return place / name, read_json(place / name, _LARGEST_SETTINGS)
    return None


def read_json(file: Path, largest: int = _LARGEST_TOKENIZER) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    ModelError
        It is none, or larger than such a file ever is.
    """
    hint = "Copy the file again from where the pair is from."
    try:
        size = file.stat().st_size
        if size > largest:
            raise ModelError(f"{file} has {size / 1e6:,.0f} MB, too many for its sort.", hint=hint)
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(
            f"{file} can't be read ({' '.join(str(error).split())[:120]}).", hint=hint
        ) from error
    if not isinstance(said, dict):
        raise ModelError(f"{file} holds no JSON object.", hint=hint)
    return said


def _words(path: PurePath) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", path.with_suffix("").as_posix().lower()))


def _encoder(
    folder: Path, graphs: list[Path], ours: frozenset[str], other: frozenset[str], sort: str
) -> Path:
    """Return the graph whose name has a word of ours and none of the others, the full one first."""
    named = {graph: _words(graph.relative_to(folder)) for graph in graphs}
    fit = {graph: words for graph, words in named.items() if words & ours and not words & other}
    if not fit:
        raise ModelError(f"{folder} holds no {sort} encoder.", hint=_instead(folder, graphs))
    lighter = {graph: len(words & _LIGHTER) for graph, words in fit.items()}
    fullest = [graph for graph, n in lighter.items() if n == min(lighter.values())]
    if len(fullest) > 1:
        names = ", ".join(graph.relative_to(folder).as_posix() for graph in fullest[:4])
        raise UsageError(
            f"{folder} holds {len(fullest)} {sort} encoders: {names}.",
            hint="Leave one of them in the folder.",
        )
    if format_of(fullest[0]) != "onnx":  # which refuses a pointer of Git LFS by itself
        raise ModelError(f"{fullest[0]} is no ONNX model.", hint="Copy it again.")
    return fullest[0]


def _instead(folder: Path, graphs: list[Path]) -> str:
    """Say what to give, and where something else was given, what that is."""
    for name, what in _OTHER_LIBRARIES:
        if (folder / name).is_file() and not graphs:
            return f"It holds {what}, which can't be used as it is: export it. Needed is {NEEDED}."
    if any(graph.name.startswith("model") for graph in graphs):
        return f"{graphs[0].name} is one graph for both: export them apart. Needed is {NEEDED}."
    return f"Give {NEEDED}."


def _tokenizer(folder: Path, text: Path) -> Path:
    for place in (folder, text.parent):
        if (place / TOKENIZER).is_file():
            return place / TOKENIZER
    raise ModelError(
        f"{folder} holds no {TOKENIZER}.",
        hint="Copy it from where the pair is from; of another form of tokenizer transformers "
        "writes one: AutoTokenizer.from_pretrained(…).save_pretrained(FOLDER).",
    )


def _weights(graph: Path) -> list[Path]:
    """Return the files beside a graph that it keeps its weights in.

    Raises
    ------
    ModelError
        One is not there, or would lie outside the folder.
    """
    found = []
    for name in files_beside(graph):
        inside = not PurePath(name).is_absolute() and ".." not in PurePath(name).parts
        if not inside or not (graph.parent / name).is_file():
            raise ModelError(
                f"{graph} keeps its weights in {name}, which is not beside it.",
                hint=f"Copy that file into {graph.parent}, under that name.",
            )
        found.append(graph.parent / name)
    return found
