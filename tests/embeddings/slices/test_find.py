"""Slices on which a model fails, planted in small sets."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings.errors import UsageError
from embeddings.slices import CLUSTER, FILE_FACT, REGION, Group, find_slices

HELD_OUT = np.zeros(120, dtype=bool)


def two_labels() -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    labels = np.repeat(np.array(["cat", "dog"], dtype=object), 60)
    return labels, labels.copy()


def with_region(seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return embeddings in which the first twelve cats stand apart, and who they are."""
    X = np.random.default_rng(seed).normal(scale=0.3, size=(120, 16)).astype(np.float32)
    X[:60, 0] += 2
    X[60:, 1] += 2
    X[:12, 2] += 1.5
    return X, np.arange(12)


def test_a_region_that_no_group_marks_is_found() -> None:
    labels, predicted = two_labels()
    X, region = with_region()
    predicted[:10] = "dog"
    (found,) = find_slices(labels, predicted, X=X, trained_on=HELD_OUT).failing
    assert (found.kind, found.label, found.taken_for) == (REGION, "cat", "dog")
    assert set(found.items) <= set(region)
    assert len(found.items) >= 10
    assert found.errors_above == pytest.approx(9, abs=1)
    assert found.low < found.accuracy < found.high


def test_errors_without_order_are_no_slice() -> None:
    X, _ = with_region()
    rng = np.random.default_rng(1)
    for _ in range(5):
        labels, predicted = two_labels()
        predicted[rng.choice(60, 6, replace=False)] = "dog"
        assert not find_slices(labels, predicted, X=X, trained_on=HELD_OUT).failing


def test_a_known_group_stands_before_a_region_of_the_same_images() -> None:
    labels, predicted = two_labels()
    X, region = with_region()
    predicted[:10] = "dog"
    known = Group("cluster B", CLUSTER, region, key=1)
    report = find_slices(labels, predicted, groups=[known], X=X, trained_on=HELD_OUT)
    assert [s.name for s in report.failing] == ["cluster B"]
    assert report.parts_sentence("cat") == "Your model is right on 50 of 60 of it."


def test_the_parts_of_a_label_are_said_side_by_side() -> None:
    labels, predicted = two_labels()
    predicted[:10] = "dog"
    groups = [
        Group("cluster A", CLUSTER, np.arange(12, 60), key=0),
        Group("cluster B", CLUSTER, np.arange(12), key=1),
    ]
    report = find_slices(labels, predicted, groups=groups, trained_on=HELD_OUT)
    assert report.parts_sentence("cat") == "Your model is right on 100% of A, on 17% of B."
    assert [s.name for s in report.failing] == ["cluster B"]


def test_a_slice_runs_through_labels() -> None:
    labels, predicted = two_labels()
    grey = np.concatenate([np.arange(8), np.arange(60, 68)])
    predicted[[0, 1, 2, 3]] = "dog"
    predicted[[60, 61, 62, 63]] = "cat"
    report = find_slices(
        labels, predicted, groups=[Group("grey", FILE_FACT, grey)], trained_on=HELD_OUT
    )
    (found,) = report.failing
    assert (found.label, found.counted, found.right) == ("", 16, 8)
    assert found.errors_above == pytest.approx(8)


def test_only_what_was_held_out_counts() -> None:
    labels, predicted = two_labels()
    trained_on = HELD_OUT.copy()
    trained_on[30:60] = True
    predicted[:3] = "dog"
    report = find_slices(labels, predicted, trained_on=trained_on)
    assert (report.counted, report.right, report.evidence) == (90, 87, "held out")
    every = find_slices(labels, predicted, trained_on=~HELD_OUT)
    assert (every.counted, every.evidence) == (120, "trained on")
    assert "was trained on" in every.notes[0]
    assert "Nobody said" in find_slices(labels, predicted).notes[0]


def test_near_copies_are_one_piece_of_evidence() -> None:
    labels, predicted = two_labels()
    predicted[:10] = "dog"
    copies = np.full(120, -1)
    copies[:10] = 4
    report = find_slices(
        labels,
        predicted,
        groups=[Group("cluster B", CLUSTER, np.arange(12), key=1)],
        copies=copies,
        trained_on=HELD_OUT,
    )
    assert not report.failing
    assert report.slices[0].counted == 3


def test_the_next_step_follows_the_evidence() -> None:
    labels, predicted = two_labels()
    predicted[:10] = "dog"
    group = [Group("cluster B", CLUSTER, np.arange(12), key=1)]
    plain = find_slices(labels, predicted, groups=group, trained_on=HELD_OUT).failing[0]
    assert plain.next_step == "collect more like these"
    suggested = np.full(120, None, dtype=object)
    suggested[:12] = "dog"
    mended = find_slices(
        labels, predicted, groups=group, suggested=suggested, trained_on=HELD_OUT
    ).failing[0]
    assert mended.next_step == "relabel"
    predicted[60:80] = "cat"
    predicted[:14] = "dog"
    mixed = find_slices(labels, predicted, groups=group, trained_on=HELD_OUT).failing[0]
    assert mixed.next_step == "merge"


def test_unlabelled_and_unpredicted_items_are_left_out() -> None:
    report = find_slices(["a", "", "a", "b", None], ["a", "a", None, "b", "b"])
    assert (report.counted, report.right) == (2, 2)


@pytest.mark.parametrize(
    ("predicted", "words"),
    [
        (["a"], "1 predictions"),
        ([None, ""], "no prediction for any"),
        (["0", "1"], "name none of the labels"),
    ],
)
def test_what_can_not_be_compared_is_said(predicted: list[str | None], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find_slices(["a", "b"], predicted)
