"""What waits for a decision, as frozen records: the queue's view model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["split", "stray", "style", "merge", "copies", "mixed", "slice"]
Sets = tuple[tuple[int, ...], ...]
Sureness = Literal["Sure", "Fairly sure", "Perhaps"]

PEEK: Final = 6  # images of a finding that is closed
FAIRLY_SURE_FROM: Final = 0.6
SURE_FROM: Final[tuple[tuple[float, Sureness], ...]] = (
    (0.9, "Sure"),
    (FAIRLY_SURE_FROM, "Fairly sure"),
    (0.0, "Perhaps"),
)
# What a decision is worth: images that it puts right, times how likely the finding is true.
WEIGHT: Final[Mapping[Sureness, float]] = {"Sure": 1.0, "Fairly sure": 0.7, "Perhaps": 0.4}
# (kind, what one such finding is called, the filter's name), in the order of the filters
KINDS: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("split", "Two kinds in one label", "Splits"),
    ("stray", "Single wrong labels", "Single images"),
    ("style", "One style, many labels", "Styles"),
    ("merge", "Two labels, one kind", "Same kind"),
    ("copies", "The same picture again", "Duplicates"),
    ("mixed", "Labels that get mixed up", "Mixed up"),
    ("slice", "Where your model fails", "Slices"),
)


# findings whose images are decided on together
AS_A_GROUP: Final[tuple[Kind, ...]] = ("split", "style", "slice")


def sureness(score: float) -> Sureness:
    """Return a score in [0, 1] in words."""
    return next(words for least, words in SURE_FROM if score >= least)


@dataclass(frozen=True, slots=True)
class Part:
    """Images of a case that stand together.

    Parameters
    ----------
    name
        What they are called: the label that they carry, or what they show.
    rows
        The items, most typical first. Of a part that ``stays`` only some.
    size
        How many there are in all.
    letter
        Of the cluster, "" where it is none.
    to
        The label that is suggested for them, None where none is.
    new
        A label that could be made for them where none fits, "" where there is no word for it.
    stays
        Whether nothing of the part is decided: it is there to compare with.
    rules
        Of copies: for each rule, in words, the rows that show one picture, of which the first
        stays by that rule. The first rule is the one that is proposed.
    """

    name: str
    rows: tuple[int, ...]
    size: int
    letter: str = ""
    to: str | None = None
    new: str = ""
    stays: bool = False
    rules: tuple[tuple[str, Sets], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to decide on, with all that is needed to decide.

    Parameters
    ----------
    id
        Its name within a run, such as ``split:jaguar``.
    kind
        What was found.
    title
        A sentence in pieces, every second of them a label: ("", "horn", " is two kinds").
    said
        One more line.
    why
        The evidence, in a sentence; "" where the images say enough.
    score
        How sure the finding is, in [0, 1].
    parts
        The images, those that stay first.
    labels
        The labels it is about; who looks after the first is asked to decide.
    gain
        How many images a decision puts right where that is not all of them, None for all.
    """

    id: str
    kind: Kind
    title: tuple[str, ...]
    said: str
    why: str
    score: float
    parts: tuple[Part, ...]
    labels: tuple[str, ...] = ()
    gain: float | None = None

    @property
    def rows(self) -> tuple[int, ...]:
        """The items that a decision is about, each once."""
        return tuple(
            dict.fromkeys(row for part in self.parts if not part.stays for row in part.rows)
        )

    @property
    def touched(self) -> tuple[int, ...]:
        """The items on which a decision may lie: either label may take the name of the other."""
        if self.kind != "merge":
            return self.rows
        return tuple(dict.fromkeys(row for part in self.parts for row in part.rows))

    def undecided(self, decided: Collection[int]) -> tuple[int, ...]:
        """Return its items on which nothing is decided."""
        return tuple(row for row in self.rows if row not in decided)

    def waits(self, decided: Collection[int]) -> bool:
        """Say whether there is something left to decide.

        A group is settled once half of it is decided, since what was unticked stays as it is;
        copies are once no more than one of each picture is undecided. Anything else waits as long
        as one of its items does.
        """
        asked = [part for part in self.parts if not part.stays]

        def count(rows: tuple[int, ...]) -> int:
            return sum(row in decided for row in rows)

        if self.kind == "merge":  # one of the two has the name of the other by now
            return all(2 * count(part.rows) < len(part.rows) for part in self.parts)
        if self.kind in AS_A_GROUP:
            return any(2 * count(part.rows) < len(part.rows) for part in asked)
        sets = [one for part in asked if part.rules for one in part.rules[0][1]]
        if sets:
            return any(len(one) - count(one) > 1 for one in sets)
        return any(row not in decided for row in self.rows)

    @property
    def sure(self) -> Sureness:
        """How sure the finding is, in words."""
        return sureness(self.score)

    @property
    def worth(self) -> float:
        """What deciding it is worth, in images."""
        right = len(self.rows) if self.gain is None else self.gain
        return right * WEIGHT[self.sure]

    @property
    def peek(self) -> tuple[int, ...]:
        """Six images that show what it is about, an equal number of each part."""
        few = max(1, PEEK // max(1, len(self.parts)))
        return tuple(row for part in self.parts for row in part.rows[:few])[:PEEK]
