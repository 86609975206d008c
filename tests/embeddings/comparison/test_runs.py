"""Two runs side by side, and one run before and after decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import unit_rows
from embeddings.comparison import compare, compare_decisions, fitted, spread_folds
from embeddings.comparison.classifier import bootstrap, held_out_answers
from embeddings.comparison.matching import match_items
from embeddings.comparison.runs import Side, compare_sides, split_changes
from embeddings.decisions import items_of, open_store
from embeddings.errors import MissingStageError
from embeddings.workspace import Info, Workspace
from tests.embeddings.comparable import blobs, run_items, workspace

KINDS = [0] * 40 + [1] * 40 + [2] * 40
NAMES = np.array(["cat", "dog", "fox"], dtype=object)
TRUTH = NAMES[KINDS]
FILES = [f"{n:03d}.jpg" for n in range(120)]


def noisy() -> NDArray[np.object_]:
    """A third of the dogs are under cat."""
    labels = TRUTH.copy()
    labels[40:53] = "cat"
    return labels


def side(labels: NDArray[np.object_], X: NDArray[np.float32], **more: object) -> Side:
    items = run_items(FILES[: len(labels)], list(labels), FILES[: len(labels)])
    return replace(Side("it", items, labels, X, "m", {}, {}), **more)  # type: ignore[arg-type]


# -- matching ------------------------------------------------------------------------------


def pairs(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[str, str]]:
    m = match_items(before, after)
    files = before[c.FILE].to_numpy()[m.before], after[c.FILE].to_numpy()[m.after]
    return list(zip(*files, strict=True))


def test_items_are_matched_by_content_then_by_file() -> None:
    before = run_items(["a", "b", "c", "d"], ["x"] * 4, [1, 2, 3, 4])
    after = run_items(["b", "moved", "c", "new"], ["x"] * 4, [2, 1, 99, 5])
    assert pairs(before, after) == [("a", "moved"), ("b", "b"), ("c", "c")]
    m = match_items(before, after)
    assert before[c.FILE][m.removed].tolist() == ["d"]
    assert after[c.FILE][m.added].tolist() == ["new"]


def test_of_copies_the_one_with_the_same_file_is_the_same() -> None:
    before = run_items(["a", "b", "c"], ["x"] * 3, [1, 1, 1])
    after = run_items(["c", "z"], ["x"] * 2, [1, 1])
    assert pairs(before, after) == [("a", "z"), ("c", "c")]


def test_without_contents_files_are_matched() -> None:
    before = run_items(["a", "b"], ["x"] * 2, [1, 2]).drop(columns=c.SHA256)
    after = run_items(["b", "c"], ["x"] * 2, [3, 4]).assign(**{c.SHA256: None})
    assert pairs(before, after) == [("b", "b")]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=12, unique_by=lambda t: t[0]
    ),
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=12, unique_by=lambda t: t[0]
    ),
)
def test_every_row_is_matched_once_or_left_over(
    one: list[tuple[int, int]], two: list[tuple[int, int]]
) -> None:
    frames = [
        run_items([str(f) for f, _ in rows], ["x"] * len(rows), [s for _, s in rows])
        for rows in (one, two)
    ]
    m = match_items(*frames)
    assert sorted([*m.before, *m.removed]) == list(range(len(one)))
    assert sorted([*m.after, *m.added]) == list(range(len(two)))
    groups = np.concatenate((m.group_before, m.group_after))
    contents = [s for _, s in [*one, *two]]
    for i, j in zip(m.before, m.after, strict=True):
        assert m.group_before[i] == m.group_after[j]
    for content in set(contents):  # copies never straddle, whatever file they are matched by
        assert len({groups[i] for i, s in enumerate(contents) if s == content}) == 1


# -- the classifier ------------------------------------------------------------------------


def test_the_classifier_is_ridge_regression_on_the_labels() -> None:
    from sklearn.linear_model import Ridge

    rows = unit_rows(blobs(KINDS, spread=4))
    label = np.array(KINDS, dtype=np.intp)
    model = fitted(rows, penalty=0.3)
    spread = ((rows - rows.mean(axis=0)) ** 2).sum() / rows.shape[1]
    reference = Ridge(alpha=0.3 * spread).fit(rows.astype(float), np.eye(3)[label])
    weights, intercept = model.weights(label, 3)
    np.testing.assert_allclose(weights, reference.coef_.T, atol=1e-4)
    np.testing.assert_allclose(intercept, reference.intercept_, atol=1e-4)


def test_no_item_is_answered_by_a_classifier_that_saw_its_copies() -> None:
    # every content has a label of its own: only who saw a copy could answer right
    X = np.repeat(np.eye(10, dtype=np.float32), 2, axis=0)
    groups = np.repeat(np.arange(10), 2)
    labels = np.array([f"l{g}" for g in groups], dtype=object)
    answers = held_out_answers(X, labels, spread_folds(groups, 0))
    assert not (answers == labels).any()


def test_an_item_without_label_is_answered_but_teaches_nothing() -> None:
    labels = np.where(np.arange(120) < 5, "", TRUTH).astype(object)
    folds = spread_folds(np.arange(120), 0)
    answers = held_out_answers(blobs(KINDS, spread=0.3), labels, folds)
    assert (answers == TRUTH).mean() > 0.95
    assert "" not in set(answers)


def test_equal_rows_do_no_harm() -> None:
    answers = held_out_answers(np.zeros((6, 4)), TRUTH[:6], np.arange(6))
    assert set(answers) == {"cat"}


@given(st.integers(1, 30), st.integers(0, 5))
def test_folds_are_even_and_groups_stay_together(groups: int, seed: int) -> None:
    own = np.repeat(np.arange(groups), 2)
    folds = spread_folds(own, seed)
    assert (folds[::2] == folds[1::2]).all()
    counts = np.bincount(folds[::2])
    assert len(counts) == min(5, groups)
    assert counts.max() - counts.min() <= 1


def test_the_interval_holds_the_value_and_narrows_with_items() -> None:
    widths = []
    for n in (100, 1000):
        right = (np.arange(n) % 10 < 7)[:, None]
        (a,), _ = bootstrap(np.arange(n), right, 0)
        assert a.value == pytest.approx(0.7)
        assert a.low < a.value < a.high
        widths.append(a.high - a.low)
    # the normal interval of a share has this width too
    assert widths[1] == pytest.approx(2 * 1.96 * np.sqrt(0.21 / 1000), rel=0.1)
    assert widths[0] > 2.5 * widths[1]


def test_copies_are_no_further_evidence() -> None:
    right = (np.arange(100) % 10 < 7)[:, None]
    (once,), _ = bootstrap(np.arange(100), right, 0)
    (often,), _ = bootstrap(np.tile(np.arange(100), 9), np.tile(right, (9, 1)), 0)
    assert often.n == 900
    assert (often.low, often.high) == pytest.approx((once.low, once.high), abs=0.01)


# -- the comparison ------------------------------------------------------------------------


def test_splits_that_went_away_appeared_and_stayed() -> None:
    before = {"a": (0.9, True), "b": (0.8, True), "c": (0.1, False), "d": (0.7, True)}
    after = {"a": (0.2, False), "b": (0.6, True), "c": (0.5, True), "e": (0.0, False)}
    found = [(s.label, s.change, s.before, s.after) for s in split_changes(before, after)]
    assert found == [
        ("a", "gone", 0.9, 0.2),
        ("d", "gone", 0.7, None),
        ("c", "appeared", 0.1, 0.5),
        ("b", "stayed", 0.8, 0.6),
    ]


def test_right_labels_raise_accuracy_and_changed_items_are_held_apart() -> None:
    X = blobs(KINDS, spread=3.5)
    said = compare_sides(side(noisy(), X), side(TRUTH, X))
    assert said.items.moved == 13
    assert [(m.before, m.after, len(m.files)) for m in said.items.moves] == [("cat", "dog", 13)]
    assert said.accuracy is not None
    unchanged = said.accuracy.unchanged
    assert unchanged.before.n == unchanged.after.n == 107
    assert said.accuracy.against_before.before.n == 120
    assert unchanged.gain > 0
    assert unchanged.gain_low <= unchanged.gain <= unchanged.gain_high
    assert said.accuracy.against_after.gain > unchanged.gain
    assert said == compare_sides(side(noisy(), X), side(TRUTH, X))  # nothing is left to chance


def test_nothing_changed_is_no_gain() -> None:
    X = blobs(KINDS, spread=3)
    said = compare_sides(side(TRUTH, X), side(TRUTH, X))
    assert said.accuracy is not None
    gain = said.accuracy.unchanged
    assert (gain.gain, gain.gain_low, gain.gain_high) == (0, 0, 0)
    assert said.items.same == 120
    assert said.lines()[0].startswith("Accuracy on held-out items went from")


def test_other_embeddings_are_said_and_used() -> None:
    said = compare_sides(
        side(TRUTH, blobs(KINDS, spread=9)),
        side(TRUTH, blobs(KINDS, spread=0.3, width=20), model="other"),
    )
    assert said.accuracy is not None
    assert said.accuracy.unchanged.gain_low > 0
    assert "different models" in said.lines()[-1]


def test_one_label_can_not_be_measured_and_that_is_said() -> None:
    X = blobs(KINDS)
    one = np.full(120, "cat", dtype=object)
    said = compare_sides(side(one, X), side(TRUTH, X))
    assert said.accuracy is None
    assert "could not be measured" in said.lines()[0]
    assert "fewer than two labels" in said.lines()[-1]


def test_items_without_embedding_and_all_items_changed() -> None:
    X = blobs(KINDS)
    X[:10] = np.nan
    renamed = np.array([f"{label}s" for label in TRUTH], dtype=object)
    said = compare_sides(side(TRUTH, X), side(renamed, X))
    assert said.accuracy is not None
    assert said.accuracy.unchanged.before.n == 0
    assert said.accuracy.against_after.before.n == 110
    assert "could not be measured" in said.lines()[0]


def test_decisions_of_one_workspace(tmp_path: Path) -> None:
    X = blobs(KINDS, spread=3.5)
    items = run_items(FILES, list(noisy()), FILES)
    ws = workspace(tmp_path / "ws", items, X, scores={"cat": 0.9})
    with open_store(tmp_path) as store:
        store.decide(items_of(items[40:53]), "relabel", to_label="dog", reviewer="Mara")
        store.decide(items_of(items[119:]), "remove", reviewer="Mara")
        store.decide(items_of(items[:2]), "keep", reviewer="Mara")
        store.undo("Mara")
        said = compare_decisions(ws, store.current())
    assert (said.decided, said.actions) == (14, 2)
    assert said.lines()[0].startswith(
        "You decided on 14 images in 2 actions; accuracy on held-out items went from"
    )
    assert said.items.moved == 13
    assert said.items.removed == (FILES[119],)
    assert [s.label for s in said.splits_that("gone")] == ["cat"]
    assert any("from embeddings alone" in note for note in said.notes)


def test_two_workspaces_with_the_decisions_that_led_from_one_to_the_other(tmp_path: Path) -> None:
    X = blobs(KINDS, spread=3.5)
    old = run_items(FILES, list(noisy()), FILES)
    new = run_items([f"x/{f}" for f in FILES[1:]], list(TRUTH[1:]), FILES[1:])
    a, b = workspace(tmp_path / "a", old, X), workspace(tmp_path / "b", new, X[1:])
    with open_store(tmp_path) as store:
        store.decide(items_of(old[40:53]), "relabel", to_label="dog", reviewer="Mara")
        said = compare(a, b, decisions_a=store.current())
    assert (said.decided, said.actions) == (13, 1)
    assert (said.items.moved, said.items.removed, said.items.added) == (13, (FILES[0],), ())
    assert said.items.moves[0].files[0] == "x/040.jpg"
    assert not any("different models" in note for note in said.notes)


def test_no_run_yet_names_the_stage(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path, Info("s", "s", True, "s"))
    with pytest.raises(MissingStageError, match="rosette cluster"):
        compare(ws, ws)
