"""Find the item that a row of an imported file means, or the reason why there is none.

A row that names a content (its SHA-256) is about that content alone: a file of the same name that
holds another picture by now is not what the reviewer saw. A row that says under which label the
reviewer saw it is about that label alone. What contradicts is a stop for the row, with what to do.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from embeddings.ingest.names import AMBIGUOUS, NOWHERE, Names
from embeddings.ingest.records import Answer, Stopped

GONE: Final = (
    "the picture is not in the data set any more: deleted, or never part of it",
    "Nothing has to be done, unless it was not scanned yet: then `rosette run` comes first.",
)
OVERWRITTEN: Final = (
    "the file holds another picture now",
    "Look at that one, and decide anew.",
)
UNREAD: Final = (
    "the item has no picture that could be read, so it can't be told if it is the one",
    "Mend the file and run `rosette run` again.",
)
UNKNOWN: Final = (
    "no item has this file",
    "A bare file name is enough where only one item has it; a path must end in an item's file.",
)
SEVERAL: Final = (
    "it could be one of several items",
    "Name the file with its folder, or give its `sha256`.",
)
OTHER_LABEL: Final = (
    "the data set has it under another label now",
    "Decide on it under that label.",
)


class Finder:
    """Finds the items that rows mean.

    Parameters
    ----------
    files, labels
        (n,) as in the items; files are unique.
    contents
        (n,) the SHA-256 of each, hex; empty where there is none.
    """

    def __init__(
        self, files: Sequence[str], labels: Sequence[str], contents: Sequence[str]
    ) -> None:
        self._names = Names(files)
        self._labels = labels
        self._contents = [content.lower() for content in contents]
        self._holding: dict[str, list[int]] = defaultdict(list)
        for row, content in enumerate(self._contents):
            if content:
                self._holding[content].append(row)

    def find_all(self, answers: Iterable[Answer]) -> list[int | Stopped]:
        """Return for each answer the row of its item, or why it has none.

        What is found by its own file is found first: a copy that another row names is never taken
        for a copy that is gone.
        """
        asked = list(answers)
        found = [self._at_its_file(answer) for answer in asked]
        named = {row for row in found if row is not None}
        return [
            self._checked(row, answer) if row is not None else self._elsewhere(answer, named)
            for row, answer in zip(found, asked, strict=True)
        ]

    def _at_its_file(self, answer: Answer) -> int | None:
        """Return the item at the file of a row, where its content does not speak against it."""
        row = self._names.find(answer.names)
        if row < 0:
            return None
        return row if not answer.sha256 or self._contents[row] == _hex(answer) else None

    def _elsewhere(self, answer: Answer, named: Collection[int]) -> int | Stopped:
        """Find the item of a row whose file is gone or holds something else: by content alone."""
        at_name = self._names.find(answer.names)
        if not answer.sha256:
            return _stopped(answer, SEVERAL if at_name == AMBIGUOUS else UNKNOWN)
        rows = [row for row in self._holding.get(_hex(answer), ()) if row not in named]
        if not rows:
            if at_name in (NOWHERE, AMBIGUOUS):
                return _stopped(answer, GONE)
            return _stopped(answer, OVERWRITTEN if self._contents[at_name] else UNREAD)
        if answer.given is not None:
            fitting = [row for row in rows if same_label(self._labels[row], answer.given)]
            rows = fitting or rows
        # equal files under one label are one item, where the row names none of them
        alike = len({self._labels[row] for row in rows}) == 1 and not answer.names
        if len(rows) > 1 and not alike:
            return _stopped(answer, SEVERAL)
        if answer.names and answer.given is None and answer.action is None and answer.label:
            # it was moved: its label in the row may be the one before, or one to give
            answer = replace(answer, given=answer.label)
        return self._checked(rows[0], answer)

    def _checked(self, row: int, answer: Answer) -> int | Stopped:
        """Return the row, unless the item lies under another label than the reviewer saw."""
        if answer.given is None or same_label(self._labels[row], answer.given):
            return row
        reason, remedy = OTHER_LABEL
        seen, now = answer.given, self._labels[row]
        return Stopped(answer.name, f"{reason} ({now!r}, not {seen!r})", remedy, answer.where)


def same_label(one: str, other: str) -> bool:
    """Whether two spellings are one label: Unicode form and blanks do not count."""
    return _spelt(one) == _spelt(other)


def _spelt(label: str) -> str:
    return " ".join(unicodedata.normalize("NFC", label).split())


def _hex(answer: Answer) -> str:
    return (answer.sha256 or "").lower()


def _stopped(answer: Answer, why: tuple[str, str]) -> Stopped:
    return Stopped(answer.name, *why, answer.where)
