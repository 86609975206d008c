"""What a source is asked for, and what listing it gives: shared by folders and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from embeddings import columns
from embeddings.manifest.entries import Entry
from embeddings.manifest.layout import Question, Rule, told_lines
from embeddings.records import Progress, no_progress


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user said about labels and subsets; ``labels`` False leaves labels aside.

    Pictures that lie inside a table or an archive, and boxes cut out of pictures, are written
    below ``unpack_to``. ``box_context`` is the share of a box's side that is taken in around it.
    ``label_names`` is a file that names the labels, where these are numbers or ids.
    The paths of a table are relative to ``root``; None is the folder of the table.
    """

    labels: bool = True
    label_from: Rule | None = None
    subset_from: Rule | None = None
    unpack_to: Path | None = None
    box_context: float = 0.0
    label_names: Path | None = None
    root: Path | None = None
    progress: Progress = no_progress


@dataclass(frozen=True, slots=True)
class Listed:
    """The items of a source, what there is to say of it, and what has to be asked first.

    ``names_itself`` says that the source has names for its labels, as annotation files do.
    """

    entries: list[Entry]
    notes: list[str]
    root: Path | str
    understood: tuple[str, ...] = ()
    question: Question | None = None
    names_itself: bool = False


def lines_of_entries(
    entries: Iterable[Entry], where: str, *, not_used: str = "none"
) -> tuple[str, ...]:
    """Say in lines what a source came to, its labels being taken from ``where``."""
    labels: Counter[str] = Counter()
    subsets: Counter[str] = Counter()
    unlabelled: Counter[str] = Counter()
    for entry in entries:
        if entry.label != columns.NO_LABEL:
            labels[entry.label] += 1
        else:
            unlabelled[entry.file.rpartition("/")[0]] += 1
        if entry.subset:
            subsets[entry.subset] += 1
    return told_lines(labels, subsets, unlabelled, where=where, not_used=not_used)
