"""Images in which a model sees a word: a class, a synonym, or any noun above its classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.kind_names import SEEN_FROM, vocabulary_of
from embeddings.storage import ClassScores, class_scores
from embeddings.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Seen:
    """Images in which a word is seen: ``rows`` (m,), surest first, and how surely.

    ``probability`` (m,) float32 is that of all classes of the word; ``classes`` are their names,
    the usual name of each.
    """

    rows: NDArray[np.intp]
    probability: NDArray[np.float32]
    classes: tuple[str, ...]


class Words:
    """The words of a model's head, over the images of one run.

    Parameters
    ----------
    scores
        The likeliest classes of n images.
    names
        The names of the classes.
    """

    def __init__(self, scores: ClassScores, names: Sequence[str]) -> None:
        self._scores = scores
        self._vocabulary = vocabulary_of(names)

    def seen(self, text: str) -> Seen | None:
        """Return the images in which ``text`` is seen; None where the model has no such word.

        An image counts in which the classes of the word have a tenth of the probability.
        """
        classes = self._vocabulary.classes_of(text)
        if not classes:
            return None
        held = np.isin(self._scores.index, classes)
        probability = np.where(held, self._scores.probability, 0).sum(axis=1, dtype=np.float32)
        order = np.argsort(-probability, kind="stable")
        rows = order[: int((probability >= SEEN_FROM).sum())]
        words = (self._vocabulary.words[self._vocabulary.leaf[one]][0] for one in classes)
        return Seen(rows, probability[rows], tuple(words))


def words_of(ws: Workspace, keys: Any) -> Words | None:
    """Return the words over the items with these ``keys``, texts or a column of Arrow.

    None where the head has none.
    """
    model = ws.info.model
    if model is None or not model.classes:
        return None
    scores = class_scores(ws.store(model.fingerprint), keys)
    return Words(scores, model.classes) if scores is not None else None
