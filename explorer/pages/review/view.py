"""The Review page as plain data: what is left to decide, what was decided, what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pandas as pd

from embeddings import columns as c
from embeddings import export
from explorer.components import asked_in
from explorer.data import letter

if TYPE_CHECKING:
    from embeddings.decisions import Entry
    from explorer.data import Dataset, Decisions

STRIP = 6  # images of a finding
MOST_FINDINGS = 100
MOST_ENTRIES = 50
SCOPES = {"all": "all images", "flagged": "flagged images"}  # that exports may be about
ACTIONS: Final = {
    "relabel": ("relabelled", "is-decided"),
    "keep": ("kept", "is-kept"),
    "remove": ("removed", "is-susp"),
    "unsure": ("unsure", "is-one"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One odd cluster that waits: ``left`` of its ``size`` images are undecided."""

    label: str
    cluster: int
    letter: str
    size: int
    left: int
    score: float
    verdict: str
    suggestion: str | None
    images: tuple[int, ...]
    assigned: str


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
    n_flagged: int
    n_flagged_decided: int
    findings: tuple[Finding, ...]
    n_findings: int
    reviewers: tuple[str, ...]
    who: str
    lines: tuple[Line, ...]
    formats: tuple[tuple[str, str], ...]
    scope: str


def review_view(
    dataset: Dataset, decisions: Decisions, *, now: datetime, search: str = ""
) -> ReviewView:
    """Make the view model.

    An address with ``who=`` leaves only what is assigned to that reviewer; ``scope=`` says what
    is exported.
    """
    who = who_in(search)
    decided = decisions.decided()
    progress = decisions.store.progress()
    assigned = {k: a.reviewer or "" for k, a in decisions.store.assignments().items()}
    everything = _findings(dataset, set(decided), assigned)
    waiting = [f for f in everything if f.left and who in ("", f.assigned)]
    flagged = sum(f.size for f in everything)
    left = sum(f.left for f in everything)
    return ReviewView(
        heading=heading(len(waiting)),
        sentence=sentence(progress.batches, progress.decided),
        counts=dict(progress.by_action),
        n_flagged=flagged,
        n_flagged_decided=flagged - left,
        findings=tuple(waiting[:MOST_FINDINGS]),
        n_findings=len(waiting),
        reviewers=tuple(sorted({name for name in assigned.values() if name})),
        who=who,
        lines=tuple(_line(e, now) for e in decisions.store.history(MOST_ENTRIES, kind="decide")),
        formats=tuple((f.name, f.help) for f in export.all_formats()),
        scope=scope_in(search),
    )


def who_in(search: str) -> str:
    """Return the reviewer that an address asks for."""
    return asked_in(search).get("who", "")[:500]


def scope_in(search: str) -> str:
    """Return the scope of exports that an address asks for."""
    asked = asked_in(search).get("scope", "")
    return asked if asked in SCOPES else next(iter(SCOPES))


def heading(n: int) -> str:
    """Say how much is left."""
    if not n:
        return "Nothing is left to decide"
    return f"{n:,} finding{'' if n == 1 else 's'} left to decide"


def sentence(batches: int, decided: int) -> str:
    """Say what was done with how little."""
    if not batches:
        return "Nothing is decided yet. One action settles a whole cluster."
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


def _findings(dataset: Dataset, decided: set[int], assigned: Mapping[str, str]) -> list[Finding]:
    """Return the odd clusters of every label that is not one kind, surest first."""
    out = []
    doubtful = dataset.classes[dataset.classes[c.VERDICT] != "one kind"]
    for _, row in doubtful.iterrows():
        label = str(row[c.LABEL])
        for _, one in dataset.clusters_of(label).iterrows():
            number = int(one[c.CLUSTER])
            if not one[c.IS_ODD]:
                continue
            members = [int(r) for r in dataset.members(label, number)]
            suggestion = one[c.SUGGESTED_LABEL]
            out.append(
                Finding(
                    label=label,
                    cluster=number,
                    letter=letter(number),
                    size=len(members),
                    left=sum(r not in decided for r in members),
                    score=float(row[c.SPLIT_SCORE]),
                    verdict=str(row[c.VERDICT]),
                    suggestion=None if pd.isna(suggestion) else str(suggestion),
                    images=tuple(members[:STRIP]),
                    assigned=assigned.get(label, ""),
                )
            )
    return out


def _line(entry: Entry, now: datetime) -> Line:
    about = f" in {entry.first.label}" if entry.first.label else ""
    done, _ = ACTIONS.get(entry.action or "", ("decided", ""))
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
