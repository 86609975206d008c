"""Images found by a word that the model's classes know, or by a picture of one's own."""

from __future__ import annotations

from embeddings.retrieval.model import LARGEST_PICTURE, Query, model_of, pixels_of
from embeddings.retrieval.vectors import Alike, nearest_to
from embeddings.retrieval.words import Seen, Words, words_of

__all__ = [
    "LARGEST_PICTURE",
    "Alike",
    "Query",
    "Seen",
    "Words",
    "model_of",
    "nearest_to",
    "pixels_of",
    "words_of",
]
