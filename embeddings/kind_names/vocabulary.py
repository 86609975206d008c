"""The words that a model's head knows: its classes, their synonyms, and what is above them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from embeddings.kind_names.hierarchy import Hierarchy, imagenet_hierarchy

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_JOINTS: Final = re.compile(r"[\s_\-]+")
_ALIKE: Final = 0.9  # share of the class names that must agree to know a list for ImageNet's


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The nodes that a head can name.

    ``words`` are the synonyms of each of the n nodes, the usual one first, ``depth`` (n,) counts
    the nodes above it. ``leaf`` is the node of each class of the head, ``above`` for each class all
    nodes that hold it, its own among them.
    """

    words: tuple[tuple[str, ...], ...]
    depth: tuple[int, ...]
    leaf: tuple[int, ...]
    above: tuple[tuple[int, ...], ...]

    def incidence(self) -> csr_matrix:
        """Return (classes, nodes) float32: 1 where a node holds a class."""
        import numpy as np
        from scipy.sparse import csr_matrix

        ends = np.cumsum([0, *map(len, self.above)])
        nodes = np.array([node for nodes in self.above for node in nodes], dtype=np.int32)
        held = np.ones(len(nodes), dtype=np.float32)
        return csr_matrix((held, nodes, ends), shape=(len(self.leaf), len(self.words)))

    def classes_of(self, text: str) -> tuple[int, ...]:
        """Return the classes of every node that ``text`` names, also in the plural."""
        said = folded(text)
        asked = {said, *_singular(said)}
        named = {
            node for node, words in enumerate(self.words) if any(folded(w) in asked for w in words)
        }
        return tuple(k for k, nodes in enumerate(self.above) if named.intersection(nodes))


def folded(text: str) -> str:
    """Return a text without case, its words joined by single spaces."""
    return _JOINTS.sub(" ", text.casefold()).strip()


def vocabulary_of(classes: Sequence[str], *, as_given: bool = False) -> Vocabulary:
    """Return what a head with these class names can name.

    A list that is ImageNet's, with or without a class *background* before it, is put under
    WordNet by position. Of any other list each name is, where WordNet's extract has it in one
    sense only; the other names stand for themselves. ``as_given``: of the synonyms of a class its
    own name is the usual one.
    """
    hierarchy = imagenet_hierarchy()
    known = _by_position(classes, hierarchy) or _by_name(classes, hierarchy)
    words = list(hierarchy.words)
    leaf: list[int] = []
    above: list[tuple[int, ...]] = []
    for name, node in zip(classes, known, strict=True):
        if node is None:
            words.append(_synonyms(name))
            leaf.append(len(words) - 1)
            above.append((len(words) - 1,))
        else:
            if as_given:
                words[node] = (
                    name,
                    *(word for word in words[node] if folded(word) != folded(name)),
                )
            leaf.append(node)
            above.append(tuple(sorted(hierarchy.all_above(node))))
    own = len(words) - len(hierarchy.words)
    depth = [len(hierarchy.all_above(node)) - 1 for node in range(len(hierarchy.words))]
    return Vocabulary(tuple(words), (*depth, *[0] * own), tuple(leaf), tuple(above))


def _synonyms(name: str) -> tuple[str, ...]:
    return tuple(part.strip().replace("_", " ") for part in name.split(",") if part.strip()) or (
        name,
    )


def _by_position(classes: Sequence[str], hierarchy: Hierarchy) -> list[int | None]:
    """Return the node of each class where the list is ImageNet's; nothing where it is not."""
    offset = len(classes) - len(hierarchy.classes)
    if offset not in (0, 1):
        return []
    agree = sum(
        bool(_said(name) & {folded(word) for word in hierarchy.words[node]})
        or name.strip() == "n" + hierarchy.ids[node]
        for name, node in zip(classes[offset:], hierarchy.classes, strict=True)
    )
    if agree < _ALIKE * len(hierarchy.classes):
        return []
    return [*[None] * offset, *hierarchy.classes]


def _by_name(classes: Sequence[str], hierarchy: Hierarchy) -> list[int | None]:
    """Return the one node that each name means; None where there is none, or several."""
    by_id = {"n" + one: node for node, one in enumerate(hierarchy.ids)}
    first: dict[str, set[int]] = defaultdict(set)
    every: dict[str, set[int]] = defaultdict(set)
    for node, words in enumerate(hierarchy.words):
        first[folded(words[0])].add(node)
        for word in words:
            every[folded(word)].add(node)
    found: list[int | None] = []
    for name in classes:
        usual = set().union(*(first.get(word, set()) for word in _said(name)))
        nodes = usual if len(usual) == 1 else set()
        nodes = nodes or set().union(*(every.get(word, set()) for word in _said(name)))
        by_word = next(iter(nodes)) if len(nodes) == 1 else None
        found.append(by_id.get(name.strip(), by_word))
    return found


def _said(name: str) -> set[str]:
    return {folded(part) for part in name.split(",") if part.strip()}


def _singular(text: str) -> list[str]:
    """Return what a plural may be the plural of: *foxes*, *berries*, *cars*."""
    found = []
    if text.endswith("ies"):
        found.append(text[:-3] + "y")
    if text.endswith("es"):
        found.append(text[:-2])
    if text.endswith("s") and not text.endswith("ss"):
        found.append(text[:-1])
    return found
