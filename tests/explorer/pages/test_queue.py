"""The Queue and Single images pages as plain data, and what they send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask.testing import FlaskClient

from embeddings import columns as c
from embeddings.decisions import Decision
from explorer.components.help import help_dialog
from explorer.data import Dataset
from explorer.pages.queue.layout import queue_layout
from explorer.pages.queue.view import heading, queue_view
from explorer.pages.strays.layout import strays_layout
from explorer.pages.strays.view import heading as strays_heading
from explorer.pages.strays.view import strays_view
from tests.explorer.conftest import build_workspace


def decision(text: str, batch: int = 1) -> Decision:
    return cast(Decision, SimpleNamespace(text=text, batch=batch, at=datetime.now(UTC)))


@pytest.fixture
def suspected(tmp_path: Path) -> Dataset:
    """Two cranes and a cup are suspected."""
    ws = build_workspace(tmp_path / "ws")
    items = ws.items()
    items.loc[[13, 14, 20], c.SUSPICION] = [0.9, 0.6, 0.8]
    items.loc[[13, 14, 20], c.SUGGESTED_LABEL] = ["car", "jaguar", "car"]
    ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
    return Dataset(ws.path)


def test_the_queue_says_what_is_left_by_kind(suspected: Dataset) -> None:
    view = queue_view(suspected, {}, {})
    assert view.heading == "2 findings left"
    assert [(one.kind, one.left) for one in view.filters] == [("split", 1), ("stray", 1)]
    assert [one["id"] for one in view.cases] == ["split:jaguar", "strays"]
    assert (view.settled, view.decided, view.n_more) == ((), {}, 0)


def test_what_is_decided_is_settled_and_can_be_undone(suspected: Dataset) -> None:
    made = {row: decision("relabel: car", 7) for row in range(9, 13)}
    view = queue_view(suspected, made, {})
    assert view.heading == "1 finding left"
    (one,) = view.settled
    assert (one.id, one.decided, one.batch) == ("split:jaguar", (("relabel: car", 4),), 7)
    mixed = queue_view(suspected, {**made, 9: decision("keep", 8)}, {})
    assert mixed.settled[0].decided == (("relabel: car", 3), ("keep", 1))
    assert mixed.settled[0].batch == 0  # several actions: the history undoes them


def test_each_reviewer_has_a_queue(suspected: Dataset) -> None:
    taken = {"jaguar": "Mara", "crane": ""}
    view = queue_view(suspected, {}, taken, search="?who=Mara&kind=split")
    assert [one["id"] for one in view.cases] == ["split:jaguar"]
    assert (view.reviewers, view.kind) == (("Mara",), "split")
    assert queue_view(suspected, {}, taken, search="?kind=nonsense").kind == ""


def test_an_empty_queue_says_so(dataset: Dataset) -> None:
    done = {row: decision("keep") for row in range(9, 13)}
    assert queue_view(dataset, done, {}).heading == heading(0) == "Nothing left to decide"


def test_single_images_come_the_surest_first_without_the_decided(suspected: Dataset) -> None:
    view = strays_view(suspected, "", {20: "keep"})
    assert (view.rows, view.to, view.sure) == ((13, 14), ("car", "jaguar"), (0.9, 0.6))
    assert view.heading == "2 images look like another label"
    every = strays_view(suspected, "?all=1", {20: "keep"})
    assert (every.rows, every.decided) == ((13, 20, 14), {20: "keep"})
    assert strays_view(suspected, "?label=crane").rows == (13, 14)
    none = strays_view(suspected, "?label=car", {})
    assert (none.rows, none.heading) == ((), "No image looks like another label")
    assert strays_heading(0, any_found=True) == "All of them are decided"


def test_the_pages_can_be_laid_out(suspected: Dataset) -> None:
    queue = queue_layout(queue_view(suspected, {}, {"jaguar": "Mara"}), "run1")
    brought = json.loads(getattr(queue, "data-queue"))
    assert [one["id"] for one in brought["cases"]] == ["split:jaguar", "strays"]
    strays = strays_layout(strays_view(suspected, "", {}), "run1")
    assert json.loads(getattr(strays, "data-items"))["tick_from"] == 0.8
    assert "Back to the queue" in str(strays_layout(strays_view(suspected, "?label=car"), "run1"))


def test_help_speaks_of_deciding_where_one_can_decide() -> None:
    assert "Exclude" in str(help_dialog(True))
    assert "Exclude" not in str(help_dialog(False))
    assert "next, previous" in str(help_dialog(False))


def test_a_case_comes_with_its_rows(client: FlaskClient) -> None:
    told = client.get("/api/run1/case?id=split:jaguar").get_json()
    assert told["parts"][1]["rows"] == [9, 10, 11, 12]
    assert told["decided"] == {}
    assert client.get("/api/run1/case?id=nothing").status_code == 404


def test_a_pair_of_labels_comes_both_ways(client: FlaskClient) -> None:
    told = client.get("/api/run1/pair?given=jaguar&looks=car").get_json()
    assert (told["there"], told["back"]) == ([], [])  # nothing was cross-checked
    assert told["sizes"] == {"jaguar": 14, "car": 5}
    assert told["smaller"] == "car"
    assert [len(told["today"][name]) for name in ("jaguar", "car")] == [6, 5]
    assert client.get("/api/run1/pair?given=jaguar&looks=nobody").status_code == 404
