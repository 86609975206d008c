"""Items far from everything in their label."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.errors import UsageError
from embeddings.label_errors import find_outliers


def planted(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ten labels of fifty, thirty of these items replaced by what is nothing at all."""
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(10), 50)
    X = rng.normal(size=(10, 48))[label] * 1.5 + rng.normal(size=(500, 48))
    out = np.zeros(500, dtype=bool)
    out[rng.choice(500, 30, replace=False)] = True
    X[out] = rng.normal(size=(30, 48)) * 2
    return X, np.array([f"l{n}" for n in label]), out


def test_planted_strangers_are_found() -> None:
    X, labels, out = planted()
    found = find_outliers(X, labels)
    assert (found.out & out).sum() >= 0.95 * 30
    assert (found.out & out).sum() >= 0.9 * found.out.sum()
    assert out[found.ranked()[0]]
    assert found.evidence(int(found.ranked()[0]), "l3").startswith("Even the nearest images of l3")


def test_copies_are_no_company() -> None:
    X, labels, out = planted()
    often = np.repeat(np.arange(500), np.where(out, 7, 1))
    found = find_outliers(X[often], labels[often], groups=often)
    assert found.out[out[often]].mean() > 0.9


def test_a_label_too_small_to_tell_is_left_alone() -> None:
    X, labels, _ = planted()
    labels = labels.astype(object)
    labels[:50] = [f"own {n // 2}" for n in range(50)]
    found = find_outliers(X, labels)
    assert np.isnan(found.distance[:50]).all()
    assert not found.out[:50].any()
    assert found.evidence(0, "own 0").startswith("Too few")


@pytest.mark.parametrize("n", [1, 5, 12])
def test_items_that_are_all_equal_are_not_out(n: int) -> None:
    found = find_outliers(np.ones((n, 3)), ["a"] * n)
    assert not found.out.any()


def test_contents_that_are_counted_under_another_label() -> None:
    X, labels, _ = planted()
    labels = labels.astype(object)
    labels[0] = "zebra"
    found = find_outliers(np.concatenate((X, X[:1])), [*labels, "aardvark"],
                          groups=np.append(np.arange(500), 0))  # fmt: skip
    assert np.isnan(found.distance[0])
    assert np.isnan(found.distance[500])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="2 labels"):
        find_outliers(np.ones((3, 2)), ["a", "b"])
