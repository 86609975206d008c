"""Intervals, exact tests, false-discovery control."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.slices.statistics import false_discovery, more_errors, wilson


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share(one: int, other: int) -> None:
    right, counted = min(one, other), max(one, other)
    low, high = wilson(right, counted)
    assert 0 <= low <= high <= 1
    if counted:
        assert low <= right / counted + 1e-12
        assert high >= right / counted - 1e-12


def test_of_one_label_the_test_is_fishers() -> None:
    from scipy.stats import fisher_exact

    # 20 items, 6 wrong; of the slice's 8 items 5 are wrong
    expected = fisher_exact([[5, 3], [1, 11]], alternative="greater").pvalue
    assert more_errors([(20, 6, 8, 5)]) == pytest.approx(expected)


def test_labels_add_up_and_whole_labels_say_nothing() -> None:
    one = (20, 6, 8, 5)
    assert more_errors([one, one]) < more_errors([one])
    assert more_errors([one, (10, 4, 10, 4)]) == pytest.approx(more_errors([one]))
    assert more_errors([(20, 6, 8, 0)]) == 1
    assert more_errors([]) == 1


@given(st.lists(st.floats(0, 1), max_size=30))
def test_q_values_are_no_smaller_and_keep_the_order(p_values: list[float]) -> None:
    q = false_discovery(p_values)
    assert (q >= np.asarray(p_values) - 1e-12).all()
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(q[order]) >= -1e-12).all()
