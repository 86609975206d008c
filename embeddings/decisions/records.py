"""Frozen records of the decision store: what goes in and what comes out."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from embeddings.errors import UsageError

Action = Literal["relabel", "remove", "keep", "unsure"]
Kind = Literal["decide", "undo", "redo"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
LONGEST_NAME: Final = 500  # characters, of a label, a reviewer or a selection
LONGEST_NOTE: Final = 10_000

_RELABEL: Final = "relabel: "


def clean_name(text: str, what: str) -> str:
    """One spelling per name: Unicode form NFC, single spaces, none at the ends.

    Raises
    ------
    UsageError
        Nothing is left, it is too long, or it can't be stored.
    """
    name = " ".join(unicodedata.normalize("NFC", storable(text, what)).split())
    if not name:
        raise UsageError(f"The {what} is empty.", hint=f"Give a {what}.")
    if len(name) > LONGEST_NAME:
        raise UsageError(
            f"The {what} has {len(name)} characters.", hint=f"At most {LONGEST_NAME} are kept."
        )
    return name


def storable(text: str, what: str) -> str:
    """Return the text, or refuse what no database keeps: NUL and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UsageError(f"The {what} {text!r} holds characters that can't be stored.")
    return text


def _digest(*parts: str) -> str:
    """Return 32 hex digits for the parts; NUL between them, which none may hold."""
    joined = "\0".join(parts)
    try:
        if joined.count("\0") == len(parts) - 1:
            return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()
    except UnicodeEncodeError:  # half of a surrogate pair
        pass
    raise UsageError(f"{parts[1:]!r} holds characters that can't be stored.")


@dataclass(frozen=True, slots=True)
class Item:
    """What a decision is about: a content under a label.

    Parameters
    ----------
    file
        Relative to the data set root, POSIX form; where it was when the decision was made.
    label
        What the data set calls it. The same content under another label is another item.
    sha256
        Of the content, hex. Empty where there is no image: then the file name stands for it.
    only_this_file
        False: the decision is about every file with this content and label, wherever it lies.
        True: about this one of several equal files, so that one of two copies can be removed.

    Examples
    --------
    >>> Item("jaguar/7.jpg", "jaguar").file
    'jaguar/7.jpg'
    """

    file: str
    label: str
    sha256: str = ""
    only_this_file: bool = False

    @property
    def group(self) -> str:
        """The key of this content under this label, all copies of it together."""
        if self.sha256:
            return _digest("sha256", self.sha256.lower(), self.label)
        return _digest("file", self.file, self.label)

    @property
    def key(self) -> str:
        """What decisions are kept under, 32 hex digits."""
        if self.sha256 and self.only_this_file:
            return _digest("copy", self.sha256.lower(), self.label, self.file)
        return self.group


@dataclass(frozen=True, slots=True)
class Choice:
    """What is decided: an action, where it relabels the label to give, and a note.

    Raises
    ------
    UsageError
        No such action; a relabel without a label; a label with another action.
    """

    action: Action
    to_label: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse impossible combinations, and spell the label as the manifest would."""
        if self.action not in ACTIONS:
            raise UsageError(
                f"There is no action {self.action!r}.", hint=f"Use one of {', '.join(ACTIONS)}."
            )
        if self.action == "relabel":
            label = clean_name(self.to_label or "", "label to relabel to")
            object.__setattr__(self, "to_label", label)
        elif self.to_label is not None:
            raise UsageError(
                f"{self.action!r} takes no label, {self.to_label!r} was given.",
                hint="Use the action relabel, or leave the label out.",
            )
        if len(storable(self.note, "note")) > LONGEST_NOTE:
            raise UsageError(
                f"The note has {len(self.note)} characters.",
                hint=f"At most {LONGEST_NOTE} are kept.",
            )

    @property
    def text(self) -> str:
        """The choice in a cell: ``relabel: car``, ``remove``, ``keep`` or ``unsure``."""
        return decision_text(self.action, self.to_label)


def decision_text(action: Action, to_label: str | None) -> str:
    """Write a choice as the column ``decision`` has it; :func:`parse_choice` reads it."""
    return f"{_RELABEL}{to_label}" if action == "relabel" else action


def parse_choice(text: str, note: str = "") -> Choice | None:
    """Read what :func:`decision_text` wrote; None for an empty cell.

    Raises
    ------
    UsageError
        The text is no decision.
    """
    stripped = text.strip()
    if not stripped:
        return None
    if stripped.startswith(_RELABEL):
        return Choice("relabel", stripped.removeprefix(_RELABEL), note)
    for action in ACTIONS:
        if stripped == action != "relabel":
            return Choice(action, note=note)
    raise UsageError(
        f"{stripped!r} is no decision.",
        hint=f"Write `{_RELABEL}LABEL`, `remove`, `keep` or `unsure`.",
    )


@dataclass(frozen=True, slots=True)
class Context:
    """Where the reviewer was when deciding; for the history only.

    ``source`` says where imported decisions came from, such as the name of a file.
    """

    label: str | None = None
    cluster: int | None = None
    run: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on one item, as the log has it; ``batch`` is the action it was part of."""

    id: int
    batch: int
    item: Item
    action: Action
    to_label: str | None
    note: str
    reviewer: str
    at: datetime  # UTC

    @property
    def text(self) -> str:
        """``relabel: car``, ``remove``, ``keep`` or ``unsure``."""
        return decision_text(self.action, self.to_label)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: an action on any number of items, or its undo or redo.

    ``batch`` is the action concerned: the entry itself, or the one undone or redone; ``action``,
    ``to_label``, ``note``, ``size``, ``context`` and ``first`` are that batch's. ``action`` is
    None where its decisions differ. ``undone`` says whether the batch is undone *now*.
    """

    position: int
    kind: Kind
    batch: int
    reviewer: str
    at: datetime  # UTC
    size: int
    action: Action | None
    to_label: str | None
    note: str
    context: Context
    undone: bool
    first: Item


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one call wrote.

    ``size`` items are in the batch; for ``changed`` of them the decision in force is different now
    (fewer where others decided later). ``copies`` of the items given were equal to another one
    given. ``position`` and ``batch`` are 0 where there was nothing to write.

    Examples
    --------
    >>> Receipt("decide", position=1, batch=1, size=3, changed=3, action="remove").changed
    3
    """

    kind: Kind
    position: int
    batch: int
    size: int
    changed: int
    copies: int = 0
    action: Action | None = None
    to_label: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after a position: log entries, and the items whose decision in force changed.

    ``now`` maps an item's key to the decision in force, None where it was taken back.
    ``position`` is the one to ask from next time.
    """

    position: int
    entries: tuple[Entry, ...] = ()
    now: Mapping[str, Decision | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """How far the review is; only decisions in force count.

    ``batches`` are the actions not undone, by whatever number of items.
    """

    position: int
    decided: int
    batches: int
    by_action: Mapping[str, int]
    by_reviewer: Mapping[str, int]
    by_label: Mapping[str, int]  # the given label

    @property
    def per_batch(self) -> float:
        """Items settled with one action, on average."""
        return self.decided / self.batches if self.batches else 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who looks after a label; ``reviewer`` is None where nobody does any more."""

    position: int
    label: str
    reviewer: str | None
    by: str
    at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class Selection:
    """A version of a saved selection; ``items`` is empty in listings, ``size`` is not."""

    name: str
    version: int
    note: str
    by: str
    at: datetime  # UTC
    size: int
    dropped: bool = False
    items: tuple[Item, ...] = ()
