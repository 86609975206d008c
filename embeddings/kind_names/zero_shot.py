"""A list of words as the classes of a text-image pair: zero-shot classification.

A word is put into a sentence as pairs were trained on, and an image gets the probabilities of the
words by a softmax over its cosines with these, as in Radford et al. 2021 (*Learning transferable
visual models from natural language supervision*). Sentences that say nothing of what is shown
stand among the words and keep their share: where no word fits better than they do, none is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows, blocks, unit_rows
from embeddings.errors import UsageError
from embeddings.storage import ClassScores

TEMPLATE: Final = "a photo of a {}"
SAYING_NOTHING: Final = ("a photo", "a picture of something", "an image")
KEPT: Final = 5  # likeliest words of an image
_SCALE: Final = np.float32(100)  # to which CLIP's logits are clipped, and which training reaches
_MOST_WORDS: Final = 20_000
_LONGEST_WORD: Final = 100  # characters
_LARGEST_FILE: Final = 4_000_000  # bytes


def read_words(file: Path) -> tuple[str, ...]:
    """Read a list of words, one a line; empty lines, repeated words and ``#`` lines are left out.

    Raises
    ------
    UsageError
        It can't be read as text, or holds no words, too many or a line too long for one.
    """
    hint = "Give a UTF-8 text file with one word or short phrase a line."
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise UsageError(f"{file} is too large for a list of words.", hint=hint)
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} can't be read as a list of words ({error}).", hint=hint
        ) from error
    told = (" ".join(line.split()) for line in lines if not line.lstrip().startswith("#"))
    words = tuple(dict.fromkeys(word for word in told if word and word.isprintable()))
    if not words:
        raise UsageError(f"{file} holds no words.", hint=hint)
    if len(words) > _MOST_WORDS:
        raise UsageError(f"{file} holds {len(words):,} words, at most {_MOST_WORDS:,} can be.",
                         hint="Leave out those that your data set can't show.")  # fmt: skip
    longest = max(words, key=len)
    if len(longest) > _LONGEST_WORD:
        raise UsageError(f"{file} holds a line that is no word: {longest[:40]}….", hint=hint)
    return words


def sentences_for(words: Sequence[str]) -> list[str]:
    """Return the texts to embed for :func:`zero_shot_scores`: one a word, then the empty ones."""
    return [*(TEMPLATE.format(word) for word in words), *SAYING_NOTHING]


def zero_shot_scores(images: Rows, sentences: NDArray[np.float32]) -> ClassScores:
    """Return the likeliest words of each image.

    Parameters
    ----------
    images
        (n, d) embeddings of images by the pair; NaN where there is none.
    sentences
        (k + empty ones, d) embeddings of :func:`sentences_for` k words, of length 1.
    """
    n_words = len(sentences) - len(SAYING_NOTHING)
    kept = min(KEPT, n_words)
    index = np.full((len(images), kept), -1, dtype=np.int32)
    probability = np.zeros((len(images), kept), dtype=np.float32)
    for at, block in blocks(images):
        there = np.flatnonzero(np.isfinite(block).all(axis=1))
        logits = _SCALE * (unit_rows(block[there]) @ sentences.T)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        best = np.argsort(-shares[:, :n_words], axis=1, kind="stable")[:, :kept]
        index[at.start + there] = best
        probability[at.start + there] = np.take_along_axis(shares, best, axis=1)
    return ClassScores(index, probability)
