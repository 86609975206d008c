"""Two looks at the same labels: what one sees and the other does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings import find_splits
from embeddings.errors import UsageError
from embeddings.splits import second_look
from embeddings.splits.second_look import told_apart, weighed


def seen_and_unseen(seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
    """Return embeddings that see two kinds under *cat* as one, others that do not, and labels."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(6), 30)
    kinds = rng.normal(size=(6, 40)) * 2
    noise = rng.normal(size=(180, 40))
    collapsed = kinds.copy()
    collapsed[1] = kinds[0]
    labels = np.array(["cat", "cat", "dog", "fox", "owl", "car"])[kind].tolist()
    own = (collapsed[kind] + noise).astype(np.float32)
    other = (kinds[kind] + rng.normal(size=(180, 40))).astype(np.float32)
    return own, other, labels


def test_what_only_the_second_look_sees_is_found_and_said() -> None:
    own, other, labels = seen_and_unseen()
    assert not any(f.is_split for f in find_splits(own, labels).labels)
    report = find_splits(own, labels, second=other)
    first = report.labels[0]
    assert (first.label, first.is_split, first.n_clusters) == ("cat", True, 2)
    assert first.second_score > 0.5 > first.own_score
    assert (
        "learnt to see these as one: it tells A from B no better than chance" in first.second_look
    )
    assert first.second_look in first.evidence
    kinds = np.repeat(np.arange(2), 30)
    found = report.cluster[:60]
    assert max((found == kinds).mean(), (found != kinds).mean()) > 0.95
    assert not any(f.is_split for f in report.labels[1:])


def test_what_only_the_own_model_sees_is_said_too() -> None:
    own, other, labels = seen_and_unseen()
    first = find_splits(other, labels, second=own).labels[0]
    assert first.is_split
    assert first.second_look.startswith("Only your model sees this")


def test_the_same_look_twice_says_nothing_new() -> None:
    _, other, labels = seen_and_unseen()
    first = find_splits(other, labels, second=other).labels[0]
    assert first.is_split
    assert first.second_look == ""
    assert first.own_score == first.second_score


def test_both_looks_need_a_row_per_item() -> None:
    own, other, labels = seen_and_unseen()
    with pytest.raises(UsageError, match="179 of the second look"):
        find_splits(own, labels, second=other[1:])


def test_one_look_has_no_second_score() -> None:
    own, _, labels = seen_and_unseen()
    first = find_splits(own, labels).labels[0]
    assert np.isnan(first.own_score)
    assert first.second_look == ""


def test_parts_are_told_apart_by_their_nearest_items() -> None:
    rng = np.random.default_rng(0)
    parts = np.repeat([0, 1], [40, 10]).astype(np.int32)
    rows = rng.normal(size=(50, 200)).astype(np.float32)
    assert told_apart(rows, parts, seed=0) < 0.7  # more columns than items: by heart it is 1
    rows[parts == 0, 1] += 30
    rows[parts == 1, 0] += 30
    assert told_apart(rows, parts, seed=0) > 0.95
    assert np.isnan(told_apart(rows, np.zeros(50, dtype=np.int32), seed=0))
    assert np.isnan(told_apart(rows[:41], parts[:41], seed=0))  # a part of one item


def test_of_a_large_label_a_sample_of_every_part_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(second_look, "LARGEST", 60)
    rng = np.random.default_rng(0)
    parts = np.repeat([0, 1], [990, 10]).astype(np.int32)
    rows = rng.normal(size=(1000, 20)).astype(np.float32)
    rows[np.arange(1000), parts] += 30
    compared: list[int] = []
    real = second_look.unit_rows
    monkeypatch.setattr(
        second_look, "unit_rows", lambda rows: compared.append(len(rows)) or real(rows)
    )
    assert told_apart(rows, parts, seed=0) == 1.0
    assert compared[0] <= 66


def test_where_both_looks_part_a_label_its_parts_are_those_that_both_tell_apart() -> None:
    _, other, labels = seen_and_unseen()
    kind = np.repeat(np.arange(2), 30)
    half = np.tile([0, 1], 30)
    # the own model parts the label well; the other scores it higher for a difference of its own
    rng = np.random.default_rng(1)
    sharp = (other + 0.8 * rng.normal(size=other.shape)).astype(np.float32)
    blurred = other.copy()
    blurred[:60, 0] += 12 * half
    report = find_splits(sharp, labels, second=blurred)
    by_one = {f.label: f for f in report.labels}["cat"]
    assert by_one.second_score > by_one.own_score > 0.5
    found = report.cluster[:60]
    assert max((found == kind).mean(), (found != kind).mean()) > 0.95
    assert find_splits(blurred, labels).labels[0].n_clusters > 2  # what was not taken


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_surer_look_never_makes_a_label_less_likely(a: float, b: float, c: float) -> None:
    low, high = sorted((a, b))
    (less,) = weighed([low], [c]).together
    (more,) = weighed([high], [c]).together
    assert less is not None
    assert more is not None
    assert more >= less - 1e-9


def test_a_label_too_small_for_one_look_is_judged_by_the_other() -> None:
    both = weighed([None, 0.9, None], [0.8, None, None])
    assert both.together == (0.8, 0.9, None)
    assert both.chosen[:2] == (1, 0)
    assert both.values(0) == [None, 0.9, None]
    assert both.values(1) == [0.8, None, None]
