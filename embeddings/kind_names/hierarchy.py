"""WordNet's hierarchy above the thousand classes of ImageNet, read from the file beside this one.

``scripts/wordnet_extract.py`` makes the file. A *node* is a noun of WordNet in one of its senses;
*crane* the bird and *crane* the machine are two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("wordnet.tsv")


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Nouns and what is above them.

    Each of the n nodes has an id, its synonyms (``words``, the usual one first) and the nodes
    directly ``above`` it; ``classes`` are the nodes of the classes that a classifier gives, in
    the order of its outputs.
    """

    ids: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    above: tuple[tuple[int, ...], ...]
    classes: tuple[int, ...]

    def all_above(self, node: int) -> frozenset[int]:
        """Return a node and everything above it."""
        found: set[int] = set()
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.above[one]
        return frozenset(found)


@cache
def imagenet_hierarchy() -> Hierarchy:
    """Return the hierarchy above ImageNet's classes; read once, and never changed."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    place = {row[0]: number for number, row in enumerate(rows)}
    numbered = sorted((int(row[3]), place[row[0]]) for row in rows if row[3])
    return Hierarchy(
        ids=tuple(row[0] for row in rows),
        words=tuple(tuple(row[1].split("|")) for row in rows),
        above=tuple(tuple(place[one] for one in row[2].split()) for row in rows),
        classes=tuple(node for _, node in numbered),
    )
