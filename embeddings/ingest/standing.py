"""Decisions in force on imported items, and whether the writer of the file knew of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from embeddings import columns as c
from embeddings.decisions import Action, Decision, Item, decision_text
from embeddings.ingest.records import ImportedDecision, Seen

ACTION: Final = "action"
TO_LABEL: Final = "to_label"
ONLY_THIS_FILE: Final = "only_this_file"
BATCH, REVIEWER, AT = "batch", "reviewer", "at"

Stand = tuple[str, str | None]
"""What is in force: an action, and the label to give."""

History = Callable[[int], Sequence[Decision]]
"""The decisions of one batch of the store that is told; empty where it has no such batch."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision in force: what, in which batch, by whom and when."""

    stand: Stand
    batch: int = 0
    by: str = ""
    at: object = None

    @property
    def text(self) -> str:
        """As the column ``decision`` has it."""
        action, to_label = self.stand
        known: Action = action  # type: ignore[assignment]  # stores hold none but these
        return decision_text(known, to_label)


class Current:
    """The decisions in force by item: by content and label, by file where there is no content.

    Parameters
    ----------
    frame
        In the order of deciding, with columns ``sha256``, ``file``, ``label``, ``action``,
        ``to_label`` and perhaps ``only_this_file``, ``batch``, ``reviewer``, ``at``.
    """

    def __init__(self, frame: pd.DataFrame | None) -> None:
        self._by_content: dict[tuple[str, str], tuple[int, Standing]] = {}
        self._by_file: dict[tuple[str, str, str], tuple[int, Standing]] = {}
        self._apart: set[tuple[str, str]] = set()
        if frame is None:
            return
        names = (c.SHA256, c.FILE, c.LABEL, ACTION, TO_LABEL)
        blank = [None] * len(frame)
        more = ((frame.get(name, blank)) for name in (BATCH, REVIEWER, AT))
        alone = frame.get(ONLY_THIS_FILE, blank)
        columns = (*(frame[name] for name in names), alone, *more)
        for place, (sha, file, label, action, to_label, only, batch, by, at) in enumerate(
            zip(*columns, strict=True)
        ):
            target = None if pd.isna(to_label) or not to_label else str(to_label)
            standing = Standing((str(action), target), int(batch or 0), str(by or ""), at)
            content = "" if pd.isna(sha) else str(sha).lower()
            if content and not only:
                self._by_content[content, str(label)] = place, standing
            else:
                self._by_file[content, str(label), str(file)] = place, standing
                self._apart.add((content, str(label)))

    def of(self, file: str, label: str, sha256: str | None) -> Standing | None:
        """Return the later of what was said of this content under this label and of this file."""
        content = (sha256 or "").lower()
        found = (
            self._by_content.get((content, label)),
            self._by_file.get((content, label, file)),
        )
        held = [said for said in found if said is not None]
        return max(held, key=lambda said: said[0])[1] if held else None

    def tells_apart(self, label: str, sha256: str | None) -> bool:
        """Whether a decision is in force on one of several equal files under this label alone."""
        return bool(sha256) and ((sha256 or "").lower(), label) in self._apart


def decided_later(
    decision: ImportedDecision, seen: Seen | None, now: Standing | None, history: History
) -> bool:
    """Whether something was decided on the item that the writer of the row did not know of.

    Where the row does not say what its writer knew, any other decision in force may be a later one.
    """
    if now is not None:
        known = seen is not None and _same(seen, now.batch, now.by, now.at)
        return not known
    if seen is None or not seen.batch:
        return False
    # nothing is in force: either this store never heard of that decision, or it was taken back
    item = Item(decision.file, decision.label, decision.sha256 or "")
    return any(
        one.item.group == item.group and _same(seen, one.batch, one.reviewer, one.at)
        for one in history(seen.batch)
    )


def _same(seen: Seen, batch: int, by: str, at: Any) -> bool:
    """Whether a row means this batch of this store, and not one of the same number elsewhere."""
    if seen.batch != batch or (seen.by and seen.by != by):
        return False
    if not seen.at:
        return bool(seen.by)
    try:
        return bool(pd.Timestamp(seen.at) == pd.Timestamp(at))
    except (ValueError, TypeError):  # a spreadsheet wrote it in a way of its own
        return False
