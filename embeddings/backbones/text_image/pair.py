"""A text-image pair: two encoders into one space, told from others by a fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.formats.detect import is_here
from embeddings.backbones.text_image.onnx_pair import OnnxPair, onnx_pair
from embeddings.backbones.text_image.transformers_pair import (
    TransformersPair,
    is_transformers_pair,
)
from embeddings.errors import MissingExtraError, ModelError
from embeddings.records import Extractor


class TextEncoder(Protocol):
    """A loaded encoder of texts, whose embeddings are ``width`` wide."""

    width: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, width) float32 of length 1, a row for each text; long ones are cut.

        Raises
        ------
        ModelError
            The encoder has no finite embedding of one.
        """
        ...


@dataclass(frozen=True, slots=True)
class TextImagePair:
    """A pair that was looked at but not loaded: it can be sent to other processes.

    ``fingerprint`` covers both encoders, the tokenizer and the settings: equal fingerprints give
    equal embeddings of pictures and of texts.
    """

    name: str
    fingerprint: str
    folder: Path
    form: OnnxPair | TransformersPair

    def image_encoder(self) -> Extractor:
        """Load the encoder of images, once it is clear that the one of texts fits it.

        Raises
        ------
        ModelError
            One of them can't be loaded, or their embeddings are not equally wide.
        """
        texts = self.text_encoder().width
        images: Extractor = self.form.images(self.name, self.fingerprint)
        if images.width != texts:
            raise ModelError(
                f"The encoders in {self.folder} are no pair: images get {images.width} "
                f"numbers, texts {texts}.",
                hint="Give two of one model, each exported with its projection.",
            )
        return images

    def text_encoder(self) -> TextEncoder:
        """Load the encoder of texts.

        Raises
        ------
        ModelError
            It can't be loaded.
        """
        return self.form.texts()


def text_image_pair(folder: str | Path) -> TextImagePair:
    """Look at a folder that holds a text-image pair; the encoders are not loaded for that.

    Two ONNX graphs with their tokenizer count before a model of transformers in the same folder.

    Raises
    ------
    UsageError
        There is no such folder, or it holds several encoders of one sort.
    ModelError
        A file is missing or damaged, or its settings make no sense.
    MissingExtraError
        The folder is one of transformers, and PyTorch is not installed.
    """
    path = Path(folder)
    form = _form_of(path)
    return TextImagePair(path.resolve().name, form.digest(), path.resolve(), form)


def _form_of(path: Path) -> OnnxPair | TransformersPair:
    graphs = any(path.glob("*.onnx")) or any(path.glob("*/*.onnx"))
    if graphs or not is_transformers_pair(path):
        return onnx_pair(path)
    if not is_here("torch"):
        raise MissingExtraError(f"{path} is a folder of transformers, and PyTorch", "torch")
    return TransformersPair(path.resolve())
