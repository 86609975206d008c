"""Samples of every label and cluster."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import columns as c
from embeddings.export.common.sampling import apportion, sample


@given(st.lists(st.integers(1, 500), min_size=1, max_size=40), st.integers(0, 3000))
def test_seats_are_all_given_and_nobody_has_more_than_there_is(
    sizes: list[int], seats: int
) -> None:
    shares = apportion(np.array(sizes), seats)
    assert shares.sum() == min(seats, sum(sizes))
    assert (shares >= 0).all()
    assert (shares <= sizes).all()
    if seats >= len(sizes):
        assert (shares >= 1).all()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(-1, 3), st.booleans(), st.floats(0, 1)),
        min_size=1,
        max_size=120,
    ),
    st.integers(1, 130),
)
def test_a_sample_is_full_sorted_and_holds_the_flagged(
    rows: list[tuple[str, int, bool, float]], limit: int
) -> None:
    items = pd.DataFrame(rows, columns=[c.LABEL, c.CLUSTER, "flag", c.SUSPICION])
    items[c.TYPICALITY] = items[c.SUSPICION]
    flags = items["flag"].to_numpy()
    chosen = sample(items, flags, limit)
    assert len(chosen) == min(limit, len(items))
    assert (np.diff(chosen) > 0).all()
    if flags.sum() <= limit:
        assert set(np.flatnonzero(flags)) <= set(chosen)
    else:
        assert flags[chosen].all()
        left_out = np.setdiff1d(np.flatnonzero(flags), chosen)
        worst = items[c.SUSPICION].to_numpy()
        assert worst[chosen].min() >= worst[left_out].max()


def test_small_clusters_are_seen_and_the_typical_comes_first() -> None:
    items = pd.DataFrame(
        {
            c.LABEL: ["x"] * 1000,
            c.CLUSTER: [0] * 990 + [1] * 10,
            c.SUSPICION: 0.0,
            c.TYPICALITY: np.linspace(0, 1, 1000),
        }
    )
    chosen = sample(items, np.zeros(1000, dtype=bool), 20)
    assert 1 <= (chosen >= 990).sum() <= 2
    assert 989 in chosen
    assert chosen.min() < 100


@pytest.mark.parametrize("limit", [3, 4])
def test_no_more_than_there_are(limit: int) -> None:
    items = pd.DataFrame({c.LABEL: list("abc"), c.CLUSTER: 0, c.SUSPICION: 0.0})
    assert list(sample(items, np.zeros(3, dtype=bool), limit)) == [0, 1, 2]
