"""Slices on which a model fails, as cases of the queue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings import columns as c
from embeddings.slices import CLUSTER, FILE_FACT, Group, find_slices, write_slices
from explorer.data import Case, Dataset, left_by_kind
from explorer.data.queue.slices import slice_cases
from tests.explorer.conftest import build_workspace

Made = Callable[..., list[Case]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Make the cases of a model that takes some rows, a known group, for another label."""

    def make(group: Group, taken_for: str, suggested: list[int]) -> list[Case]:
        ws = build_workspace(tmp_path / "ws")
        items = ws.items()
        labels = items[c.LABEL].to_numpy(dtype=object)
        predicted, said = labels.copy(), np.full(len(labels), None, dtype=object)
        predicted[group.items] = taken_for
        said[suggested] = taken_for
        items[c.SUGGESTED_LABEL] = said
        items.loc[suggested, c.SUSPICION] = 0.9
        ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
        report = find_slices(labels, predicted, groups=[group], suggested=said)
        write_slices(ws.run_folder, report, "told.csv")
        return slice_cases(Dataset(ws.path))

    return make


def test_more_images_are_wanted_where_the_labels_are_right(made: Made) -> None:
    dark = Group("dark", FILE_FACT, np.arange(0, 4))
    (one,) = made(dark, "crane", [])
    assert (one.id, one.kind, one.labels) == ("slice:1", "slice", ("jaguar",))
    assert "".join(one.title) == "Your model fails on jaguar: dark"
    beside, asked = one.parts
    assert (asked.rows, asked.to, beside.name, beside.stays) == ((0, 1, 2, 3), None, "jaguar", True)
    assert not set(beside.rows) & set(asked.rows)
    assert one.waits({0})
    assert not one.waits({0, 1})
    assert left_by_kind([one], set()) == {"slice": 1}


def test_only_what_other_evidence_agrees_on_is_to_be_relabelled(made: Made) -> None:
    dark = Group("dark", FILE_FACT, np.arange(0, 4))
    (one,) = made(dark, "crane", [0, 1, 2])
    beside, asked = one.parts
    assert (asked.rows, asked.to, beside.name) == ((0, 1, 2), "crane", "crane")
    assert one.worth == pytest.approx(4)  # errors that mending would remove, not images


def test_what_a_split_explains_is_left_to_it(made: Made) -> None:
    assert made(Group("cluster B", CLUSTER, np.arange(9, 13), key=1), "car", [9, 10, 11, 12]) == []


def test_without_predictions_there_are_none(dataset: Dataset) -> None:
    assert slice_cases(dataset) == []
