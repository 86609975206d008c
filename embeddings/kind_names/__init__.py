"""Names for the parts of labels, from the classes that the model's head knows, under WordNet."""

from __future__ import annotations

from embeddings.kind_names.counts import SEEN_FROM
from embeddings.kind_names.hierarchy import Hierarchy, imagenet_hierarchy
from embeddings.kind_names.naming import KindName, name_parts
from embeddings.kind_names.vocabulary import Vocabulary, vocabulary_of
from embeddings.kind_names.wording import kind_label, kind_name, kind_words

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
    "vocabulary_of",
]
