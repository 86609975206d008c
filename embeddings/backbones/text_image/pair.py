"""A text-image pair: two encoders into one space, told from others by a fingerprint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from embeddings.backbones.description import file_digest, fingerprint
from embeddings.backbones.text_image.encoders import ImageEncoder, TextEncoder
from embeddings.backbones.text_image.files import PairFiles, find_files
from embeddings.backbones.text_image.settings import (
    PixelSettings,
    TokenSettings,
    pixel_settings,
    token_settings,
)
from embeddings.errors import ModelError


@dataclass(frozen=True, slots=True)
class TextImagePair:
    """A pair that was looked at but not loaded: it can be sent to other processes.

    ``fingerprint`` covers both encoders, the tokenizer and the settings: equal fingerprints give
    equal embeddings of pictures and of texts.
    """

    name: str
    fingerprint: str
    files: PairFiles
    pixels: PixelSettings
    tokens: TokenSettings

    def image_encoder(self) -> ImageEncoder:
        """Load the encoder of images, once it is clear that the one of texts fits it.

        Raises
        ------
        ModelError
            One of them can't be loaded, or their embeddings are not equally wide.
        """
        texts = self.text_encoder().width
        images = ImageEncoder(self.files, self.pixels, name=self.name, fingerprint=self.fingerprint)
        if images.width != texts:
            raise ModelError(
                f"The encoders in {self.files.folder} are no pair: images get {images.width} "
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
        return TextEncoder(self.files, self.tokens)


def text_image_pair(folder: str | Path) -> TextImagePair:
    """Look at a folder that holds a text-image pair; the encoders are not loaded for that.

    Raises
    ------
    UsageError
        There is no such folder, or it holds several encoders of one sort.
    ModelError
        A file is missing or damaged, or its settings make no sense.
    """
    files = find_files(Path(folder))
    pixels, tokens = pixel_settings(files), token_settings(files)
    parts = (files.image, files.text, files.tokenizer, *files.weights)
    print_ = fingerprint(
        "text-image pair",
        *(file_digest(part) for part in parts),
        *(pixels.size, pixels.mean, pixels.deviation, pixels.factor),
        *(tokens.length, tokens.pad, tokens.lower),
    )
    return TextImagePair(Path(folder).resolve().name, print_, files, pixels, tokens)
