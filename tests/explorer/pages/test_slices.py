"""The Slices page as plain data and as components, and what others say of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from embeddings import columns as c
from embeddings.slices import CLUSTER, Group, find_slices, write_slices
from explorer.data import Dataset
from explorer.pages.images.view import images_view
from explorer.pages.label.view import label_view
from explorer.pages.slices.layout import slices_layout
from explorer.pages.slices.view import slices_view
from explorer.reports import slices_json, slices_text
from tests.explorer.conftest import build_workspace


@pytest.fixture
def sliced(tmp_path: Path) -> Dataset:
    """A run whose model takes the odd jaguars for cars."""
    ws = build_workspace(tmp_path / "ws")
    items = ws.items()
    labels = items[c.LABEL].to_numpy(dtype=object)
    predicted = labels.copy()
    odd = np.flatnonzero((labels == "jaguar") & (items[c.CLUSTER] == 1))
    main = np.flatnonzero((labels == "jaguar") & (items[c.CLUSTER] == 0))
    predicted[odd] = "car"
    suggested = np.full(len(items), None, dtype=object)
    suggested[odd] = "car"
    report = find_slices(
        labels,
        predicted,
        groups=[
            Group("cluster A", CLUSTER, main, key=0),
            Group("cluster B", CLUSTER, odd, key=1),
        ],
        suggested=suggested,
    )
    write_slices(ws.run_folder, report, "told.csv")
    return Dataset(ws.path)


def test_a_slice_stands_beside_the_rest_of_its_label(sliced: Dataset) -> None:
    view = slices_view(sliced, {})
    assert view.heading == "Your model fails on one kind of image"
    (one,) = view.slices
    assert (one.rank, one.label, one.size, one.next_step, one.to) == (
        1,
        "jaguar",
        4,
        "relabel",
        "car",
    )
    rest, own = one.sides
    assert (own.letter, own.right, own.counted) == ("B", 0, 4)
    assert (rest.letter, rest.right, rest.counted) == ("A", 10, 10)
    assert len(own.images) == len(rest.images) == 3
    assert one.gain == 4
    assert view.counts == {"": 1, "relabel": 1}
    assert view.labels[0].label == "jaguar"
    assert "Nobody said which images" in view.sentence


def test_the_filter_keeps_one_next_step(sliced: Dataset) -> None:
    assert len(slices_view(sliced, {"show": "relabel"}).slices) == 1
    assert not slices_view(sliced, {"show": "merge"}).slices
    assert slices_view(sliced, {"show": "<script>"}).show == ""


def test_the_page_offers_one_decision(sliced: Dataset) -> None:
    from dataclasses import replace

    view = slices_view(sliced, {})
    drawn = str(slices_layout(replace(view, may_decide=True), "run1"))
    assert "Relabel 4 to car" in drawn
    assert "data-decide" not in str(slices_layout(view, "run1"))


def test_without_predictions_the_page_says_how(dataset: Dataset, client: FlaskClient) -> None:
    view = slices_view(dataset, {})
    assert not view.there
    assert "--predictions FILE" in str(slices_layout(view, "run1"))
    assert client.get("/slices").status_code == 200


def test_its_images_are_a_gallery(sliced: Dataset) -> None:
    view = images_view(sliced, "?slice=1")
    assert len(view.rows) == 4
    assert view.heading == "Your model fails on jaguar: cluster B"
    for nonsense in ("0", "2", "-1", "x", "1" * 20, "²"):
        assert not images_view(sliced, f"?slice={nonsense}").rows


def test_the_label_says_on_which_part_the_model_is_right(sliced: Dataset) -> None:
    said = [r.text for r in label_view(sliced, "jaguar").reasons if r.title == "Your model."]
    assert said == ["Your model is right on 100% of A, on 0% of B."]
    assert "right on 5 of 5" in label_view(sliced, "car").reasons[-1].text


def test_the_report_says_it_in_words(sliced: Dataset, dataset: Dataset) -> None:
    text = slices_text(sliced.workspace)
    assert "fails on one slice" in text
    assert "jaguar: cluster B, 4 images" in text
    assert "Next: relabel." in text
    assert '"taken_for": "car"' in slices_json(sliced.workspace)
    assert "--predictions FILE" in slices_text(dataset.workspace)
    assert '"predictions": null' in slices_json(dataset.workspace)
