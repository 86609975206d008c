"""What comes in, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass

from embeddings.decisions import Action


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a file says about an image, before it is known which item that is.

    ``names`` are the ways in which the file names the image, best first: paths, addresses,
    perhaps without suffix. Either ``action`` says what to do, or it is None and ``label`` is the
    label that the image should have; ``reviewed`` is False where a label equal to the given one
    means no more than that nobody changed it. ``where`` is a place in the file, to name to a user.
    """

    names: tuple[str, ...]
    label: str | None = None
    action: Action | None = None
    sha256: str | None = None
    note: str = ""
    reviewer: str = ""
    reviewed: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that one file says; ``problems`` has a line for each row that says nothing."""

    format: str
    rows: tuple[Answer, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedDecision:
    """A decision on an item of the workspace; ``file``, ``label`` and ``sha256`` are that item's.

    ``only_this_file`` is True where the same import says something else of an equal file.
    """

    file: str
    label: str
    sha256: str | None
    action: Action
    to_label: str | None
    note: str
    reviewer: str
    only_this_file: bool = False


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found, and what it would change.

    ``matched`` rows name an item; of these ``silent`` decide nothing (the label is the given one,
    and nobody says that it was looked at). ``unmatched`` are the names that no item has,
    ``ambiguous`` those that several have. ``overruled`` counts rows after which a later row decided
    otherwise on the same item. ``changed`` are the decisions that are not in force yet, to be
    written; ``unchanged`` counts the others.
    """

    format: str
    matched: int
    silent: int
    unmatched: tuple[str, ...]
    ambiguous: tuple[str, ...]
    overruled: int
    unchanged: int
    changed: tuple[ImportedDecision, ...]
    problems: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Say it in a few lines."""
        said = [
            f"{self.matched:,} rows matched an item: {len(self.changed):,} decisions are new, "
            f"{self.unchanged:,} were there already, {self.silent:,} decide nothing."
        ]
        if self.unmatched:
            said.append(f"{len(self.unmatched):,} name no item: {_some(self.unmatched)}.")
        if self.ambiguous:
            said.append(
                f"{len(self.ambiguous):,} could be one of several items: {_some(self.ambiguous)}."
            )
        if self.overruled:
            said.append(f"{self.overruled:,} were overruled by a later row on the same item.")
        return (*said, *self.problems)


def _some(names: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more
