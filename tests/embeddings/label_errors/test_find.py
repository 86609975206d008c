"""Single wrong labels: found, explained, and not made up."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.cross_check import check as cross_checking
from embeddings.errors import UsageError
from embeddings.label_errors import LabelErrors, ModelAnswers, find, find_label_errors
from embeddings.splits import find_splits


def kinds(
    sizes: list[int], *, width: int = 32, apart: float = 1.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Clouds about random centres; returns X and the kind of each row."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(len(sizes)), sizes)
    centres = rng.normal(size=(len(sizes), width)) * apart
    return (centres[kind] + rng.normal(size=(len(kind), width))).astype(np.float32), kind


def named(kind: np.ndarray) -> np.ndarray:
    return np.array([f"kind {k:02d}" for k in kind])


def average_precision(wrong: np.ndarray, scores: np.ndarray) -> float:
    hits = wrong[np.argsort(-scores, kind="stable")]
    places = np.flatnonzero(hits) + 1
    return float((np.arange(1, len(places) + 1) / places).mean())


def mislabelled(
    rate: float = 0.08, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    X, kind = kinds([60] * 10, seed=seed)
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(kind)) < rate
    labels = kind.copy()
    labels[wrong] = (kind[wrong] + rng.integers(1, 10, wrong.sum())) % 10
    return X, named(labels), named(kind), wrong


def test_random_wrong_labels_are_found_with_the_right_label() -> None:
    X, labels, truth, wrong = mislabelled()
    errors = find_label_errors(X, labels)
    assert average_precision(wrong, errors.suspicion) > 0.98
    assert (errors.wrong == wrong).mean() > 0.99
    assert (errors.suggested[wrong] == truth[wrong]).mean() > 0.95
    assert (errors.suggested[~errors.wrong] == None).all()  # noqa: E711
    assert errors.ranked()[0] in np.flatnonzero(wrong)
    assert abs(errors.suspicion.mean() - wrong.mean()) < 0.02


def test_with_very_many_labels_those_nearby_are_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X, labels, truth, wrong = mislabelled()
    monkeypatch.setattr(cross_checking, "MANY_LABELS", 5)
    errors = find_label_errors(X, labels)
    assert average_precision(wrong, errors.suspicion) > 0.98
    assert (errors.suggested[wrong] == truth[wrong]).mean() > 0.95


def test_labels_nearby_are_all_different_and_the_given_one_is_among_them() -> None:
    given_labels = np.array([3, 3, 3, 9, 0])
    near = np.array([[1, 2, 3], [0, 2, 4], [-1, -1, -1], [4, 0, -1], [3, 3, 3]])
    asked = cross_checking._near_labels(near, given_labels, 10)
    assert asked.shape == (5, 4)
    assert all(len(set(row)) == 4 for row in asked.tolist())
    assert (asked == given_labels[:, None]).any(axis=1).all()
    assert {9, 3} <= set(asked[0].tolist())


def test_clean_labels_are_left_alone() -> None:
    X, kind = kinds([40] * 8)
    errors = find_label_errors(X, named(kind))
    assert not errors.wrong.any()
    assert errors.suspicion.mean() < 0.02
    assert errors.evidence(0).startswith("Looks like kind 00, as labelled: 1")


def test_labels_that_look_alike_are_no_mistakes() -> None:
    X, kind = kinds([60] * 6)
    rng = np.random.default_rng(1)
    labels = kind.copy()
    labels[kind == 1] = rng.integers(0, 2, 60)  # nobody can tell these two apart
    labels[kind == 0] = rng.integers(0, 2, 60)
    errors = find_label_errors(X, named(labels))
    both = labels <= 1
    assert errors.wrong[both].mean() < 0.15
    assert not errors.wrong[~both].any()


def subclusters(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of four kinds a third sits together under another label."""
    X, kind = kinds([45] * 12, seed=seed)
    labels = kind.copy()
    for number in range(4):
        labels[np.flatnonzero(kind == number)[:15]] = number + 4
    return X, named(labels), labels != kind


def test_a_whole_group_under_another_label_is_found_by_what_its_neighbours_became() -> None:
    X, labels, wrong = subclusters()
    alone = find_label_errors(X, labels)
    assert average_precision(wrong, alone.suspicion) > 0.97
    assert not alone.explained.any()


def test_what_a_split_explains_is_marked_and_not_listed() -> None:
    X, labels, wrong = subclusters()
    splits = find_splits(X, labels)
    errors = find_label_errors(X, labels, splits=splits)
    assert (errors.explained == wrong).mean() > 0.98
    assert not set(errors.ranked()) & set(np.flatnonzero(errors.explained))
    assert average_precision(wrong, errors.suspicion) > 0.97
    assert errors.frame()["explained_by_split"].sum() == errors.explained.sum()


def test_a_cluster_that_looks_like_no_label_is_suspicious_as_a_whole() -> None:
    X, kind = kinds([45] * 9)
    labels = named(np.where(kind == 8, 0, kind))
    errors = find_label_errors(X, labels, splits=find_splits(X, labels))
    odd = kind == 8
    assert errors.explained[odd | (kind == 0)].sum() >= 40
    assert errors.cluster_suspicion[errors.explained].min() > 0.5
    assert errors.suspicion[odd].mean() < 0.2, "no other label is right either"


def test_copies_are_not_asked_about_each_other() -> None:
    X, labels, _, wrong = mislabelled()
    often = np.repeat(np.arange(len(X)), np.where(wrong, 12, 1))
    errors = find_label_errors(X[often], labels[often])
    assert errors.wrong[wrong[often]].mean() > 0.9
    by_name = find_label_errors(X[often], labels[often], groups=[f"{n}" for n in often])
    # an item between two kinds hangs on the folds, and these on the order of the contents
    one_each = np.unique(often, return_index=True)[1]
    apart = np.abs(errors.suspicion - by_name.suspicion)[one_each]
    assert (apart > 0.01).mean() < 0.01


