"""Frozen records of an import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from embeddings.decisions import Action


@dataclass(frozen=True, slots=True)
class Seen:
    """The decision that was in force when a file was written: what its writer knew of.

    ``batch`` is 0 where nothing was decided. A store numbers its batches from 1, so that two
    stores have the same numbers: ``by`` and ``at`` (as the export wrote them) tell them apart.
    """

    batch: int
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a file says about an image, before it is known which item that is.

    ``names`` are the ways in which the file names the image, best first: paths, addresses,
    perhaps without suffix. Either ``action`` says what to do, or it is None and ``label`` is the
    label that the image should have; ``reviewed`` is False where a label equal to the given one
    means no more than that nobody changed it. ``where`` is a place in the file, to name to a user.

    ``given`` is the label under which the image was seen and ``seen`` the decision on it, each
    None where the file does not say. ``only_this_file`` is None where it does not say either.
    """

    names: tuple[str, ...]
    label: str | None = None
    action: Action | None = None
    sha256: str | None = None
    note: str = ""
    reviewer: str = ""
    reviewed: bool = False
    where: str = ""
    given: str | None = None
    seen: Seen | None = None
    only_this_file: bool | None = None

    @property
    def name(self) -> str:
        """What to call the image when speaking to a user."""
        return self.names[0] if self.names else self.sha256 or self.where


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that one file says; ``problems`` has a line for each row that says nothing.

    ``notes`` say what was assumed while reading.
    """

    format: str
    rows: tuple[Answer, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stopped:
    """A row that was not taken over: what it names, why not, and what to do."""

    name: str
    reason: str
    remedy: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class ImportedDecision:
    """A decision on an item of the workspace; ``file``, ``label`` and ``sha256`` are that item's.

    ``reviewer`` signs it; ``origin`` is who decided as the file says it. ``only_this_file`` is
    True where the same import says something else of an equal file, or the file says so itself.
    """

    file: str
    label: str
    sha256: str | None
    action: Action
    to_label: str | None
    note: str
    reviewer: str
    only_this_file: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A decision of a file that what was decided since stands against.

    ``now`` is what is in force, "" where a decision was taken back since; ``by`` is who said so.
    """

    decision: ImportedDecision
    now: str
    by: str

    @property
    def text(self) -> str:
        """The conflict in a few words."""
        stands = f"{self.by or 'somebody'}: {self.now}" if self.now else "taken back"
        return f"{self.decision.file!r} ({stands})"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found, and what it would change.

    ``matched`` rows name an item; of these ``silent`` decide nothing (the label is the given one,
    and nobody says that it was looked at). ``stopped`` are the rows that name none, or one that is
    not as their reviewer saw it. ``overruled`` counts rows after which a later row decided
    otherwise on the same item. ``changed`` are the decisions that are not in force yet, to be
    written; ``unchanged`` counts those that are. ``conflicts`` are those that something stands
    against which was decided later: kept out of ``changed``, unless ``insisted``.
    """

    format: str
    matched: int
    silent: int
    stopped: tuple[Stopped, ...]
    overruled: int
    unchanged: int
    changed: tuple[ImportedDecision, ...]
    problems: tuple[str, ...]
    conflicts: tuple[Conflict, ...] = ()
    insisted: bool = False
    notes: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Say it in a few lines."""
        said = [
            f"{self.matched:,} rows matched an item: {len(self.changed):,} decisions are new, "
            f"{self.unchanged:,} were there already, {self.silent:,} decide nothing."
        ]
        why: dict[tuple[str, str], list[str]] = {}
        for stop in self.stopped:
            why.setdefault((stop.reason, stop.remedy), []).append(stop.name)
        for (reason, remedy), names in why.items():
            listed = _some(repr(name) for name in names)
            said.append(f"{_rows_were(len(names))} not taken over, as {reason}: {listed}. {remedy}")
        if self.conflicts:
            listed = _some(conflict.text for conflict in self.conflicts)
            what, then = (
                ("overruled", "")
                if self.insisted
                else ("kept as they are", " To insist, import with --overrule.")
            )
            said.append(
                f"{len(self.conflicts):,} items were decided otherwise since, or it can't be told "
                f"that they were not, and are {what}: {listed}.{then}"
            )
        if self.overruled:
            said.append(f"{self.overruled:,} were overruled by a later row on the same item.")
        return (*said, *self.notes, *self.problems)


def _rows_were(n: int) -> str:
    return "1 row was" if n == 1 else f"{n:,} rows were"


def _some(texts: Iterable[str], most: int = 3) -> str:
    listed = list(texts)
    more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
