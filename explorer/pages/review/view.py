"""The Review page as plain data: what is left to decide, what was decided, what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from embeddings import export
from explorer.components import asked_in
from explorer.data import left_by_kind

if TYPE_CHECKING:
    from embeddings.decisions import Entry
    from explorer.data import Dataset, Decisions

MOST_ENTRIES = 50
SCOPES = {
    "all": "all images",
    "decided": "decided images",
    "flagged": "flagged images",
}  # that exports may be about
ACTIONS: Final = {
    "relabel": ("relabelled", "is-decided"),
    "keep": ("kept as labelled", "is-kept"),
    "remove": ("left out", "is-susp"),
    "unsure": ("not sure", "is-one"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One action of the past; ``when`` in words, ``at`` exactly."""

    batch: int
    action: str
    words: str
    by: str
    when: str
    at: str
    undone: bool
    note: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """Everything the page says; ``counts`` are the images decided by action."""

    heading: str
    sentence: str
    counts: Mapping[str, int]
    n_left: int
    lines: tuple[Line, ...]
    formats: tuple[tuple[str, str], ...]
    scope: str


def review_view(
    dataset: Dataset, decisions: Decisions, *, now: datetime, search: str = ""
) -> ReviewView:
    """Make the view model.

    An address with ``scope=`` says what is exported.
    """
    progress = decisions.store.progress()
    left = sum(left_by_kind(dataset.cases, decisions.decided_rows()).values())
    return ReviewView(
        heading=heading(progress.decided),
        sentence=sentence(progress.batches, progress.decided),
        counts=dict(progress.by_action),
        n_left=left,
        lines=tuple(_line(e, now) for e in decisions.store.history(MOST_ENTRIES, kind="decide")),
        formats=tuple((f.name, f.help) for f in export.all_formats()),
        scope=scope_in(search),
    )


def scope_in(search: str) -> str:
    """Return the scope of exports that an address asks for."""
    asked = asked_in(search).get("scope", "")
    return asked if asked in SCOPES else next(iter(SCOPES))


def heading(n: int) -> str:
    """Say how much is decided."""
    if not n:
        return "Nothing is decided yet"
    return f"{n:,} image{' is' if n == 1 else 's are'} decided"


def sentence(batches: int, decided: int) -> str:
    """Say what was done with how little."""
    if not batches:
        return "Every action will stand here, and can be undone."
    actions = "1 action has" if batches == 1 else f"{batches:,} actions have"
    return f"{actions} settled {decided:,} image{'' if decided == 1 else 's'} so far."


def ago(then: datetime, now: datetime) -> str:
    """Say how long ago something was."""
    seconds = max(0.0, (now - then).total_seconds())
    for size, one, many in ((86400, "a day", "days"), (3600, "an hour", "hours"),
                            (60, "a minute", "minutes")):  # fmt: skip
        n = int(seconds // size)
        if n:
            return f"{one} ago" if n == 1 else f"{n} {many} ago"
    return "just now"


def _line(entry: Entry, now: datetime) -> Line:
    # an action on a page of one label is about that label; others may be about many
    images = " image" if entry.size == 1 else " images"
    about = f" in {entry.context.label}" if entry.context.label else images
    done, _ = ACTIONS.get(entry.action or "", ("decided, each by itself", ""))
    to = f" to {entry.to_label}" if entry.to_label else ""
    source = f", from {entry.context.source}" if entry.context.source else ""
    return Line(
        batch=entry.batch,
        action=entry.action or "",
        words=f"{entry.size:,}{about} {done}{to}{source}",
        by=entry.reviewer,
        when=ago(entry.at, now),
        at=f"{entry.at:%Y-%m-%d %H:%M} UTC",
        undone=entry.undone,
        note=entry.note,
    )
