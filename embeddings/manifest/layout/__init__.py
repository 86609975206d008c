"""How a data set's folders are read: from relative paths alone to labels, subsets, questions.

===============  ===================================================================
``words``        what names say: subset, container, mask, date, number
``tree``         folders with pictures
``pruning``      what holds no items: masks, copies, thumbnails
``reading``      what each folder is
``names``        labels in the names of files
``questions``    what is left open, with the options that answer it
``rules``        what the user may say
``understand``   all of it: the pure function
``telling``      what was understood, in lines
``records``      what goes between them
===============  ===================================================================
"""

from __future__ import annotations

from embeddings.manifest.layout.records import Place, Question, Seen, Understanding
from embeddings.manifest.layout.rules import Rule, rule_named
from embeddings.manifest.layout.telling import (
    lines_of,
    not_used_of,
    notes_of,
    told_lines,
    unlabelled_notes,
)
from embeddings.manifest.layout.understand import understand
from embeddings.manifest.layout.words import subset_of, tokens

__all__ = [
    "Place",
    "Question",
    "Rule",
    "Seen",
    "Understanding",
    "lines_of",
    "not_used_of",
    "notes_of",
    "rule_named",
    "subset_of",
    "tokens",
    "told_lines",
    "understand",
    "unlabelled_notes",
]
