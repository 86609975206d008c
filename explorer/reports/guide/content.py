"""What a labelling guide has to settle: the labels that were split by decisions, kind by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from embeddings import columns as c
from embeddings.kind_names import kind_words
from explorer.data import Dataset, letter
from explorer.reports.html import Album, Picture, decision_lines

PICTURES: Final = 6  # of each kind
SIDE: Final = 128  # px
_MOST_OF: Final = 0.5  # share of a cluster that must be decided to call the cluster decided


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind under a label; ``goes_to`` is the label that most of it was given, "" if it stays.

    ``decided`` says in words what was decided on it, ``seen_as`` what the model calls it.
    """

    number: int
    letter: str
    size: int
    goes_to: str
    decided: tuple[str, ...]
    seen_as: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A label that holds several kinds by what was decided."""

    label: str
    size: int
    evidence: str
    kinds: tuple[Kind, ...]


def sections(dataset: Dataset, decided: Mapping[int, str]) -> tuple[Section, ...]:
    """Return the labels of which a cluster was decided on as a whole, as ranked.

    Parameters
    ----------
    decided
        Row → decision in force.
    """
    album = Album(dataset, PICTURES, SIDE)
    found = []
    for place, label in enumerate(dataset.labels):
        kinds = _kinds(dataset, label, decided, album)
        if len(kinds) > 1 and any(kind.goes_to for kind in kinds):
            row = dataset.classes.iloc[place]
            found.append(Section(label, int(row[c.SIZE]), str(row[c.EVIDENCE] or ""), kinds))
    return tuple(found)


def _kinds(
    dataset: Dataset, label: str, decided: Mapping[int, str], album: Album
) -> tuple[Kind, ...]:
    clusters = dataset.clusters_of(label).to_dict("records")
    counts = {
        int(one[c.CLUSTER]): Counter(
            decided[row]
            for row in dataset.members(label, int(one[c.CLUSTER])).tolist()
            if row in decided
        )
        for one in clusters
    }
    if not any(counts.values()):
        return ()
    return tuple(
        Kind(
            number=int(one[c.CLUSTER]),
            letter=letter(int(one[c.CLUSTER])),
            size=int(one[c.SIZE]),
            goes_to=_goes_to(counts[int(one[c.CLUSTER])], int(one[c.SIZE])),
            decided=decision_lines(counts[int(one[c.CLUSTER])]),
            seen_as=kind_words(one),
            pictures=album.typical(label, int(one[c.CLUSTER])),
        )
        for one in clusters
    )


def _goes_to(counted: Counter[str], size: int) -> str:
    """Return where most of a cluster goes: a label, *removed*, or "" where it stays."""
    for text, count in counted.most_common(1):
        if count >= _MOST_OF * size:
            if text.startswith("relabel: "):
                return text.removeprefix("relabel: ")
            return "removed" if text == "remove" else ""
    return ""
