"""Image files opened safely and decoded; their content is not trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.images.pictures import Pictures, PictureState
from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from embeddings.images.crops import Box, cut
    from embeddings.images.decode import prepare, prepare_all
    from embeddings.images.files import (
        CHANGED,
        IMAGE_SUFFIXES,
        ImageFacts,
        digest_of,
        is_passing,
        looks_like_image,
        one_line,
        probe,
        suffix_of,
    )

__all__ = [
    "CHANGED",
    "IMAGE_SUFFIXES",
    "Box",
    "ImageFacts",
    "PictureState",
    "Pictures",
    "cut",
    "digest_of",
    "is_passing",
    "looks_like_image",
    "one_line",
    "prepare",
    "prepare_all",
    "probe",
    "suffix_of",
]

_OF_FILES = (
    "CHANGED", "IMAGE_SUFFIXES", "ImageFacts", "digest_of", "is_passing", "looks_like_image",
    "one_line", "probe", "suffix_of",
)  # fmt: skip
# Whoever only reads a workspace needs no Pillow.
__getattr__, __dir__ = lazy_names(
    __name__, {"crops": ("Box", "cut"), "decode": ("prepare", "prepare_all"), "files": _OF_FILES}
)
