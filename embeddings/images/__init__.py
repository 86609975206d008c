"""Image files of others, opened safely and decoded: the only place where Pillow meets them."""

from __future__ import annotations

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
from embeddings.images.pictures import Pictures, PictureState

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
