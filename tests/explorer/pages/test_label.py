"""The Class page as plain data."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings import columns as c
from explorer.components import label_in, label_link
from explorer.data import Dataset
from explorer.pages.label.view import Column, again, alike, heading, label_view, sentence
from tests.explorer.conftest import build_workspace


def test_a_split_label_stands_side_by_side(dataset: Dataset) -> None:
    view = label_view(dataset, "jaguar")
    assert view.heading == "“jaguar” is two kinds of thing"
    assert view.sentence == "9 images belong together; 4 look like car."
    main, odd = view.columns
    assert (main.title, main.size, main.suggestion) == ("jaguar", 9, None)
    assert (odd.title, odd.size, odd.suggestion, odd.is_odd) == (
        "looks like car",
        4,
        "car",
        True,
    )
    assert [dataset.label_of(row) for row in odd.proof] == ["car"] * 5
    assert (view.before, view.after, view.n_unreadable) == (None, "crane", 1)
    assert [sign.text for sign in view.signs] == ["A · jaguar", "B · car?"]
    assert sum(len(group.rows) for group in view.groups) == 13
    assert [reason.title for reason in view.reasons] == [
        "Seen.", "Look-alikes.", "Distance.", "Repeatable.",
    ]  # fmt: skip


def test_its_items_come_most_typical_first(dataset: Dataset) -> None:
    items = label_view(dataset, "jaguar").items
    assert [(one["number"], len(one["rows"])) for one in items] == [(0, 9), (1, 4)]
    assert items[0]["rows"] == list(range(9))
    assert items[1]["files"][0] == "jaguar/1-0.jpg"


def test_a_whole_label_says_so(dataset: Dataset) -> None:
    view = label_view(dataset, "car")
    assert view.heading == "“car” is one kind of thing"
    assert view.sentence == "All 5 images form one group. Nothing to do here."
    assert view.after is None


def test_where_single_images_are_suspected_there_is_something_to_do(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")
    items = ws.items()
    row = int(items.index[items[c.LABEL] == "car"][0])
    items.loc[row, [c.SUSPICION, c.SUGGESTED_LABEL]] = [0.9, "crane"]
    ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
    dataset = Dataset(ws.path)
    view = label_view(dataset, "car")
    assert view.suspects == ((row, "crane"),)
    assert view.sentence == (
        "All 5 images form one group. 1 single image looks like another label."
    )
    assert view.columns[0].sentence == "Fits its label, but 1 single image is in question."
    assert label_view(dataset, "car", {row: "keep"}).suspects == ()


def test_files_that_explain_a_split_are_named(dataset: Dataset) -> None:
    assert label_view(dataset, "crane").reasons[-1].title == "The files."


def test_words() -> None:
    assert heading("x", "perhaps two", 3) == "“x” is perhaps three kinds of thing"
    assert alike(1, "B", "car") == ("The images most like B all have other labels; most often car.")
    assert "mostly carry its own label" in alike(0, "B", "car")
    assert [again(s) for s in (1, 0.7, 0.1)] == ["every time", "most times", "only now and then"]


@pytest.mark.parametrize("label", ["jaguar", "a/b c", "..", "<i>", "ягуар", "50%", "?x=1#y"])
def test_any_text_may_be_a_label(label: str) -> None:
    assert label_in(label_link(label)) == label


def test_other_addresses_name_no_label() -> None:
    assert label_in("/map") is None
    assert label_in("/class/") is None


def test_one_image_is_spoken_of_as_one() -> None:
    alone = Column(0, "A", 1, False, "cup", "", None, ())
    odd = Column(1, "B", 1, True, "looks like car", "", "car", ())
    assert sentence((alone, odd)) == "1 image stands by itself; 1 looks like car."
