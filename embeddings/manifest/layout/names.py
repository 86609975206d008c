"""Labels in the names of files: ``cat.0.jpg``, ``0001_dog.png``, ``benign (3).png``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from embeddings.manifest.layout.words import is_of_a_camera

_FEWEST: Final = 2  # pictures under a name on average, below which names are no labels
_COVERED: Final = 0.8  # share of the pictures whose name has to fit
_MOST_LABELS: Final = 2000

# Each finds the label as its first group; the first that fits most names is offered.
PATTERNS: Final = (
    r"^(\D*[^\W\d_]\D*?)[\s._-]*\(?\d",  # cat.0, cat_001, benign (3)
    r"^\d[\d\s._-]*[\s._-](\D*?[^\W\d_]\D*?)\.\w+$",  # 0001_cat
    r"^\w*?\d[\s._-]+([^\W\d_][^\d.]*?)(?:[\s._-]*\d+)?\.\w+$",  # img12_cat, s01_happy_3
)


@dataclass(frozen=True, slots=True)
class NamedLabels:
    """A pattern that finds labels in file names, and how many pictures each has."""

    pattern: str
    labels: Counter[str]


def labels_in_names(names: Sequence[str]) -> NamedLabels | None:
    """Return the labels that names of files seem to carry, None where they carry none.

    They do where most names fit one pattern, at least two different texts come out of it that
    are not what cameras write, and each stands on two pictures or more on average.
    """
    for pattern in PATTERNS:
        compiled = re.compile(pattern)
        found = Counter(m.group(1) for name in names if (m := compiled.search(name)))
        for word in [w for w in found if is_of_a_camera(w)]:
            del found[word]
        covered = found.total()
        if (
            2 <= len(found) <= _MOST_LABELS
            and covered >= _COVERED * len(names)
            and covered >= _FEWEST * len(found)
        ):
            return NamedLabels(pattern, found)
    return None
