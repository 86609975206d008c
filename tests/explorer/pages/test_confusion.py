"""The Confusion page as plain data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as of
from hypothesis import strategies as st

from embeddings import columns as c
from embeddings.label_errors import CHECKED, EXPLAINED, confusion
from embeddings.workspace import Workspace
from explorer.data import Dataset
from explorer.pages.confusion.layout import confusion_parts
from explorer.pages.confusion.view import confusion_view, heading, shown_labels, wrong_and_right
from explorer.pages.images.view import images_view


@pytest.fixture
def checked(workspace: Workspace) -> Dataset:
    """A run in which the odd jaguars look like cars, and one crane like a jaguar."""
    dataset = Dataset(workspace.path)
    looks = dataset.items[c.LABEL].astype(object).to_numpy(copy=True)
    looks[9:13] = "car"
    looks[13] = "jaguar"
    looks[-1] = None
    dataset.items = dataset.items.assign(**{CHECKED: looks, EXPLAINED: dataset.in_odd_part})
    return dataset


def test_confusions_are_counted_and_explained(checked: Dataset) -> None:
    view = confusion_view(checked, "?show=all")
    assert view.heading == "5 of 29 images look like another label"
    told = [(p.label, p.taken_for, p.count, p.reason) for p in view.pairs]
    assert told == [("jaguar", "car", 4, "a split"), ("crane", "jaguar", 1, "truly alike")]
    assert view.wrong.sum() + view.right.sum() == 29
    at = view.names.index
    assert view.wrong[at("jaguar"), at("car")] == 4
    assert images_view(checked, "?given=jaguar&looks=car").rows == (9, 10, 11, 12)


def test_labels_are_found_with_those_they_are_confused_with(checked: Dataset) -> None:
    view = confusion_view(checked, "?q=CRA&order=name")
    assert sorted(view.names) == ["crane", "jaguar"]
    assert (view.order, view.n_pairs) == ("name", 1)
    assert confusion_view(checked, "?q=nobody").names == ()


def test_a_run_without_a_cross_check_says_so(dataset: Dataset) -> None:
    view = confusion_view(dataset, "")
    assert view.heading == "Nothing was compared in this run"
    assert view.names == ()


def thousand() -> tuple[np.ndarray, np.ndarray]:
    """Given and looks of 5,000 images under 1,000 labels, 400 of them confused at random."""
    rng = np.random.default_rng(0)
    given = np.repeat([f"l{n:04d}" for n in range(1000)], 5).astype(object)
    looks = given.copy()
    wrong = rng.choice(len(given), 400, replace=False)
    looks[wrong] = rng.choice(given, 400)
    return given, looks


def test_of_a_thousand_labels_the_most_confused_are_shown() -> None:
    matrix = confusion(*thousand())
    assert len(shown_labels(matrix, "", few=False)) == 120
    assert len(shown_labels(matrix, "")) <= 60
    assert heading(matrix).endswith("of 5,000 images look like another label")


@of(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), min_size=1),
    st.integers(1, 3),
)
def test_groups_lose_no_image(pairs: list[tuple[str, str]], n: int) -> None:
    matrix = confusion(*zip(*pairs, strict=True))
    place = np.arange(len(matrix.names)) % n
    wrong, right = wrong_and_right(matrix, place, n)
    assert wrong.sum() == sum(a != b for a, b in pairs)
    assert right.sum() == sum(a == b for a, b in pairs)


def test_many_labels_are_drawn_in_groups_that_open(checked: Dataset) -> None:
    given, looks = thousand()
    places = np.arange(len(given)) % len(checked.items)
    checked.items = checked.items.iloc[places].assign(
        **{c.LABEL: given, CHECKED: looks, c.CLUSTER: 0}
    )
    view = confusion_view(checked, "?show=all")
    assert view.level == "groups"
    assert len(view.names) < 60
    assert view.shown.startswith("1,000 labels in ")
    inside = confusion_view(checked, "?groups=0.1")
    assert inside.level == "labels"
    assert set(inside.numbers) == {0, 1}
    assert {p.label for p in inside.pairs} <= set(inside.names)
    few = confusion_view(checked, "")
    assert few.level == "labels"
    assert 0 < len(few.names) <= 60
    for nonsense in ("?groups=9999", "?groups=x.-1", "?by=nobody"):
        assert confusion_view(checked, nonsense).names == few.names


def test_labels_that_are_seldom_confused_are_left_out_and_counted(checked: Dataset) -> None:
    view = confusion_view(checked, "")
    assert set(view.names) == {"jaguar", "car"}
    assert view.shown == (
        "2 of 4 labels. 2 labels are left out: taken for another less than 3 times."
    )
    assert len(confusion_view(checked, "?show=all").names) == 4


def test_what_is_decided_leaves_the_matrix(checked: Dataset) -> None:
    view = confusion_view(checked, "?show=all", decided=[9, 10, 13])
    at = view.names.index
    assert view.wrong[at("jaguar"), at("car")] == 2
    assert view.wrong[at("crane"), at("jaguar")] == 0
    assert [(p.label, p.taken_for, p.count) for p in view.pairs] == [("jaguar", "car", 2)]
    assert view.heading == "2 of 26 images look like another label"


def test_the_models_own_word_is_a_choice(checked: Dataset) -> None:
    checked.items = checked.items.replace({c.PREDICTED: {"sports car": "car", "cat": "jaguar"}})
    view = confusion_view(checked, "?by=model")
    assert view.sources == ("check", "model")
    assert view.by == "model"
    assert ("jaguar", "car") in {(p.label, p.taken_for) for p in view.pairs}


def test_a_model_that_knows_few_labels_by_name_is_not_asked(checked: Dataset) -> None:
    view = confusion_view(checked, "?by=model")
    assert (view.by, view.sources) == ("check", ("check",))


def test_the_least_recognised_label_stands_first(checked: Dataset) -> None:
    view = confusion_view(checked, "")
    assert [(m.label, m.size) for m in view.metrics] == [
        ("car", 5), ("jaguar", 13), ("crane", 6), ("<b>cup</b>", 5),
    ]  # fmt: skip
    assert view.metrics[1].recall == pytest.approx(9 / 13)


def test_rows_and_columns_are_galleries(checked: Dataset) -> None:
    row = images_view(checked, "?given=jaguar&differs=looks")
    assert (row.heading, row.rows) == (
        "Images labelled jaguar, taken for others", (9, 10, 11, 12),
    )  # fmt: skip
    column = images_view(checked, "?looks=jaguar&differs=looks")
    assert column.rows == (13,)


def test_the_page_can_be_laid_out(checked: Dataset) -> None:
    said = str(confusion_parts(confusion_view(checked, "?show=all")))
    assert "/images?given=jaguar&looks=car" in said
    assert "hard to tell apart" in said
    assert "truly alike" not in said
