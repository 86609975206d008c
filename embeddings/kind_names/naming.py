"""Names for the parts of labels: the nouns that tell a part from the rest of its label and the set.

A noun names a part if a model sees it there more often than in the rest of the label and than in
the rest of the data set (Fisher's exact test, one-sided, each; false discoveries over all parts
and nouns held by Benjamini and Hochberg 1995), in at least half of the part's images, and
if it tells at least one bit about an image. Of several the one is taken that tells most,

    share of the part × log2(share of the part / share of the others),

so that *car* wins over *sports car* where the part holds several sorts of cars, and over *vehicle*
where the others hold vehicles too. The share of the others is drawn towards the noun's share of
the model's vocabulary, as by the informative prior of Monroe, Colaresi and Quinn 2008
(*Fightin' Words*): of two nouns that the others never show, the special one says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.kind_names.contrast import Contrast, contrast, largest_p
from embeddings.kind_names.counts import NounCounts, count_nouns
from embeddings.kind_names.vocabulary import Vocabulary, folded, vocabulary_of
from embeddings.storage import ClassScores

FEWEST: Final = 4  # images of a part that can be named
_LEADING: Final = 0.15  # share of a noun's mass from which on a class is named
_MOST_CLASSES: Final = 2
_TOO_GENERAL: Final = 4  # nouns with fewer above them name nothing: *entity*, *object*, *substance*


@dataclass(frozen=True, slots=True)
class KindName:
    """What a model calls one part of a label.

    ``words`` are names of the model's classes, the leading one first; ``general`` is the noun that
    holds them, "" where one class says it all. The model sees it in ``count`` of the part's ``of``
    images. ``bits`` is what the name tells about an image. ``by`` is the text model that named it,
    "" for the model of the run.
    """

    label: str
    cluster: int
    words: tuple[str, ...]
    general: str
    count: int
    of: int
    bits: float
    by: str = ""

    @property
    def name(self) -> str:
        """The name in one line: *sports car, convertible*."""
        return ", ".join(self.words) or self.general


def name_parts(
    scores: ClassScores,
    labels: NDArray[np.object_],
    clusters: NDArray[np.integer],
    classes: Sequence[str],
    *,
    contents: Sequence[str] | None = None,
    as_given: bool = False,
) -> tuple[KindName, ...]:
    """Name the parts of all labels, as far as the model has words for them.

    Parameters
    ----------
    scores
        The likeliest classes of n items.
    labels, clusters
        (n,) the label of each item and its cluster in it, -1 for none.
    classes
        The names of the model's classes.
    contents
        (n,) what tells copies from each other: of one content in a part one item counts.
    as_given
        Call a class as it is given, not by its usual name in WordNet.

    Returns
    -------
    One name for each part that has one, by label and cluster.
    """
    vocabulary = vocabulary_of(classes, as_given=as_given)
    names, label_of = np.unique(labels.astype(str), return_inverse=True)
    keys, part_of = _parts(label_of.reshape(-1), np.asarray(clusters), contents)
    if not len(keys):
        return ()
    counts = count_nouns(scores, vocabulary, part_of, len(keys))
    contrasts = _contrasts(counts, keys, vocabulary)
    limit = largest_p(list(contrasts.values()))
    found = []
    for place, told in contrasts.items():
        label, cluster = str(names[keys[place, 0]]), int(keys[place, 1])
        name = _name(label, cluster, told, counts.of(place), vocabulary, limit)
        if name is not None and folded(name.name) != folded(label):
            found.append(name)
    return tuple(found)


def _parts(
    label_of: NDArray[np.intp], clusters: NDArray[np.integer], contents: Sequence[str] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (parts, 2) label and cluster, and the part of each item, -1 for further copies."""
    pairs = np.column_stack([label_of, clusters]).astype(np.intp)
    keys, part_of = np.unique(pairs, axis=0, return_inverse=True)
    part_of = part_of.reshape(-1)
    if contents is not None:
        _, content = np.unique(np.asarray(contents, dtype=str), return_inverse=True)
        both = np.column_stack([part_of, content.reshape(-1)])
        _, first = np.unique(both, axis=0, return_index=True)
        copies = np.ones(len(part_of), dtype=bool)
        copies[first] = False
        part_of = np.where(copies, -1, part_of)
    return keys, part_of


def _contrasts(
    counts: NounCounts, keys: NDArray[np.intp], vocabulary: Vocabulary
) -> dict[int, Contrast]:
    """Compare each part that can be named with the rest of its label and with other labels."""
    of_label = counts.summed(keys[:, 0], int(keys[:, 0].max()) + 1)
    whole = of_label.summed(np.zeros(len(of_label.images), np.intp), 1)
    held = np.asarray(vocabulary.incidence().sum(axis=0)).ravel()
    prior = held / max(1, len(vocabulary.leaf))
    depth = np.array(vocabulary.depth)
    may_name = (depth >= _TOO_GENERAL) | np.isin(np.arange(len(depth)), vocabulary.leaf)
    found = {}
    for place in np.flatnonzero((keys[:, 1] >= 0) & (counts.images >= FEWEST)).tolist():
        part, own = counts.of(place), of_label.of(int(keys[place, 0]))
        found[place] = contrast(part, (own.less(part), whole.less(own)), prior, may_name)
    return found


def _name(
    label: str,
    cluster: int,
    told: Contrast,
    part: NounCounts,
    vocabulary: Vocabulary,
    limit: float,
) -> KindName | None:
    """Choose the noun that tells most of a part; of equals the most special one."""
    fit = np.flatnonzero(told.p <= limit)
    if not len(fit):
        return None
    best = max(fit.tolist(), key=lambda k: (round(float(told.bits[k]), 6), vocabulary.depth[k]))
    return KindName(
        label,
        cluster,
        _class_words(best, part, vocabulary),
        "" if best in vocabulary.leaf else vocabulary.words[best][0],
        int(part.seen[0, best]),
        int(part.images[0]),
        round(float(told.bits[best]), 3),
    )


def _class_words(noun: int, part: NounCounts, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the words of the classes that make up most of a noun in a part."""
    nodes = [leaf for leaf, above in zip(vocabulary.leaf, vocabulary.above, strict=True)
             if noun in above]  # fmt: skip
    mass = part.mass[0]
    ranked = sorted(dict.fromkeys(nodes), key=lambda node: -float(mass[node]))
    leading = [node for node in ranked if mass[node] >= _LEADING * mass[noun]]
    return tuple(vocabulary.words[node][0] for node in leading[:_MOST_CLASSES])
