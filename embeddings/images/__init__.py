"""Image files of others, opened safely and decoded: the only place where Pillow meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.images.pictures import Pictures, PictureState
from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from embeddings.images.decode import prepare
    from embeddings.images.files import (
        CHANGED,
        ImageFacts,
        digest_of,
        is_passing,
        looks_like_image,
        one_line,
        probe,
    )

__all__ = [
    "CHANGED",
    "ImageFacts",
    "PictureState",
    "Pictures",
    "digest_of",
    "is_passing",
    "looks_like_image",
    "one_line",
    "prepare",
    "probe",
]

_OF_FILES = (
    "CHANGED", "ImageFacts", "digest_of", "is_passing", "looks_like_image", "one_line", "probe",
)  # fmt: skip
# Whoever only reads a workspace needs no Pillow.
__getattr__, __dir__ = lazy_names(__name__, {"decode": ("prepare",), "files": _OF_FILES})
