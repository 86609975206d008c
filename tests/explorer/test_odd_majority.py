"""What the app and the report say where the largest cluster of a label is the odd one."""

from __future__ import annotations

import json

import numpy as np
import pytest

from embeddings import columns as c
from embeddings.workspace import Workspace
from explorer.data import Dataset
from explorer.pages.label.view import label_view
from explorer.pages.map.view import atlas_view
from explorer.pages.queue.view import queue_view
from explorer.pages.splits.layout import cards
from explorer.pages.splits.query import Query
from explorer.pages.splits.view import splits_view
from explorer.reports import json_report, text_report


@pytest.fixture(scope="module")
def dataset(odd_majority: Workspace) -> Dataset:
    return Dataset(odd_majority.path)


def cars(dataset: Dataset) -> np.ndarray:
    """Return the rows of the cars under jaguar."""
    return np.flatnonzero(dataset.items[c.FILE].str.startswith("jaguar/car").to_numpy())


def words(component: object) -> str:
    """Return what a component holds, as JSON."""
    return json.dumps(component.to_plotly_json(), default=lambda part: part.to_plotly_json())  # type: ignore[attr-defined]


def test_splits_relabels_the_majority(dataset: Dataset) -> None:
    view = splits_view(dataset, Query(), {})
    first = view.first.cards[0]
    assert [(k.letter, k.size, k.is_odd, k.suggestion) for k in first.clusters] == [
        ("A", 60, True, "car"), ("B", 20, False, None),
    ]  # fmt: skip
    said = words(cards(view.first, dataset.run_id, True)[0])
    assert "Relabel A to car" in said
    assert "Relabel B" not in said
    assert '"data-cluster": "0"' in said


def test_class_calls_the_majority_odd(dataset: Dataset) -> None:
    view = label_view(dataset, "jaguar")
    a, b = view.columns
    assert (a.letter, a.is_odd, a.title) == ("A", True, "looks like car")
    assert (b.letter, b.is_odd, b.title, b.sentence) == (
        "B", False, "jaguar", "Fits its label. Nothing to do.",
    )  # fmt: skip
    assert view.sentence == "20 images belong together; 60 look like car."
    assert [sign.text for sign in view.signs] == ["A · car?", "B · jaguar"]
    assert {dataset.label_of(row) for row in a.proof} == {"car"}
    assert all(" A " in r.text for r in view.reasons if r.title == "Look-alikes.")


def test_proof_is_of_what_the_other_label_mainly_is(dataset: Dataset) -> None:
    assert dataset.odd_clusters("jaguar") == (0,)
    assert dataset.main_cluster("jaguar") == 1
    assert dataset.main_cluster("car") == 0


def test_map_colours_the_majority_as_odd(dataset: Dataset) -> None:
    view = atlas_view(dataset, "findings")
    counts = {entry.name: entry.count for entry in view.legend}
    assert counts["odd group"] == 60
    assert counts["larger group"] == 20
    odd = next(group for group in view.groups if group.name == "odd group")
    assert odd.rows.tolist() == cars(dataset).tolist()


def test_queue_relabels_the_majority(dataset: Dataset) -> None:
    case = next(one for one in queue_view(dataset, {}, {}).cases if one["id"] == "split:jaguar")
    found = [(part["letter"], part["size"], part["to"], part["stays"]) for part in case["parts"]]
    assert found == [("B", 20, None, True), ("A", 60, "car", False)]


def test_single_suspicions_leave_the_majority_to_its_split(dataset: Dataset) -> None:
    assert dataset.in_odd_part[cars(dataset)].all()
    assert not set(dataset.singles.tolist()) & set(cars(dataset).tolist())
    assert np.flatnonzero(dataset.in_odd_cluster).tolist() == cars(dataset).tolist()


def test_the_report_calls_the_majority_odd(odd_majority: Workspace) -> None:
    text = text_report(odd_majority)
    assert "A  60 images, odd, looks like car" in text
    assert "B  20 images\n" in text
    jaguar = json.loads(json_report(odd_majority))["labels"][0]
    assert [one[c.IS_ODD] for one in jaguar["clusters"]] == [True, False]
