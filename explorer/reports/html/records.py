"""What the report to send says, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the ``jpeg`` and what stands beside it, the name of its file."""

    jpeg: bytes
    file: str


@dataclass(frozen=True, slots=True)
class Part:
    """One cluster of a label; ``kind`` is what the model calls it, "" where it has no word."""

    number: int
    letter: str
    size: int
    is_odd: bool
    suggestion: str
    kind: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One label that is, or may be, two things.

    ``map`` is an SVG without colours of its own, "" where there is none; ``decided`` says in words
    what was decided on its images.
    """

    label: str
    size: int
    score: float
    verdict: str
    reason: str
    evidence: str
    parts: tuple[Part, ...]
    map: str
    decided: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Single:
    """One image that may carry a wrong label."""

    file: str
    label: str
    suggestion: str
    suspicion: float
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report.

    ``whole`` are label and size of the labels that are one kind; ``health`` holds title and
    evidence of each finding; ``decided`` what was decided over all, in words.
    """

    name: str
    run: str
    heading: str
    facts: tuple[str, ...]
    cards: tuple[Card, ...]
    whole: tuple[tuple[str, int], ...]
    singles: tuple[Single, ...]
    n_singles: int
    health: tuple[tuple[str, str], ...]
    decided: tuple[str, ...]
    notes: tuple[str, ...]
