"""How much of each part, of its label and of the data set a model sees as each noun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.kind_names.vocabulary import Vocabulary
from embeddings.storage import ClassScores

SEEN_FROM: Final = 0.1  # probability from which on a model is said to see a noun in an image
_ROWS_AT_ONCE: Final = 65_536


@dataclass(frozen=True, slots=True)
class NounCounts:
    """Sums over the images of g groups, for n nouns.

    ``images`` (g,) counts the images, ``mass`` (g, n) float32 adds up the probability of each
    noun, and ``seen`` (g, n) int32 counts the images in which it is seen (``SEEN_FROM``).
    """

    images: NDArray[np.int64]
    mass: NDArray[np.float32]
    seen: NDArray[np.int32]

    def of(self, group: int) -> NounCounts:
        """Return the counts of one group."""
        one = slice(group, group + 1)
        return NounCounts(self.images[one], self.mass[one], self.seen[one])

    def less(self, other: NounCounts) -> NounCounts:
        """Return the counts without those of ``other``, which are part of them."""
        return NounCounts(
            self.images - other.images, self.mass - other.mass, self.seen - other.seen
        )

    def summed(self, group: NDArray[np.intp], n_groups: int) -> NounCounts:
        """Return the sums over groups of groups; ``group`` (g,) says which each belongs to."""
        from scipy.sparse import csr_matrix

        where = (group, np.arange(len(group)))
        adding = csr_matrix((np.ones(len(group)), where), shape=(n_groups, len(group)))
        return NounCounts(
            np.asarray(adding @ self.images).astype(np.int64),
            np.asarray(adding @ self.mass).astype(np.float32),
            np.asarray(adding @ self.seen).astype(np.int32),
        )


def count_nouns(
    scores: ClassScores, vocabulary: Vocabulary, group: NDArray[np.intp], n_groups: int
) -> NounCounts:
    """Count the nouns of each group of images.

    The probability of a noun is that of all classes which it holds, among those that were kept.

    Parameters
    ----------
    scores
        Of m images; one without scores counts in no group.
    group
        (m,) the group of each image, -1 for none.
    """
    from scipy.sparse import csr_matrix

    nouns = vocabulary.incidence()
    shape = (n_groups, nouns.shape[1])
    mass = np.zeros(shape, dtype=np.float32)
    seen = np.zeros(shape, dtype=np.int32)
    told = (scores.index >= 0) & (scores.index < nouns.shape[0])
    rows = np.flatnonzero((group >= 0) & told.any(axis=1))
    images = np.bincount(group[rows], minlength=n_groups)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        held, width = told[part], scores.index.shape[1]
        image = np.repeat(np.arange(len(part)), width).reshape(-1, width)[held]
        index, probability = scores.index[part][held], scores.probability[part][held]
        size = (len(part), nouns.shape[0])
        of_nouns = csr_matrix((probability, (image, index)), shape=size) @ nouns
        where = (group[part], np.arange(len(part)))
        by_group = csr_matrix((np.ones(len(part), np.float32), where), shape=(n_groups, len(part)))
        mass += (by_group @ of_nouns).toarray()
        of_nouns.data = (of_nouns.data >= SEEN_FROM).astype(np.float32)
        seen += (by_group @ of_nouns).toarray().astype(np.int32)
    return NounCounts(images, mass, seen)
