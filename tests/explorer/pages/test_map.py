"""The Map page as plain data."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.data import Dataset
from explorer.pages.map import view as atlas
from explorer.pages.map.view import COLOURS, Window, atlas_view, window_of


@pytest.mark.parametrize("colour", [*COLOURS, "nonsense"])
def test_every_colouring_draws_every_image_once(dataset: Dataset, colour: str) -> None:
    view = atlas_view(dataset, colour)
    rows = np.concatenate([group.rows for group in view.groups])
    assert sorted(rows.tolist()) == list(range(29))
    assert sum(entry.count for entry in view.legend) == 29
    assert view.sampled == ""


def test_findings_stand_out(dataset: Dataset) -> None:
    view = atlas_view(dataset, "findings")
    counts = {entry.name: entry.count for entry in view.legend}
    assert counts == {
        "larger group": 9, "odd group": 4, "nothing found": 16,
    }  # fmt: skip
    assert view.groups[0].name == "nothing found"  # below the others
    assert {sign.text for sign in view.signs if sign.strong} == {"jaguar", "jaguar · car"}


def test_a_sample_keeps_what_is_suspicious_and_says_so(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas, "MOST_DOTS", 20)
    monkeypatch.setattr(atlas, "MOST_FELT", 10)
    monkeypatch.setattr(atlas, "FEW_DOTS", 8)
    view = atlas_view(dataset, "findings")
    drawn = np.concatenate([group.rows for group in view.groups])
    assert len(drawn) == 10
    assert set(range(9, 13)) <= set(drawn.tolist())
    assert view.sampled.startswith("29 images as a density. A lasso catches 10 of them")
    # the dots of large groups are felt, not seen
    assert {group.name: group.opacity > 0 for group in view.groups} == {
        "nothing found": False, "larger group": False, "odd group": True,
    }  # fmt: skip
    assert view.density is not None
    assert int((view.density.ink > 0).sum()) <= 29


def test_of_few_images_there_is_no_density(dataset: Dataset) -> None:
    assert atlas_view(dataset, "findings").density is None


def test_zoomed_in_everything_there_is_drawn(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas, "MOST_DOTS", 10)
    inside = dataset.rows_of("<b>cup</b>")
    xy = dataset.map_xy[inside]
    window = Window(xy[:, 0].min(), xy[:, 0].max(), xy[:, 1].min(), xy[:, 1].max())
    drawn = np.concatenate([g.rows for g in atlas_view(dataset, "findings", window).groups])
    assert set(inside.tolist()) <= set(drawn.tolist())
    assert len(drawn) <= 10


@pytest.mark.parametrize(
    "given",
    [
        None,
        5,
        "four",
        {},
        [],
        [1, 2, 3],
        [1, 2, 3, "x"],
        [1, 2, 3, float("nan")],
        [0, 0, 1, 10**400],
    ],
)
def test_a_window_that_is_none(given: object) -> None:
    assert window_of(given) is None


def test_decisions_are_coloured_as_the_store_has_them(dataset: Dataset) -> None:
    view = atlas_view(dataset, "decision", decided={9: "relabel: car", 10: "keep", 0: "remove"})
    counts = {entry.name: entry.count for entry in view.legend}
    assert counts == {
        "relabelled": 1, "left out": 1, "label is right": 1, "not decided": 26,
    }  # fmt: skip
    assert view.may_decide
    assert not atlas_view(dataset, "decision").may_decide


def test_a_sample_keeps_what_is_decided(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "MOST_DOTS", 8)
    view = atlas_view(dataset, "findings", decided={20: "keep", 28: "remove"})
    drawn = np.concatenate([group.rows for group in view.groups])
    assert {20, 28, *range(9, 13)} <= set(drawn.tolist())
