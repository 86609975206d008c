"""Frozen records of health: findings about files and pictures, and the class balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from embeddings import columns as c

if TYPE_CHECKING:
    import pandas as pd

# Kinds of finding, and how much each matters: 1 certainly spoils a data set, 0 does not matter.
# Below ``FINE_BELOW`` it is probably fine, and only mentioned.
UNREADABLE: Final = "unreadable"
SAME_ACROSS_LABELS: Final = "same picture under different labels"
SAME_ACROSS_SETS: Final = "same picture in train and test"
NEAR_ACROSS_LABELS: Final = "nearly the same picture under different labels"
NEAR_ACROSS_SETS: Final = "nearly the same picture in train and test"
SAME: Final = "same picture"
NEAR: Final = "nearly the same picture"
BLANK: Final = "blank"
SMALL_LABEL: Final = "label with few images"
TINY: Final = "tiny"
WRONG_NAME: Final = "not what its name says"
DARK: Final = "dark"
BLURRED: Final = "blurred"
BRIGHT: Final = "bright"
ODD_SHAPE: Final = "odd shape"
OVERSIZED: Final = "oversized"
GREY: Final = "grey among colour"
UNLIKE: Final = "unlike its label"
# kinds whose findings are groups of copies
COPIES: Final = frozenset(
    (SAME_ACROSS_LABELS, SAME_ACROSS_SETS, SAME, NEAR_ACROSS_LABELS, NEAR_ACROSS_SETS, NEAR)
)
WEIGHTS: Final = {
    SAME_ACROSS_LABELS: 0.95,
    SAME_ACROSS_SETS: 0.9,
    NEAR_ACROSS_LABELS: 0.8,
    UNREADABLE: 0.75,
    NEAR_ACROSS_SETS: 0.7,
    BLANK: 0.65,
    TINY: 0.5,
    SAME: 0.45,
    WRONG_NAME: 0.4,
    BLURRED: 0.35,
    DARK: 0.35,
    UNLIKE: 0.35,
    NEAR: 0.35,
    BRIGHT: 0.3,
    SMALL_LABEL: 0.25,
    ODD_SHAPE: 0.15,
    OVERSIZED: 0.15,
    GREY: 0.1,
}
FINE_BELOW: Final = 0.2
FINDING_COLUMNS: Final = ("kind", c.FILE, c.LABEL, "item", "group", "detail")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is odd about some items.

    Parameters
    ----------
    kind
        One of the kinds above.
    items
        Places of the items in the frame of items, the worst first.
    groups
        Copies that belong together, each as places of items; empty for other kinds.
    details
        One for each item: the figure or reason behind it, a few words.
    count, what
        How many of what were found: 9, "pictures are there under two labels". Of copies, groups
        are counted.
    evidence
        What it means, one sentence.
    weight
        How much it matters, in [0, 1].
    """

    kind: str
    items: tuple[int, ...]
    details: tuple[str, ...]
    count: int
    what: str
    evidence: str
    weight: float
    groups: tuple[tuple[int, ...], ...] = ()

    @property
    def title(self) -> str:
        """Count and words: "9 pictures are there under two labels"."""
        return f"{self.count:,} {self.what}"


@dataclass(frozen=True, slots=True)
class Balance:
    """How many images the labels have.

    ``sizes`` holds (label, images) with the largest first, ``ratio`` is that of the largest to the
    smallest; ``sentence`` says it in words.
    """

    sizes: tuple[tuple[str, int], ...]
    ratio: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a data set.

    ``findings`` come by weight, what matters most first. ``formats`` counts the readable files;
    ``notes`` say what could not be looked at.
    """

    findings: tuple[Finding, ...]
    balance: Balance
    formats: tuple[tuple[str, int], ...]
    summary: str
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What needs a look."""
        return tuple(f for f in self.findings if f.weight >= FINE_BELOW)

    @property
    def probably_fine(self) -> tuple[Finding, ...]:
        """What is worth a line, but hardly ever matters."""
        return tuple(f for f in self.findings if f.weight < FINE_BELOW)

    def of(self, kind: str) -> Finding | None:
        """Return the finding of one kind, or None where there is none."""
        return next((f for f in self.findings if f.kind == kind), None)

    def frame(self, items: pd.DataFrame) -> pd.DataFrame:
        """Return one row per finding and item: ``kind, file, label, item, group, detail``.

        Parameters
        ----------
        items
            The frame that was assessed; ``item`` are places in it. ``group`` numbers the copies
            within a kind, -1 without.
        """
        import pandas as pd

        files, labels = items[c.FILE].to_numpy(), items[c.LABEL].to_numpy()
        rows = []
        for finding in self.findings:
            group = {i: n for n, members in enumerate(finding.groups) for i in members}
            for item, detail in zip(finding.items, finding.details, strict=True):
                place = group.get(item, -1)
                rows.append((finding.kind, files[item], labels[item], item, place, detail))
        return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))


def finding(
    kind: str,
    items: list[int],
    details: list[str],
    title: tuple[int, str],
    evidence: str,
    groups: list[tuple[int, ...]] | None = None,
) -> list[Finding]:
    """Make a finding of a kind, or none where there are no items."""
    if not items:
        return []
    return [
        Finding(
            kind, tuple(items), tuple(details), *title, evidence, WEIGHTS[kind], tuple(groups or ())
        )
    ]


def counted(count: int, one: str, many: str) -> str:
    """Say a count with its noun and verb: ``counted(1, "file is", "files are")``."""
    return f"{count:,} {one if count == 1 else many}"


def titled(count: int, one: str, many: str) -> tuple[int, str]:
    """Return a count and the words that go with it."""
    return count, one if count == 1 else many
