"""The Changes page as plain data: the picture comes from the comparison."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.comparison import Comparison
from embeddings.comparison.classifier import Accuracy
from embeddings.comparison.records import (
    Accuracies,
    AccuracyChange,
    ItemChanges,
    Move,
    SplitChange,
)
from embeddings.label_errors import ConfusionChange
from explorer.pages.changes.layout import changes_parts
from explorer.pages.changes.view import MOST_LABELS, Bar, changes_view, ticks_over


def comparison(low: float, high: float, **more: object) -> Comparison:
    change = AccuracyChange(
        Accuracy(0.9, 0.88, 0.92, 500), Accuracy(0.92, 0.9, 0.94, 500), 0.02, low, high
    )
    content: dict[str, object] = {
        "before": "a", "after": "b", "decided": 12, "actions": 2, "notes": (),
        "splits": (
            SplitChange("jaguar", "gone", 0.97, 0.04), SplitChange("new", "appeared", None, 0.8),
        ),
        "items": ItemChanges(90, (Move("jaguar", "car", ("1", "2", "3")),), ("4",), ()),
        "accuracy": Accuracies(change, change, change),
        "confusions": (
            ConfusionChange("jaguar", "car", 30, 2), ConfusionChange("jaguar", "cat", 5, 4),
            ConfusionChange("cat", "dog", 1, 4),
        ),
    }  # fmt: skip
    return Comparison(**{**content, **more})  # type: ignore[arg-type]


def test_a_gain_that_is_more_than_chance_is_the_headline() -> None:
    view = changes_view(comparison(0.005, 0.035))
    assert view.heading == "Your 2 decisions made the model better"
    assert view.gain is not None
    assert (view.gain.points, view.gain.certain) == (pytest.approx(2), True)
    assert [(one.label, one.before, one.after) for one in view.mistakes] == [
        ("jaguar", 35, 6), ("cat", 1, 4),
    ]  # fmt: skip
    assert view.moves == (("jaguar", "car", 3),)
    assert view.removed == 1
    said = str(changes_parts(comparison(0.005, 0.035)))
    assert "35 → 6" in said
    assert "went away" in said


def test_what_may_be_chance_is_called_that() -> None:
    view = changes_view(comparison(-0.01, 0.05))
    assert view.heading == "Your 2 decisions made no clear difference to accuracy"
    assert view.gain is not None
    assert not view.gain.certain
    assert changes_view(comparison(0.01, 0.05, actions=0)).heading.startswith("The new run made")


def test_without_accuracy_there_is_no_picture_of_it() -> None:
    view = changes_view(comparison(0, 0, accuracy=None))
    assert (view.gain, view.heading) == (None, "What changed")
    assert changes_parts(comparison(0, 0, accuracy=None, confusions=()))
    nan = math.nan
    blank = AccuracyChange(Accuracy(nan, nan, nan, 5), Accuracy(nan, nan, nan, 5), nan, nan, nan)
    assert changes_view(comparison(0, 0, accuracy=Accuracies(blank, blank, blank))).gain is None


def test_labels_that_got_worse_are_not_cut_off() -> None:
    better = [ConfusionChange(f"l{n:02d}", "x", 2, 1) for n in range(MOST_LABELS)]
    worse = ConfusionChange("worse", "x", 0, 9)
    view = changes_view(comparison(0, 0, confusions=(*better, worse)))
    assert len(view.mistakes) == MOST_LABELS
    assert view.mistakes[-1].label == "worse"


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_scale_lies_around_the_intervals(value: float, below: float, above: float) -> None:
    low, high = max(0.0, value - below), min(1.0, value + above)
    ticks = ticks_over((Bar("before", value, low, high), Bar("after", value, low, high)))
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= high - 1e-6
    assert list(ticks) == sorted(set(ticks))
    assert 2 <= len(ticks) <= 9
