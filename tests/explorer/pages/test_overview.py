"""The Overview and Images pages as plain data."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings import columns as c
from embeddings.pipeline import check
from explorer.data import Dataset
from explorer.pages.images.view import images_view
from explorer.pages.overview.layout import overview_layout
from explorer.pages.overview.view import Line, heading, overview_view, seed_in
from tests.explorer.conftest import build_workspace


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A run that was checked; of its pictures two are the same, under different labels."""
    ws = build_workspace(tmp_path_factory.mktemp("looked") / "ws")
    items = ws.items()
    items.loc[20, c.SHA256] = items.loc[13, c.SHA256]
    ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
    check(ws.path)
    return Dataset(ws.path)


def test_the_findings_come_by_weight(looked_at: Dataset) -> None:
    view = overview_view(looked_at)
    assert view.checked
    assert view.heading == "1 label hides two kinds of thing"
    first, second = [(one.count, one.href) for one in view.findings][:2]
    assert first == (1, "/splits?show=two")
    assert second == (1, "/images?finding=same-picture-under-different-labels")
    assert (1, "/images?finding=unreadable") in [(one.count, one.href) for one in view.findings]
    assert "unreadable" not in view.clean
    assert "same picture in train and test" in view.clean
    assert view.formats == "JPEG 29"
    assert [one.name for one in view.spreads] == ["Short side", "Shape"]
    assert next((bar.label, bar.size) for bar in view.bars) == ("jaguar", 13)
    assert view.bars[0].odd == pytest.approx(4 / 13)
    assert len(view.wall) == 29
    overview_layout(view, "run1")


def test_copies_stand_side_by_side_and_all_but_one_can_be_taken(looked_at: Dataset) -> None:
    view = images_view(looked_at, "?finding=same-picture-under-different-labels")
    assert sorted(view.rows) == [13, 20]
    assert sorted(view.captions) == ["1: <b>cup</b>", "1: crane"]
    assert view.spare == ()  # one label is wrong, and nobody knows which
    few = images_view(looked_at, "?finding=label-with-few-images")
    assert set(few.captions) == {"5 images", "6 images"}


def test_a_run_that_nobody_checked_says_so(dataset: Dataset) -> None:
    view = overview_view(dataset)
    assert not view.checked
    assert [one.href for one in view.findings] == ["/splits?show=two"]
    assert view.clean == ()
    assert "rosette check" in str(overview_layout(view, "run1"))


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


def test_any_slice_is_a_gallery(looked_at: Dataset) -> None:
    view = images_view(looked_at, "?finding=unreadable")
    assert view.facts["file"] == ["jaguar/cut.jpg"]
    view = images_view(looked_at, "?given=jaguar&predicted=sports+car", {9: "keep"})
    assert view.heading == "Images labelled jaguar, that the model takes for sports car"
    assert view.rows == (9, 10, 11, 12)
    assert view.sentence == "All are labelled jaguar."
    assert view.may_decide
    assert images_view(looked_at, "?finding=moon").rows == ()
    assert len(images_view(looked_at, "").rows) == 30


def test_single_suspects_say_what_they_look_like(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")
    items = ws.items()
    items.loc[[14, 15], [c.SUSPICION, c.SUGGESTED_LABEL]] = [[0.6, "car"], [0.8, None]]
    ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
    view = images_view(Dataset(ws.path), "?finding=suspicious")
    assert view.rows == (15, 14)
    assert view.captions == ("crane", "crane → car")


def test_a_slice_is_shuffled_and_cut(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = images_view(dataset, "?label=jaguar").rows
    first, second = (images_view(dataset, f"?label=jaguar&order=random&seed={n}") for n in (1, 2))
    assert sorted(first.rows) == sorted(second.rows) == sorted(ordered)
    assert first.rows != second.rows
    monkeypatch.setattr("explorer.pages.images.view.MOST", 5)
    cut = images_view(dataset, "")
    assert len(cut.rows) == 5
    assert cut.sentence == "Showing 5 of 30, chosen at random."
