"""Images found by a sentence, a word that the model's classes know, a picture; to be collected."""

from __future__ import annotations

from embeddings.retrieval.collecting import Worth, worth_collecting
from embeddings.retrieval.model import LARGEST_PICTURE, Query, model_of, pixels_of
from embeddings.retrieval.pool import (
    PATH,
    POOL,
    POOL_FILE,
    collect,
    collected_csv,
    has_pool,
    path_in_pool,
    pool_store,
)
from embeddings.retrieval.sentences import (
    Sentences,
    not_embedded,
    pair_of,
    rows_of_contents,
    sentences_of,
)
from embeddings.retrieval.vectors import Alike, nearest_to
from embeddings.retrieval.words import Seen, Words, words_of

__all__ = [
    "LARGEST_PICTURE",
    "PATH",
    "POOL",
    "POOL_FILE",
    "Alike",
    "Query",
    "Seen",
    "Sentences",
    "Words",
    "Worth",
    "collect",
    "collected_csv",
    "has_pool",
    "model_of",
    "nearest_to",
    "not_embedded",
    "pair_of",
    "path_in_pool",
    "pixels_of",
    "pool_store",
    "rows_of_contents",
    "sentences_of",
    "words_of",
    "worth_collecting",
]
