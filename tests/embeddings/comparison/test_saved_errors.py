"""Saved selections of past errors, over several runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings import columns as c
from embeddings.comparison import look_again
from embeddings.comparison.saved_errors import FILE, Verdict, look_at, read_verdicts, state_of
from embeddings.decisions import Item, Selection, items_of, open_store
from embeddings.errors import WorkspaceError
from embeddings.workspace import Workspace
from tests.embeddings.comparable import clusters_of, run_items, sha, workspace

CARS = [f"jaguar/{n}.jpg" for n in range(4)]
FILES = [*CARS, "jaguar/cat.jpg", "car/0.jpg"]
LABELS = ["jaguar"] * 5 + ["car"]
ODD = clusters_of([("jaguar", 0, 0.0), ("jaguar", 1, 0.9), ("car", 0, 0.0)])
IN_ODD = np.array([1, 1, 1, 1, 0, 0], dtype=np.int32)
NOTHING = clusters_of([("jaguar", 0, 0.0), ("car", 0, 0.0)])


def saved(items: pd.DataFrame, name: str = "jaguar cars", version: int = 1) -> Selection:
    members = tuple(items_of(items))
    return Selection(name, version, "", "Mara", datetime(2025, 1, 1, tzinfo=UTC), 4, items=members)


def test_items_of_an_odd_cluster_are_still_there_and_named() -> None:
    items = run_items(FILES, LABELS, FILES, cluster=IN_ODD)
    gallery = look_at([saved(items[:4])], items, ODD, run="r1")
    (check,) = gallery.checks
    assert (check.state, check.in_odd_cluster, check.in_question) == ("still there", 4, 4)
    assert check.files == tuple(CARS)
    assert check.called_wrong is None
    assert "still there, 4 of 4" in gallery.lines()[1]


def test_suspicion_counts_from_a_half() -> None:
    items = run_items(FILES, LABELS, FILES, suspicion=[0.5, 0.49, 0.9, 0, 0.9, 0])
    (check,) = look_at([saved(items[:4])], items, NOTHING, run="r1").checks
    assert check.suspicious == check.in_question == 2


def test_a_mended_selection_that_is_in_question_again_has_come_back() -> None:
    items = run_items(FILES, LABELS, FILES, cluster=IN_ODD)
    earlier = {"jaguar cars": Verdict("r0", "m", "jaguar cars", 1, "mended", 0, 4)}
    gallery = look_at([saved(items[:4])], items, ODD, run="r1", earlier=earlier)
    assert gallery.checks[0].state == "come back"
    assert "was mended in run r0" in gallery.lines()[1]
    other = look_at([saved(items[:4], version=2)], items, ODD, run="r1", earlier=earlier)
    assert other.checks[0].state == "still there"  # other items: no news of these


@pytest.mark.parametrize(
    ("in_question", "found", "earlier", "state"),
    [
        (0, 0, "mended", "not found"),
        (0, 5, None, "mended"),
        (1, 10, "still there", "mended"),  # a tenth is left over
        (2, 10, None, "still there"),
        (2, 10, "still there", "still there"),
        (2, 10, "mended", "come back"),
        (2, 10, "come back", "come back"),
    ],
)
def test_states(in_question: int, found: int, earlier: object, state: str) -> None:
    assert state_of(in_question, found, earlier) == state  # type: ignore[arg-type]


def test_items_are_found_by_content_when_they_were_renamed_and_relabelled() -> None:
    before = run_items(FILES, LABELS, FILES)
    moved = run_items(
        [f"car/was{n}.jpg" for n in range(4)] + FILES[4:], ["car"] * 4 + LABELS[4:], FILES
    )
    (check,) = look_at([saved(before[:4])], moved, NOTHING, run="r2").checks
    assert (check.found, check.state) == (4, "mended")


def test_copies_are_one_and_a_changed_content_is_found_by_its_file() -> None:
    items = run_items(FILES, LABELS, ["same", "same", "other", "new", 4, 5])
    members = (
        Item(FILES[1], "jaguar", sha("same")),
        Item("gone.jpg", "jaguar", sha("same")),
        Item(FILES[3], "jaguar", sha("old")),
        Item("nowhere.jpg", "jaguar", sha("nowhere")),
    )
    selection = replace(saved(items), items=members)
    (check,) = look_at([selection], items, NOTHING, run="r").checks
    assert (check.size, check.found) == (4, 3)
    assert "1 not in this run" in check.text


def test_what_the_model_calls_an_item_counts_only_among_labels_that_exist() -> None:
    items = run_items(FILES, LABELS, FILES, predicted=["car", "Jaguar", "tench", None, None, None])
    (check,) = look_at([saved(items[:4])], items, NOTHING, run="r").checks
    assert check.called_wrong == check.in_question == 1
    strangers = items.assign(**{c.PREDICTED: "tench"})
    assert look_at([saved(items)], strangers, NOTHING, run="r").checks[0].called_wrong is None


def test_decisions_settle_what_the_run_says_but_not_what_the_model_says(tmp_path: Path) -> None:
    items = run_items(FILES, LABELS, FILES, cluster=IN_ODD, predicted=["jaguar"] + ["car"] * 5)
    with open_store(tmp_path) as store:
        store.decide(items_of(items[:4]), "relabel", to_label="car", reviewer="Mara")
        current = store.current()
    (check,) = look_at([saved(items[:4])], items, ODD, run="r", decisions=current).checks
    assert (check.settled, check.in_odd_cluster, check.called_wrong) == (4, 0, 1)
    assert check.state == "still there"  # the model says jaguar of one in four


def test_over_runs_a_selection_is_mended_and_comes_back(tmp_path: Path) -> None:
    X = np.ones((6, 3), dtype=np.float32)
    bad = run_items(FILES, LABELS, FILES, cluster=IN_ODD)
    good = run_items(FILES, LABELS, FILES)
    with open_store(tmp_path) as store:
        store.save_selection("jaguar cars", items_of(bad[:4]), by="Mara")
        states = []
        for run, items, clusters in (
            ("r1", bad, ODD),
            ("r1", bad, ODD),
            ("r2", good, NOTHING),
            ("r3", bad, ODD),
            ("r3", bad, ODD),  # looked at twice: still the same news
            ("r4", good, NOTHING),
        ):
            ws = workspace(tmp_path / "ws", items, X, clusters=clusters, run_id=run)
            states.append(look_again(ws, store).checks[0].state)
        assert states == [
            "still there", "still there", "mended", "come back", "come back", "mended",
        ]  # fmt: skip
        assert [v.run for v in read_verdicts(ws)] == ["r1", "r2", "r3", "r4"]
        assert look_again(ws, store, remember=False).lines()[0] == "Run r4 (m1): 1 mended."


def test_another_workspace_knows_what_was_mended_in_the_one_before(tmp_path: Path) -> None:
    X = np.ones((6, 3), dtype=np.float32)
    old = workspace(tmp_path / "old", run_items(FILES, LABELS, FILES), X, run_id="r1")
    bad = run_items(FILES, LABELS, FILES, cluster=IN_ODD)
    new = workspace(tmp_path / "new", bad, X, clusters=ODD, model="m2", run_id="r2")
    with open_store(tmp_path) as store:
        store.save_selection("jaguar cars", items_of(bad[:4]), by="Mara")
        look_again(old, store)
        assert look_again(new, store, since=old).checks[0].state == "come back"
        assert look_again(new, store).checks[0].state == "still there"


def test_no_selections_are_said(tmp_path: Path) -> None:
    ws = workspace(tmp_path / "ws", run_items(FILES, LABELS, FILES), np.ones((6, 3), np.float32))
    with open_store(tmp_path) as store:
        assert look_again(ws, store).lines() == ("Run run1 (m1): no saved selections.",)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"verdicts": [{"run": 1}]}'])
def test_a_damaged_file_is_said(tmp_path: Path, text: str) -> None:
    ws = workspace(tmp_path, run_items(FILES, LABELS, FILES), np.ones((6, 3), np.float32))
    (tmp_path / FILE).write_text(text)
    with pytest.raises(WorkspaceError, match="damaged"):
        read_verdicts(ws)


def test_an_odd_majority_is_in_question(odd_majority: Workspace, tmp_path: Path) -> None:
    items = odd_majority.items()
    files = items[c.FILE][items[c.LABEL] == "jaguar"]
    with open_store(f"sqlite:///{tmp_path / 'decisions.sqlite'}") as store:
        store.save_selection("jaguars", [Item(file, "jaguar", "") for file in files], by="Mara")
        check = look_again(odd_majority, store).checks[0]
    assert check.in_odd_cluster == 60
    assert set(check.files) == {file for file in files if file.startswith("jaguar/car")}
