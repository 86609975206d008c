"""Names for the parts of labels, from the classes of a head or a list of words, under WordNet."""

from __future__ import annotations

from embeddings.kind_names.counts import SEEN_FROM
from embeddings.kind_names.hierarchy import Hierarchy, imagenet_hierarchy
from embeddings.kind_names.naming import KindName, name_parts
from embeddings.kind_names.vocabulary import Vocabulary, vocabulary_of
from embeddings.kind_names.wording import kind_label, kind_name, kind_words
from embeddings.kind_names.zero_shot import read_words, sentences_for, zero_shot_scores

__all__ = [
    "SEEN_FROM",
    "Hierarchy",
    "KindName",
    "Vocabulary",
    "imagenet_hierarchy",
    "kind_label",
    "kind_name",
    "kind_words",
    "name_parts",
    "read_words",
    "sentences_for",
    "vocabulary_of",
    "zero_shot_scores",
]
