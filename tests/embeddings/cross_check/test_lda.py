"""The held-out linear classifier and its folds."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.cross_check import HeldOut, deal_folds, given_as_soft
from embeddings.cross_check.lda import CANDIDATES, SoftLabels


def test_groups_stay_together_and_labels_are_spread() -> None:
    given = np.repeat(np.arange(6), 10)
    groups = np.arange(60) // 2
    folds = deal_folds(given, groups, seed=0)
    assert all(len(set(folds[groups == g])) == 1 for g in range(30))
    assert all(set(folds[given == label]) == {0, 1, 2, 3, 4} for label in range(6))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_items_have_few_folds(count: int) -> None:
    folds = deal_folds(np.zeros(count, dtype=np.intp), np.arange(count), seed=0)
    assert len(set(folds)) == min(count, 5)


def clouds(n_labels: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    given = np.repeat(np.arange(n_labels), each)
    return rng.normal(size=(n_labels, 24))[given] * 2 + rng.normal(size=(len(given), 24)), given


def test_held_out_items_are_recognised() -> None:
    X, given = clouds(8, 20)
    scores = HeldOut(X, deal_folds(given, np.arange(len(X)), 0), 8).scores(
        given_as_soft(given), given
    )
    best = np.take_along_axis(scores.label, scores.value.argmax(axis=1)[:, None], axis=1)[:, 0]
    assert (best == given).mean() > 0.98
    assert all(len(set(row)) == 8 for row in scores.label.tolist())


def test_of_many_labels_the_likeliest_are_kept_and_the_given_one() -> None:
    X, given = clouds(60, 6)
    wrong = (given + 30) % 60
    scores = HeldOut(X, deal_folds(given, np.arange(len(X)), 0), 60).scores(
        given_as_soft(given), wrong
    )
    assert scores.label.shape == (360, CANDIDATES)
    assert (scores.label == wrong[:, None]).any(axis=1).all()
    assert all(len(set(row)) == CANDIDATES for row in scores.label.tolist())


def test_labels_that_are_asked_about_get_the_scores_they_get_among_all() -> None:
    X, given = clouds(30, 12)
    held = HeldOut(X, deal_folds(given, np.arange(len(X)), 0), 30)
    every = held.scores(given_as_soft(given), given, candidates=30)
    asked = np.stack([given, (given + 1) % 30, (given + 7) % 30], axis=1).astype(np.int32)
    some = held.scores(given_as_soft(given), given, asked=asked)
    assert (some.label == asked).all()
    order = np.argsort(every.label, axis=1)
    by_label = np.take_along_axis(every.value, order, axis=1)
    expected = np.take_along_axis(by_label, asked, axis=1)
    np.testing.assert_allclose(some.value, expected, rtol=1e-4, atol=1e-3)


def test_an_item_s_own_label_is_not_known_to_it() -> None:
    X, given = clouds(3, 20)
    folds = deal_folds(given, np.arange(len(X)), 0)
    changed = given.copy()
    changed[7] = 2
    held = HeldOut(X, folds, 3)
    one, other = (held.scores(given_as_soft(g), given) for g in (given, changed))
    for scores in (one, other):
        order = np.argsort(scores.label[7])
        scores.value[7] = scores.value[7][order]
    np.testing.assert_allclose(one.value[7], other.value[7], rtol=1e-5)


def test_soft_labels_count_by_their_weight() -> None:
    X, given = clouds(2, 30)
    folds = deal_folds(given, np.arange(len(X)), 0)
    pair = np.tile(np.array([0, 1], dtype=np.int32), (len(X), 1))
    sure = np.where(given[:, None] == pair, 1.0, 0.0).astype(np.float32)
    held = HeldOut(X, folds, 2)
    hard = held.scores(given_as_soft(given), given)
    soft = held.scores(SoftLabels(pair, sure), given)
    np.testing.assert_allclose(np.sort(hard.value, 1), np.sort(soft.value, 1), rtol=1e-5)


def test_very_wide_rows_are_narrowed() -> None:
    rng = np.random.default_rng(0)
    given = np.repeat(np.arange(4), 20)
    X = rng.normal(size=(4, 3000))[given] + rng.normal(size=(80, 3000))
    held = HeldOut(X, deal_folds(given, np.arange(80), 0), 4)
    assert held.rows.shape[1] < 100
    scores = held.scores(given_as_soft(given), given)
    best = np.take_along_axis(scores.label, scores.value.argmax(axis=1)[:, None], axis=1)[:, 0]
    assert (best == given).all()
