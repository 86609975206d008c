"""The Changes page as plain data: accuracy before and after, mistakes by label, splits, moves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings.comparison import Comparison

MOST_LABELS = 20
MOST_MOVES = 12
TICKS = 6  # of the scale of accuracies, about
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # between ticks, as shares


@dataclass(frozen=True, slots=True)
class Bar:
    """An accuracy with its 95 % interval, as shares."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Gain:
    """The two accuracies on one scale.

    ``ticks`` are where the scale is named; ``points`` is the gain in per cent points, likely
    between ``low`` and ``high``; it is ``certain`` where that does not hold 0.
    """

    bars: tuple[Bar, Bar]
    ticks: tuple[float, ...]
    points: float
    low: float
    high: float
    n: int

    @property
    def certain(self) -> bool:
        """Whether the gain is more than chance."""
        return not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Mistakes:
    """How many held-out images of a label were taken for another, before and after."""

    label: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class SplitLine:
    """A label that was split before or after, and its scores; None where there is no label."""

    label: str
    change: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class ChangesView:
    """Everything the page says."""

    heading: str
    sentence: str
    gain: Gain | None
    mistakes: tuple[Mistakes, ...]
    splits: tuple[SplitLine, ...]
    moves: tuple[tuple[str, str, int], ...]
    n_more_moves: int
    removed: int
    words: tuple[str, ...]


def changes_view(found: Comparison) -> ChangesView:
    """Make the view model of a comparison."""
    gain = _gain(found)
    moves = [(move.before, move.after, len(move.files)) for move in found.items.moves]
    n = gain.n if gain else 0
    return ChangesView(
        heading=heading(found.actions, gain),
        sentence=f"Trained the same way on the labels before and after, tested on the same {n:,} "
        "images, whose label did not change."
        if n
        else "Accuracy could not be measured.",
        gain=gain,
        mistakes=_mistakes(found),
        splits=tuple(SplitLine(s.label, s.change, s.before, s.after) for s in found.splits),
        moves=tuple(moves[:MOST_MOVES]),
        n_more_moves=max(0, len(moves) - MOST_MOVES),
        removed=len(found.items.removed),
        words=found.lines(),
    )


def heading(actions: int, gain: Gain | None) -> str:
    """Say in one sentence what the decisions were worth."""
    who = (
        f"Your {'decision' if actions == 1 else f'{actions:,} decisions'}"
        if actions
        else "The new run"
    )
    if gain is None:
        return "What changed"
    if not gain.certain:
        return f"{who} made no clear difference to accuracy"
    return f"{who} made the model {'better' if gain.points > 0 else 'worse'}"


def _gain(found: Comparison) -> Gain | None:
    if found.accuracy is None or not found.accuracy.unchanged.before.n:
        return None
    change = found.accuracy.unchanged
    bars = tuple(
        Bar(name, one.value, one.low, one.high)
        for name, one in (("before", change.before), ("after", change.after))
    )
    if not all(math.isfinite(v) for bar in bars for v in (bar.value, bar.low, bar.high)):
        return None
    points, low, high = (100 * v for v in (change.gain, change.gain_low, change.gain_high))
    return Gain((bars[0], bars[1]), ticks_over(bars), points, low, high, change.before.n)


def ticks_over(bars: tuple[Bar, ...]) -> tuple[float, ...]:
    """Return round values that lie around all intervals, as shares."""
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    step = next((s for s in STEPS if (high - low) / s <= TICKS), STEPS[-1])
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(round(n * step, 6) for n in range(first, max(last, first + 1) + 1))


def _mistakes(found: Comparison) -> tuple[Mistakes, ...]:
    """Add up the confusions of each label; of those that changed most, the largest gains first."""
    sums: dict[str, list[int]] = {}
    for one in found.confusions:
        both = sums.setdefault(one.label, [0, 0])
        both[0] += one.before
        both[1] += one.after
    lines = [Mistakes(label, before, after) for label, (before, after) in sums.items()]
    lines.sort(key=lambda one: (-abs(one.after - one.before), one.label))
    shown = sorted(lines[:MOST_LABELS], key=lambda one: (one.after - one.before, one.label))
    return tuple(shown)
