"""The Overview and Images pages as plain data."""

from __future__ import annotations

import pytest

from explorer.dataset import Dataset
from explorer.pages.images.view import images_view
from explorer.pages.overview.view import Line, heading, overview_view, seed_in


def test_the_findings_come_by_weight(dataset: Dataset) -> None:
    view = overview_view(dataset)
    assert view.heading == "1 label is really two things"
    assert [(one.count, one.href) for one in view.findings] == [
        (1, "/splits?show=two"),
        (1, "/images?finding=unreadable"),
    ]
    assert "every file can be read" not in view.fine
    assert "no copies" in view.fine
    assert next((bar.label, bar.size) for bar in view.bars) == ("jaguar", 13)
    assert view.bars[0].odd == pytest.approx(4 / 13)
    assert len(view.wall) == 29


def test_another_seed_shows_other_images(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.pages.overview.view.WALL", 5)
    first, again, other = (overview_view(dataset, seed).wall for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize(
    ("search", "seed"), [("", 0), ("?seed=7", 7), ("?seed=-1", 0), ("?seed=x", 0)]
)
def test_any_address_has_a_seed(search: str, seed: int) -> None:
    assert seed_in(search) == seed


def test_headings() -> None:
    line = Line(3, "", "", "", ())
    assert heading([]) == "Nothing odd was found"
    assert heading([line, line]) == "2 things to look at"


def test_any_slice_is_a_gallery(dataset: Dataset) -> None:
    view = images_view(dataset, "?finding=unreadable")
    assert view.files == ("jaguar/cut.jpg",)
    view = images_view(dataset, "?given=jaguar&predicted=sports+car", {9: "keep"})
    assert view.heading == "Images labelled jaguar, that the model takes for sports car"
    assert view.rows == (9, 10, 11, 12)
    assert view.sentence == "All are labelled jaguar."
    assert view.may_decide
    assert images_view(dataset, "?finding=moon").rows == ()
    assert len(images_view(dataset, "").rows) == 30
