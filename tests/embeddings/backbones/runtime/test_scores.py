"""What scores are, and the probabilities they mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embeddings.backbones.runtime.scores import ScoreKind, judge, probe, to_probabilities

some = arrays(np.float32, (5, 7), elements=st.floats(-30, 30, width=32))


@given(some, st.sampled_from(["logits", "probabilities", "independent"]))
def test_rows_always_sum_to_one(values: np.ndarray, kind: ScoreKind) -> None:
    scores = values if kind == "logits" else np.abs(values) / 30
    got = to_probabilities(scores, kind)
    assert got.dtype == np.float32
    assert (got >= 0).all()
    np.testing.assert_allclose(got.sum(axis=1), 1, atol=1e-5)


@given(some)
def test_an_images_probabilities_do_not_depend_on_its_neighbours(values: np.ndarray) -> None:
    together = to_probabilities(values, "logits")
    alone = np.concatenate([to_probabilities(row[None], "logits") for row in values])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(("kind", "score"), [("independent", 0.8), ("logits", np.log(4))])
def test_one_score_is_that_of_the_second_of_two_classes(kind: ScoreKind, score: float) -> None:
    got = to_probabilities(np.array([[score]], np.float32), kind)
    np.testing.assert_allclose(got, [[0.2, 0.8]], rtol=1e-5)


def test_a_quantised_row_of_nothing_is_even() -> None:
    got = to_probabilities(np.zeros((1, 4), np.float32), "probabilities")
    np.testing.assert_allclose(got, 0.25)


def test_what_scores_are_is_judged_by_their_values() -> None:
    assert judge(np.array([[0.2, 0.8], [1, 0]], np.float32)) == "probabilities"
    assert judge(np.array([[0.9, 0.8], [0.1, 0]], np.float32)) == "independent"
    assert judge(np.array([[2.0, -1.0]], np.float32)) == "logits"
    assert judge(np.array([[20, 80], [100, 0]], np.float32)) == "probabilities"  # per cent
    assert judge(np.array([[3, 4], [2, 5]], np.float32)) == "logits"
    assert judge(np.array([[0.7]], np.float32)) == "independent"


@pytest.mark.parametrize("size", [1, 32, 299])
def test_the_probe_is_the_same_each_time(size: int) -> None:
    assert probe(size).shape == (4, size, size, 3)
    assert probe(size).dtype == np.uint8
    np.testing.assert_array_equal(probe(size), probe(size))