def test_the_models_own_answers_are_used_and_named() -> None:
    X, labels, truth, wrong = mislabelled()
    names = tuple(np.unique(truth))
    right = np.searchsorted(names, truth)
    index = np.stack((right, (right + 1) % 10), axis=1)
    share = np.tile(np.array([0.9, 0.1], dtype=np.float32), (len(X), 1))
    answers = ModelAnswers(("something else", *names), index + 1, share)
    errors = find_label_errors(X, labels, answers=answers)
    assert errors.source == "model"
    assert (errors.wrong == wrong).all()
    assert "The model itself says" in errors.evidence(int(np.flatnonzero(wrong)[0]))


def test_a_model_with_other_names_is_refused() -> None:
    X, labels, _, _ = mislabelled()
    index = np.zeros((len(X), 1), dtype=np.intp)
    answers = ModelAnswers(("n01", "n02"), index, np.ones(index.shape, np.float32))
    with pytest.raises(UsageError, match="other names"):
        find_label_errors(X, labels, answers=answers)


def test_evidence_counts_the_neighbours() -> None:
    errors = LabelErrors(
        names=("lily", "lotus"),
        given=np.array([0], np.int32),
        suspicion=np.array([0.9], np.float32),
        best=np.array([1], np.int32),
        best_probability=np.array([0.9], np.float32),
        cluster_suspicion=np.zeros(1, np.float32),
        cluster_unnamed=np.zeros(1, bool),
        top=np.array([[1, 0]], np.int32),
        top_probability=np.array([[0.93, 0.07]], np.float32),
        near=np.array([[1, 1, 1, 0, -1]], np.int32),
        source="cross-check",
    )
    assert errors.evidence(0) == (
        "Looks like lotus: 3 of its 4 nearest images are lotus, 1 is lily. "
        "Without its label, the cross-check says lotus (0.93)."
    )
    row = errors.frame().iloc[0]
    assert (row["suggested_label"], row["checked_label"]) == ("lotus", "lotus")


@pytest.mark.parametrize(
    "labels",
    ["a", "ab", "aab", "abcdef", "aaaaaaaa", "a" * 29 + "b", "ab" * 4, "aabbccddeeffgg"],
)
def test_small_and_odd_data_sets_come_through(labels: str) -> None:
    rng = np.random.default_rng(0)
    for X in (rng.normal(size=(len(labels), 5)), np.ones((len(labels), 3))):
        errors = find_label_errors(X, list(labels))
        assert np.isfinite(errors.suspicion).all()
        assert ((errors.suspicion >= 0) & (errors.suspicion <= 1)).all()
        assert errors.evidence(0)
        assert len(errors.frame()) == len(labels)


def test_without_labels_nothing_is_wrong() -> None:
    errors = find_label_errors(np.random.default_rng(0).normal(size=(20, 4)), None)
    assert not errors.suspicion.any()
    assert "One label only" in errors.notes[0]


def test_labels_with_one_image_are_told_of() -> None:
    X, kind = kinds([30, 30, 1, 1])
    errors = find_label_errors(X, named(kind))
    assert "2 labels have one image only" in errors.notes[1]


@pytest.mark.parametrize(
    ("X", "labels", "said"),
    [
        (np.zeros((0, 3)), [], "shape"),
        (np.zeros(3), ["a"], "shape"),
        (np.full((2, 2), np.nan), ["a", "b"], "NaN"),
        (np.zeros((2, 2)), ["a"], "2 embeddings and 1 labels"),
    ],
)
def test_what_does_not_fit_is_refused(X: np.ndarray, labels: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_label_errors(X, labels)
    if len(labels) == 2 and np.isfinite(X).all():
        with pytest.raises(UsageError, match="groups"):
            find_label_errors(X, labels, groups=["x"])


@settings(max_examples=25)
@given(
    n=st.integers(1, 60),
    width=st.integers(1, 12),
    n_labels=st.integers(1, 30),
    scale=st.sampled_from([1e-6, 1.0, 1e6]),
    seed=st.integers(0, 10_000),
)
def test_any_data_set_gives_probabilities(
    n: int, width: int, n_labels: int, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, width)) * scale
    labels = rng.integers(0, n_labels, n).astype(str)
    errors = find_label_errors(X, labels)
    assert ((errors.suspicion >= 0) & (errors.suspicion <= 1)).all()
    assert (errors.top_probability.sum(axis=1) <= 1.001).all()
    again = find_label_errors(X, labels)
    np.testing.assert_array_equal(errors.suspicion, again.suspicion)


def test_the_order_of_the_items_hardly_matters() -> None:
    X, labels, _, _ = mislabelled()
    order = np.random.default_rng(0).permutation(len(X))
    one, other = find_label_errors(X, labels), find_label_errors(X[order], labels[order])
    assert (one.wrong[order] == other.wrong).mean() > 0.99


def test_the_example_in_the_documentation_runs() -> None:
    assert doctest.testmod(find).failed == 0


@pytest.mark.shared
def test_people_s_own_mistakes_are_ranked_before_right_labels(shared: Path) -> None:
    import pandas as pd

    pack = np.load(shared / "data" / "cifar10n_mobilenetv2.npz")
    table = pd.read_csv(shared / "data" / "cifar10n" / "labels.csv").set_index("file")
    table = table.loc[pack["files"]]
    errors = find_label_errors(pack["embeddings"], table["random1"].to_numpy())
    wrong = (table["random1"] != table["clean"]).to_numpy()
    assert average_precision(wrong, errors.suspicion) > 0.75
