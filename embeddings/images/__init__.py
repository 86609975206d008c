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
    from embeddings.images.video import VIDEO_SUFFIXES, frames_of, is_video, videos_are_read

__all__ = [
    "CHANGED",
    "IMAGE_SUFFIXES",
    "VIDEO_SUFFIXES",
    "Box",
    "ImageFacts",
    "PictureState",
    "Pictures",
    "cut",
    "digest_of",
    "frames_of",
    "is_passing",
    "is_video",
    "looks_like_image",
    "one_line",
    "prepare",
    "prepare_all",
    "probe",
    "suffix_of",
    "videos_are_read",
]

_OF_FILES = (
    "CHANGED", "IMAGE_SUFFIXES", "ImageFacts", "digest_of", "is_passing", "looks_like_image",
    "one_line", "probe", "suffix_of",
)  # fmt: skip
_OF_VIDEO = ("VIDEO_SUFFIXES", "frames_of", "is_video", "videos_are_read")
# Whoever only reads a workspace needs no Pillow.
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "crops": ("Box", "cut"),
        "decode": ("prepare", "prepare_all"),
        "files": _OF_FILES,
        "video": _OF_VIDEO,
    },
)
