"""The Confusion page as plain data."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings import columns as c
from embeddings.confusion import confusion
from embeddings.label_errors import CHECKED
from embeddings.workspace import Workspace
from explorer.asset_files import assets_folder
from explorer.dataset import Dataset
from explorer.figures.confusion_map import confusion_map
from explorer.figures.palette import read_palette
from explorer.pages.confusion.layout import confusion_parts
from explorer.pages.confusion.view import confusion_view, heading, part_of, shown_labels
from explorer.pages.images.view import images_view


@pytest.fixture
def checked(workspace: Workspace) -> Dataset:
    """A run in which the odd jaguars look like cars, and one crane like a jaguar."""
    dataset = Dataset(workspace.path)
    looks = dataset.items[c.LABEL].astype(object).to_numpy(copy=True)
    looks[9:13] = "car"
    looks[13] = "jaguar"
    looks[-1] = None
    dataset.items = dataset.items.assign(**{CHECKED: looks})
    return dataset


def test_confusions_are_counted_and_explained(checked: Dataset) -> None:
    view = confusion_view(checked, "")
    assert view.heading == "5 of 29 images look like another label"
    told = [(p.label, p.taken_for, p.count, p.reason) for p in view.pairs]
    assert told == [("jaguar", "car", 4, "a split"), ("crane", "jaguar", 1, "truly alike")]
    assert view.counts.sum() == 29
    at = view.labels.index
    assert view.counts[at("jaguar"), at("car")] == 4
    assert images_view(checked, "?given=jaguar&looks=car").rows == (9, 10, 11, 12)


def test_labels_are_found_with_those_they_are_confused_with(checked: Dataset) -> None:
    view = confusion_view(checked, "?q=CRA&scale=share")
    assert sorted(view.labels) == ["crane", "jaguar"]
    assert (view.scale, view.n_pairs) == ("share", 1)
    assert confusion_view(checked, "?q=nobody").labels == ()


def test_a_run_without_a_cross_check_says_so(dataset: Dataset) -> None:
    view = confusion_view(dataset, "")
    assert view.heading == "Nothing was compared in this run"
    assert view.labels == ()


def test_of_a_thousand_labels_the_most_confused_are_shown() -> None:
    rng = np.random.default_rng(0)
    given = np.repeat([f"l{n:04d}" for n in range(1000)], 5).astype(object)
    looks = given.copy()
    wrong = rng.choice(len(given), 400, replace=False)
    looks[wrong] = rng.choice(given, 400)
    matrix = confusion(given, looks)
    shown = shown_labels(matrix, "")
    assert len(shown) == 120
    assert part_of(matrix, shown).shape == (120, 120)
    assert heading(matrix).endswith("of 5,000 images look like another label")


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize("n", [1, 3, 100])
def test_the_matrix_can_be_drawn(n: int, share: bool) -> None:
    css = (assets_folder() / "00-tokens.css").read_text(encoding="utf-8")
    counts = np.random.default_rng(0).integers(0, 5, (n, n))
    figure = confusion_map(
        [f"l{i}" for i in range(n)], counts, read_palette(css, dark=True), share=share
    )
    assert np.isnan(np.asarray(figure.data[1].z, dtype=float).diagonal()).all()
    assert len(figure.layout.meta["labels"]) == n


def test_the_page_can_be_laid_out(checked: Dataset) -> None:
    css = (assets_folder() / "00-tokens.css").read_text(encoding="utf-8")
    parts = confusion_parts(confusion_view(checked, ""), read_palette(css, dark=False))
    assert "/images?given=jaguar&looks=car" in str(parts)
