"""Frozen records of a comparison, and their lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from embeddings.comparison.classifier import Accuracy
from embeddings.label_errors import ConfusionChange

Change = Literal["gone", "appeared", "stayed"]
CHANGES: Final[tuple[Change, ...]] = ("gone", "appeared", "stayed")
_HEADS: Final = {"gone": "went away", "appeared": "appeared", "stayed": "stayed"}
_NAMED: Final = 5  # labels and moves that a line names; it says how many more there are


@dataclass(frozen=True, slots=True)
class SplitChange:
    """A label that was split before, after, or both; None where there was no such label."""

    label: str
    change: Change
    before: float | None
    after: float | None

    @property
    def text(self) -> str:
        """``jaguar 0.97 → 0.04``; a label that does not exist has the score ``none``."""
        one, two = ("none" if s is None else f"{s:.2f}" for s in (self.before, self.after))
        return f"{self.label} {one} → {two}"


@dataclass(frozen=True, slots=True)
class Move:
    """Items that went from one label to another; ``files`` as they are named after."""

    before: str
    after: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemChanges:
    """What changed for the items: ``same`` counts unchanged labels, the others are files.

    ``moves`` is ordered by size, largest first.
    """

    same: int
    moves: tuple[Move, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def moved(self) -> int:
        """How many items have another label."""
        return sum(len(move.files) for move in self.moves)


@dataclass(frozen=True, slots=True)
class AccuracyChange:
    """Accuracy on the same items, taught by the labels before and by the labels after.

    ``gain`` is the difference, ``gain_low`` and ``gain_high`` its 95 % interval from the same
    bootstrap samples (paired), all as shares.
    """

    before: Accuracy
    after: Accuracy
    gain: float
    gain_low: float
    gain_high: float

    @property
    def text(self) -> str:
        """Accuracies in per cent, the interval of the second, and the gain in points."""
        return (
            f"{_percent(self.before.value)} to {_percent(self.after.value)} % "
            f"(95 % from {_percent(self.after.low)} to {_percent(self.after.high)}; "
            f"gain {100 * self.gain:+.1f} points, 95 % from {100 * self.gain_low:+.1f} "
            f"to {100 * self.gain_high:+.1f})"
        )


@dataclass(frozen=True, slots=True)
class Accuracies:
    """A linear classifier on held-out items, folds by content.

    ``unchanged`` is on the items whose label is the same before and after. The other two are on
    all items that are in both, changed ones included: held against the labels before, and
    against the labels after.
    """

    unchanged: AccuracyChange
    against_before: AccuracyChange
    against_after: AccuracyChange


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, or one run before and after decisions.

    ``decided`` items were decided on in ``actions``. ``accuracy`` is None where nothing can be
    classified, ``confusions`` are those that grew or shrank on held-out items, the largest changes
    first; ``notes`` say why, and what was assumed.
    """

    before: str
    after: str
    splits: tuple[SplitChange, ...]
    items: ItemChanges
    decided: int
    actions: int
    accuracy: Accuracies | None
    confusions: tuple[ConfusionChange, ...]
    notes: tuple[str, ...]

    def splits_that(self, change: Change) -> tuple[SplitChange, ...]:
        """Return the splits that went away, appeared or stayed."""
        return tuple(s for s in self.splits if s.change == change)

    def lines(self) -> tuple[str, ...]:
        """Return the comparison in plain words, the decisions and what they did first."""
        return (
            self._headline(),
            *self._all_items(),
            *(_split_line(c, self.splits_that(c)) for c in CHANGES),
            _items_line(self.items),
            *_confusion_lines(self.confusions),
            *self.notes,
        )

    def _headline(self) -> str:
        done = ""
        if self.decided:
            done = (
                f"You decided on {_count(self.decided, 'image')} in "
                f"{_count(self.actions, 'action')}"
            )
        if self.accuracy is None or not self.accuracy.unchanged.before.n:
            return f"{done or 'No decisions'}; accuracy could not be measured."
        what = "accuracy on held-out items went from"
        start = f"{done}; {what}" if done else what[0].upper() + what[1:]
        return f"{start} {self.accuracy.unchanged.text}."

    def _all_items(self) -> tuple[str, ...]:
        if self.accuracy is None or not self.items.moved:
            return ()
        a = self.accuracy
        return (
            f"Held-out items are the {a.unchanged.before.n} whose label did not change.",
            f"On all {a.against_after.before.n} items, against the labels before: "
            f"{a.against_before.text}.",
            f"On all {a.against_after.before.n} items, against the labels after: "
            f"{a.against_after.text}.",
        )


def _split_line(change: Change, splits: Sequence[SplitChange]) -> str:
    named = _some([s.text for s in splits])
    return f"{_count(len(splits), 'split')} {_HEADS[change]}{': ' + named if named else ''}."


def _items_line(items: ItemChanges) -> str:
    moves = _some([f"{m.before} → {m.after} {len(m.files)}" for m in items.moves])
    return (
        f"{_count(items.moved, 'item')} moved{f' ({moves})' if moves else ''}, "
        f"{len(items.removed)} removed, {len(items.added)} added, {items.same} as they were."
    )


def _confusion_lines(changes: Sequence[ConfusionChange]) -> tuple[str, ...]:
    if not changes:
        return ()
    named = _some([f"{x.label} for {x.taken_for} {x.before} → {x.after}" for x in changes])
    return (f"Held-out images taken for another label: {named}.",)


def _some(texts: Sequence[str]) -> str:
    more = [f"{len(texts) - _NAMED} more"] if len(texts) > _NAMED else []
    return ", ".join([*texts[:_NAMED], *more])


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
