"""A pair as a local folder of transformers: CLIP, SigLIP and what is made like them.

Nothing is fetched, and no code of the folder is run. Needs the extra ``torch``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows
from embeddings.backbones.description import Options, file_digest, fingerprint
from embeddings.backbones.formats.detect import folder_config
from embeddings.backbones.runtime.graph_extractor import GraphExtractor
from embeddings.backbones.torch_models import transformers_folder
from embeddings.backbones.torch_models.packages import package, torch
from embeddings.errors import ModelError

_TEXTS_AT_ONCE: Final = 32
# One of which must be there: without any the library makes a tokenizer that knows no word.
_OF_TOKENS: Final = (
    "tokenizer.json", "vocab.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model",
    "tokenizer.model",
)  # fmt: skip
_NO_MASK: Final = "siglip"  # models that were trained with padding in sight


def is_transformers_pair(folder: Path) -> bool:
    """Whether a folder is described as a model of images and texts of transformers."""
    config = folder_config(folder) or {}
    return "vision_config" in config and "text_config" in config


@dataclass(frozen=True, slots=True)
class TransformersPair:
    """A folder of transformers, looked at but not loaded."""

    folder: Path

    def images(self, name: str, fingerprint: str) -> GraphExtractor:
        """Load the encoder of images."""
        _refuse_after_tensorflow(self.folder)
        encoder = transformers_folder.load(self.folder, Options())
        encoder.name, encoder.fingerprint = name, fingerprint
        return encoder

    def texts(self) -> TransformersTextEncoder:
        """Load the encoder of texts."""
        _refuse_after_tensorflow(self.folder)
        return TransformersTextEncoder(self.folder)

    def digest(self) -> str:
        """Return the hash of all files."""
        return fingerprint("text-image pair of transformers", file_digest(self.folder))


class TransformersTextEncoder:
    """Embeds texts into the space of a pair of transformers.

    Raises
    ------
    ModelError
        Model or tokenizer can't be loaded, or it has no embedding of texts.
    MissingExtraError
        PyTorch or transformers are not installed.
    """

    def __init__(self, folder: Path) -> None:
        torch()
        transformers = package("transformers", "transformers")
        config, self._model, _ = transformers_folder.loaded(transformers, folder)
        self._folder = folder
        if not any((folder / name).is_file() for name in _OF_TOKENS):
            raise ModelError(
                f"{folder} holds no tokenizer.",
                hint=f"Copy {_OF_TOKENS[0]} into it from where the model is from.",
            )
        self._masked = not str(getattr(config, "model_type", "")).startswith(_NO_MASK)
        self._length = int(config.text_config.max_position_embeddings)
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True
            )
        except Exception as error:  # the library raises whatever a folder makes of it
            raise _broken(folder, "tokenizer", error) from error
        self.width = self.embed(["a photo"]).shape[1]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, width) float32 of length 1, a row for each text; long ones are cut.

        Raises
        ------
        ModelError
            The model can't embed texts, or has no finite embedding of one.
        """
        made = [
            self._some(list(texts[start : start + _TEXTS_AT_ONCE]))
            for start in range(0, len(texts), _TEXTS_AT_ONCE)
        ]
        rows = np.concatenate([*made, np.zeros((0, made[0].shape[1] if made else 0), np.float32)])
        if not np.isfinite(rows).all():
            raise ModelError(f"{self._folder} gives no finite embedding.", hint="Copy it again.")
        return unit_rows(rows)

    def _some(self, texts: list[str]) -> NDArray[np.float32]:
        lib = torch()
        try:
            tokens = self._tokenizer(
                texts,
                padding="max_length",
                truncation=True,
                max_length=self._length,
                return_tensors="pt",
            )
            given = {"input_ids": tokens["input_ids"]}
            if self._masked and "attention_mask" in tokens:
                given["attention_mask"] = tokens["attention_mask"]
            with lib.inference_mode():
                made: Any = self._model.get_text_features(**given)
        except Exception as error:  # as above
            raise _broken(self._folder, "encoder of texts", error) from error
        rows = made if lib.is_tensor(made) else made.pooler_output
        return np.asarray(rows.float().numpy(), dtype=np.float32)


def _refuse_after_tensorflow(folder: Path) -> None:
    """Refuse to import PyTorch after TensorFlow, which can end the process; before it, it can't."""
    if "tensorflow" in sys.modules and "torch" not in sys.modules:
        raise ModelError(
            f"PyTorch, which {folder} needs, can't be loaded after TensorFlow.",
            hint="Search by a sentence first, or give it as ONNX (docs/search.md).",
        )


def _broken(folder: Path, what: str, error: Exception) -> ModelError:
    said = " ".join(str(error).split())[:160] or type(error).__name__
    return ModelError(
        f"The {what} of {folder} can't be used ({said}).",
        hint="Give the whole folder that save_pretrained writes, of a model such as CLIP.",
    )
