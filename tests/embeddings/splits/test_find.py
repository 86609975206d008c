from __future__ import annotations

import doctest
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import UsageError
from embeddings.records import Candidates, SplitReport
from embeddings.splits import find as splits
from embeddings.splits import find_splits, look


def data_set(
    sizes: list[tuple[int, ...]], *, width: int = 48, seed: int = 0, apart: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make labels of one or more kinds; a kind is a Gaussian cloud about a random centre."""
    rng = np.random.default_rng(seed)
    X, labels, kinds = [], [], []
    for number, counts in enumerate(sizes):
        for which, n in enumerate(counts):
            X.append(rng.normal(size=width) * apart + rng.normal(size=(n, width)) * 0.9)
            labels += [f"label {number:02d}"] * n
            kinds += [f"{number}.{which}"] * n
    return np.concatenate(X).astype(np.float32), np.array(labels), np.array(kinds)


BESIDE = [(30,)] * 8


def by_label(report: SplitReport) -> dict[str, object]:
    return {f.label: f for f in report.labels}


def said(report: SplitReport, rename: dict[str, str] | None = None) -> dict[str, tuple[bool, int]]:
    names = rename or {}
    return {names.get(f.label, f.label): (f.is_split, f.n_clusters) for f in report.labels}


@pytest.mark.parametrize("counts", [(40, 40), (60, 20), (57, 6), (57, 3), (985, 15)])
def test_a_label_of_two_kinds_is_split_and_the_others_are_not(counts: tuple[int, int]) -> None:
    X, labels, kinds = data_set([counts, *BESIDE])
    report = find_splits(X, labels)
    first = report.labels[0]
    assert first.label == "label 00"
    assert first.verdict == "two kinds"
    assert [f.is_split for f in report.labels].count(True) == 1
    assert all(f.n_clusters == 1 for f in report.labels[1:])
    own = labels == "label 00"
    odd = kinds[own] == "0.1"
    found = report.cluster[own]
    if counts[0] != counts[1]:
        assert (found[~odd] == 0).all()
    assert 2 * (odd & (found == 1)).sum() / (odd.sum() + (found == 1).sum()) > 0.9 or (
        2 * (odd & (found == 0)).sum() / (odd.sum() + (found == 0).sum()) > 0.9
    )


@pytest.mark.parametrize("counts", [(50, 25, 12), (40, 30, 20, 10)])
def test_three_and_four_kinds_come_out_as_they_are(counts: tuple[int, ...]) -> None:
    X, labels, kinds = data_set([counts, *BESIDE])
    report = find_splits(X, labels)
    first = report.labels[0]
    assert [c.size for c in first.clusters] == list(counts)
    own = labels == "label 00"
    assert len({*zip(kinds[own], report.cluster[own], strict=True)}) == len(counts)
    assert "There is more: C" in first.evidence


def test_a_cluster_that_another_label_shows_is_suggested() -> None:
    X, labels, kinds = data_set([(40, 25), *BESIDE])
    # half of the odd kind gets a label of its own
    own = np.flatnonzero(kinds == "0.1")[:13]
    labels = labels.copy()
    labels[own] = "car"
    first = find_splits(X, labels).labels[0]
    assert first.clusters[1].suggested_label == "car"
    assert first.clusters[1].suggested_probability > 0.5
    assert "closest to car" in first.evidence


def test_nothing_is_suggested_where_no_label_fits() -> None:
    X, labels, _ = data_set([(40, 15), *BESIDE])
    first = find_splits(X, labels).labels[0]
    assert all(c.suggested_label is None for c in first.clusters)
    assert first.clusters[1].suspicion == first.split_score
    assert first.clusters[0].suspicion == 0


def test_a_single_stray_item_is_suspicious() -> None:
    X, labels, _ = data_set(BESIDE)
    labels = labels.astype(object)
    labels[3] = "label 05"
    report = find_splits(X, labels)
    assert report.suspicion[3] >= 0.6
    assert report.suggested_label[3] == "label 00"
    assert np.median(report.suspicion) < 0.2


def test_candidates_from_elsewhere_change_no_verdict() -> None:
    X, labels, kinds = data_set([(40, 10), *BESIDE])
    rng = np.random.default_rng(0)
    given_ = {
        "label 00": Candidates(((kinds[labels == "label 00"] == "0.1").astype(np.int32),), ("a",)),
        "label 01": Candidates(tuple(rng.integers(-1, 3, (4, 30)).astype(np.int32)), tuple("abcd")),
    }
    assert said(find_splits(X, labels, candidates=given_)) == said(find_splits(X, labels))


def test_a_cluster_of_near_copies_is_said_to_be_one_picture() -> None:
    X, labels, _ = data_set([(40, 8), *BESIDE])
    X[40:48] = X[40] + np.random.default_rng(1).normal(size=(8, 48)) * 0.1
    first = find_splits(X, labels).labels[0]
    assert first.reason == "near copies"
    assert "nearly the same picture" in first.evidence


def test_files_of_another_shape_are_no_style_where_nothing_is_in_common() -> None:
    X, labels, kinds = data_set([(40, 20), *BESIDE])
    facts = {"width": np.where(kinds == "0.1", 640, 320), "height": np.full(len(X), 320)}
    first = find_splits(X, labels, facts=facts).labels[0]
    assert first.verdict == "two kinds"
    assert first.reason == ""


def test_grey_against_colour_is_said_to_be_a_style() -> None:
    X, labels, kinds = data_set([(40, 20), *BESIDE])
    facts = {"grey": kinds == "0.1"}
    first = find_splits(X, labels, facts=facts).labels[0]
    assert first.reason == "two styles"
    assert "are grey" in first.evidence


def test_report_arrays_fit_the_items() -> None:
    X, labels, _ = data_set([(40, 10), *BESIDE])
    report = find_splits(X, labels)
    n = len(X)
    for values in (report.cluster_probability, report.typicality, report.suspicion):
        assert values.shape == (n,)
        assert values.dtype == np.float32
        assert ((values >= 0) & (values <= 1)).all()
    assert report.cluster.dtype == np.int32
    assert sum(f.size for f in report.labels) == n
    for f in report.labels:
        assert sum(c.size for c in f.clusters) == f.size
        assert [c.size for c in f.clusters] == sorted((c.size for c in f.clusters), reverse=True)
        assert f.evidence.endswith((".", "?"))
    assert len(report.frame()) == len(report.labels)


def test_one_label_alone_is_judged_by_its_gap() -> None:
    X, _, _ = data_set([(60, 30)], width=30, apart=1.5)
    two = find_splits(X)
    assert two.labels[0].is_split
    assert [c.size for c in two.labels[0].clusters] == [60, 30]
    assert two.labels[0].clusters[0].nearest_label is None
    one = find_splits(data_set([(90,)], width=30)[0])
    assert not one.labels[0].is_split


def test_without_labels_the_kinds_still_come_apart() -> None:
    X, _, kinds = data_set([(60,), (40,), (20,)], width=30, apart=1.5)
    report = find_splits(X, None)
    assert [c.size for c in report.labels[0].clusters] == [60, 40, 20]
    assert len({*zip(kinds, report.cluster, strict=True)}) == 3
    assert any("One label only" in note for note in report.notes)
    assert all(c.suggested_label is None for c in report.labels[0].clusters)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_small_labels_have_too_few_items(n: int) -> None:
    X, labels, _ = data_set([(n,), *BESIDE])
    found = by_label(find_splits(X, labels))["label 00"]
    assert found.reason == "too few items"
    assert found.n_clusters == 1
    assert found.split_score == 0


def test_one_item_is_a_data_set() -> None:
    report = find_splits(np.ones((1, 4)))
    assert report.cluster.tolist() == [0]


def test_equal_items_are_all_alike() -> None:
    X = np.concatenate((np.ones((20, 48)), data_set(BESIDE)[0]))
    labels = np.concatenate((np.repeat("same", 20), data_set(BESIDE)[1]))
    found = by_label(find_splits(X, labels))["same"]
    assert found.reason == "all alike"
    assert not found.is_split
    assert (find_splits(np.zeros((30, 5))).cluster == 0).all()


def test_many_labels_of_one_item_are_no_error() -> None:
    X = np.random.default_rng(0).normal(size=(1500, 16))
    report = find_splits(X, np.arange(1500))
    assert len(report.labels) == 1500
    assert not any(f.is_split for f in report.labels)


def test_a_large_label_is_judged_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "LARGEST_JUDGED", 60)
    monkeypatch.setattr(look, "LARGEST_JUDGED", 60)
    X, labels, kinds = data_set([(90, 45), *BESIDE])
    report = find_splits(X, labels)
    assert any("different items" in note for note in report.notes)
    own = labels == "label 00"
    assert ((report.cluster[own] == 1) == (kinds[own] == "0.1")).mean() > 0.97


@pytest.mark.parametrize(
    ("X", "labels", "word"),
    [
        (np.zeros((0, 3)), None, "shape"),
        (np.zeros(3), None, "shape"),
        (np.array([[1.0, np.nan], [1.0, 2.0]]), None, "NaN"),
        (np.ones((3, 2)), ["a", "b"], "labels"),
    ],
)
def test_wrong_input_is_refused(X: np.ndarray, labels: list[str] | None, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        find_splits(X, labels)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([1e-6, 0.37, 1024.0]),
    minority=st.integers(4, 30),
)
def test_order_scale_and_names_change_nothing(seed: int, scale: float, minority: int) -> None:
    X, labels, _ = data_set([(30, minority), (20,), (25,), (30,), (15,), (8, 8)], seed=seed)
    plain = find_splits(X, labels)
    order = np.random.default_rng(seed).permutation(len(X))
    names = {name: f"z{i * 7 % 6}" for i, name in enumerate(sorted(set(labels)))}
    renamed = np.array([names[name] for name in labels])
    moved = find_splits(X[order] * np.float32(scale), renamed[order])
    assert said(plain, names) == said(moved)
    for name, new in names.items():
        ours = plain.cluster[labels == name]
        back = np.empty(len(X), dtype=np.int32)
        back[order] = moved.cluster
        theirs = back[labels == name]
        # equal sizes may be numbered either way
        assert len({*zip(ours.tolist(), theirs.tolist(), strict=True)}) == len(set(ours.tolist()))
        assert new in {f.label for f in moved.labels}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_doubling_every_item_changes_no_verdict(seed: int) -> None:
    X, labels, _ = data_set([(30, 12), (20,), (25,), (30,), (15,)], seed=seed)
    once = find_splits(X, labels)
    twice = find_splits(np.concatenate((X, X)), np.concatenate((labels, labels)))
    assert said(once) == said(twice)
    assert (twice.cluster[: len(X)] == twice.cluster[len(X) :]).all()


def test_the_example_runs() -> None:
    with warnings.catch_warnings():
        # pandas and pyarrow versions may differ in what they warn of when a frame is made
        warnings.simplefilter("ignore", DeprecationWarning)
        result = doctest.testmod(splits)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.shared
def test_real_photos_split_where_they_should(shared: Path) -> None:
    pack = np.load(shared / "data" / "photos_mobilenetv2.npz")
    kinds, X = pack["kinds"], pack["embeddings"].astype(np.float32)
    labels = kinds.astype(object)
    # a label of two kinds, one in eight of the second
    labels[np.flatnonzero(kinds == "inline_skate")[:10]] = "kangaroo"
    report = find_splits(X, labels.astype(str))
    assert report.labels[0].label == "kangaroo"
    assert report.labels[0].clusters[1].size == 10
    assert report.labels[0].clusters[1].suggested_label == "inline_skate"
