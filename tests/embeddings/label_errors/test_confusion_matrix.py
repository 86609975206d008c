"""Which labels are taken for which, in what order, and why."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.errors import UsageError
from embeddings.label_errors import changed, confusion, top_confusions
from embeddings.label_errors import seriation as label_order

GIVEN = ["cat"] * 5 + ["dog"] * 3 + ["owl"] * 2
SAID = ["cat", "cat", "cat", "dog", "dog", "dog", "dog", "cat", "owl", "ant"]


def test_cells_and_metrics_are_counted() -> None:
    matrix = confusion(GIVEN, SAID)
    assert matrix.names == ("ant", "cat", "dog", "owl")
    assert matrix.agreement == 0.6
    figures = matrix.metrics().set_index("label")
    assert figures.loc["cat", ["size", "predicted", "right"]].tolist() == [5, 4, 3]
    assert figures.loc["cat", "precision"] == 0.75
    assert figures.loc["cat", "recall"] == 0.6
    assert figures.loc["cat", "f1"] == pytest.approx(2 / 3)
    assert np.isnan(figures.loc["ant", "recall"])
    cells = matrix.dense()
    place = {matrix.names[label]: n for n, label in enumerate(matrix.order)}
    assert cells[place["cat"], place["dog"]] == 2
    assert cells.sum() == 10
    # no image is labelled ant, so that it has no figures
    assert [(f.label, f.size, f.recall) for f in matrix.worst_labels()] == [
        ("dog", 3, 2 / 3), ("cat", 5, 0.6), ("owl", 2, 0.5),
    ]  # fmt: skip


def test_items_without_prediction_are_left_out() -> None:
    assert confusion(["a", "a", "b"], ["a", None, ""]).count.sum() == 1
    with pytest.raises(UsageError, match="no predictions"):
        confusion(["a"], [None])
    with pytest.raises(UsageError, match="1 labels and 2"):
        confusion(["a"], ["a", "b"])


def families(n_labels: int, each: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels in shuffled families of five that are mostly taken for each other."""
    rng = np.random.default_rng(seed)
    given = np.repeat(np.arange(n_labels), each)
    said = given.copy()
    within = rng.random(len(given)) < 0.3
    said[within] = given[within] // 5 * 5 + rng.integers(0, 5, within.sum())
    anywhere = rng.random(len(given)) < 0.02
    said[anywhere] = rng.integers(0, n_labels, anywhere.sum())
    names = np.array([f"label {n:04d}" for n in rng.permutation(n_labels)])
    return names[given], names[said]


@pytest.mark.parametrize("n_labels", [30, 300])
def test_confused_labels_stand_together(n_labels: int) -> None:
    given, said = families(n_labels)
    matrix = confusion(given, said)
    assert sorted(matrix.order) == list(range(n_labels))
    family = dict(zip(given, np.repeat(np.arange(n_labels), 40) // 5, strict=True))
    along = [family[matrix.names[label]] for label in matrix.order]
    assert np.mean(np.diff(along) == 0) >= 0.78  # of at most 0.8
    blocks = matrix.block[matrix.order]
    assert (np.diff(blocks) >= 0).all()
    assert blocks.max() + 1 == n_labels if n_labels == 30 else blocks.max() + 1 <= 60


@pytest.mark.parametrize("limit", ["MOST_TURNED", "MOST_JOINED"])
def test_very_many_labels_are_ordered_by_cheaper_means(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_order, limit, 50)
    given, said = families(100)
    matrix = confusion(given, said)
    assert sorted(matrix.order) == list(range(100))
    assert (np.diff(matrix.block[matrix.order]) >= 0).all()


def test_labels_that_nothing_joins_follow_by_name() -> None:
    matrix = confusion(["b", "c", "a", "d", "d"], ["b", "c", "a", "e", "e"])
    assert [matrix.names[label] for label in matrix.order] == ["d", "e", "a", "b", "c"]


def test_reasons_follow_what_was_found() -> None:
    given = ["a"] * 20 + ["b"] * 20 + ["c"] * 10
    said = ["b"] * 10 + ["a"] * 10 + ["c"] * 4 + ["b"] * 16 + ["c"] * 7 + ["a"] * 3
    wrong = np.zeros(50, dtype=bool)
    wrong[:8] = True  # of the ten a taken for b
    split = np.zeros(50, dtype=bool)
    split[20:23] = True  # of the four b taken for c
    first, second, third = top_confusions(given, said, wrong=wrong, in_split=split)
    assert (first.label, first.taken_for, first.count, first.share) == ("a", "b", 10, 0.5)
    assert first.reason == "wrong labels"
    assert first.evidence == "8 of 10 likely carry the wrong label; the other 2 could be either."
    assert second.reason == "a split"
    assert second.evidence.startswith("3 of 4 are in the odd group of b")
    assert third.reason == "truly alike"
    assert top_confusions(given, said, most=1) != ()
    assert top_confusions(["a"], ["a"]) == ()


def test_two_runs_are_compared_cell_by_cell() -> None:
    before = confusion(["a"] * 9 + ["b"], ["b"] * 4 + ["a"] * 5 + ["c"])
    after = confusion(["a"] * 9 + ["b"], ["b"] * 1 + ["a"] * 8 + ["b"])
    first, second = changed(before, after)
    assert (first.label, first.taken_for, first.before, first.after) == ("a", "b", 4, 1)
    assert (second.label, second.taken_for, second.before, second.after) == ("b", "c", 1, 0)
    assert changed(after, after) == ()
