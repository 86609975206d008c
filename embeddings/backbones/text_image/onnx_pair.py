"""A pair as two ONNX graphs, their tokenizer and their settings in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from embeddings.backbones.description import damage_said, file_digest, fingerprint
from embeddings.backbones.text_image.files import PairFiles, find_files
from embeddings.backbones.text_image.onnx_encoders import OnnxImageEncoder, OnnxTextEncoder
from embeddings.backbones.text_image.settings import (
    PixelSettings,
    TokenSettings,
    pixel_settings,
    token_settings,
)


@dataclass(frozen=True, slots=True)
class OnnxPair:
    """The files and settings of a pair, looked at but not loaded."""

    files: PairFiles
    pixels: PixelSettings
    tokens: TokenSettings

    def images(self, name: str, fingerprint: str) -> OnnxImageEncoder:
        """Load the encoder of images."""
        with damage_said(self.files.image, "an encoder of images"):
            return OnnxImageEncoder(self.files, self.pixels, name=name, fingerprint=fingerprint)

    def texts(self) -> OnnxTextEncoder:
        """Load the encoder of texts."""
        with damage_said(self.files.text, "an encoder of texts"):
            return OnnxTextEncoder(self.files, self.tokens)

    def digest(self) -> str:
        """Return the hash of all files and settings."""
        files, pixels, tokens = self.files, self.pixels, self.tokens
        return fingerprint(
            "text-image pair",
            *map(file_digest, (files.image, files.text, files.tokenizer, *files.weights)),
            *(pixels.size, pixels.mean, pixels.deviation, pixels.factor),
            *(tokens.length, tokens.pad, tokens.lower),
        )


def onnx_pair(folder: Path) -> OnnxPair:
    """Find the files of a pair, and read its settings.

    Raises
    ------
    UsageError
        There is no such folder, or it holds several encoders of one sort.
    ModelError
        A file is missing or damaged, or its settings make no sense.
    """
    files = find_files(folder)
    return OnnxPair(files, pixel_settings(files), token_settings(files))
