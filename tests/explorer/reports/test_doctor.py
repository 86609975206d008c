"""What goes into a bug report, and what never does."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from embeddings import columns as c
from embeddings.decisions import Item, open_store
from embeddings.workspace import Workspace
from explorer.logs import logged
from explorer.reports import doctor_json, doctor_text
from explorer.reports.doctor import examine
from tests.explorer.conftest import build_workspace


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr("explorer.logs.masking.user_name", lambda: "mara.lind")
    made = build_workspace(tmp_path / "mara.lind" / "ws")
    made.update(run_notes=("crane has 6 images.", "jaguar/0-1.jpg and 2 more are odd."))
    with open_store(made.path) as store:
        store.decide([Item("car/0-0.jpg", "car")], "keep", reviewer="Ana Secret", note="a note")
    with logged(made.path, "open"):
        log = logging.getLogger("embeddings.x")
        log.warning("Can't read %s/jaguar/1-0.jpg: it is cut short.", made.info.root)
        log.info("run.made", extra={"fields": {"items": 30}})
    return made


def test_it_says_how_a_workspace_stands(ws: Workspace) -> None:
    found = examine(ws.path)
    said = found["workspace"]
    assert (said["schema"], said["run"], said["model"], said["width"]) == (1, "run1", "embedded", 4)
    assert said["items"] == {"ok": 29, "unreadable": 1}
    assert said["labels"] == {"count": 4, "split": 1, "smallest": 5, "largest": 13}
    assert said["decisions"]["in_force"] == 1
    assert said["decisions"]["problems"] == []
    assert said["notes"][-1] == "<name> and 2 more are odd."
    assert [line["event"] for line in said["log"]][-1] == "command.end"
    assert found["machine"]["cores"] >= 1
    assert found["program"]["packages"]["rosette-explorer"]


@pytest.mark.parametrize("report", [doctor_json, doctor_text])
def test_nothing_private_is_in_it(ws: Workspace, report: object, tmp_path: Path) -> None:
    assert callable(report)
    text = report(ws.path)
    items = ws.items()
    private = {"mara", "Ana", "Secret", "a note", str(tmp_path), str(Path.home()) + "/"}
    private |= set(items[c.FILE]) | {f"{label}" for label in items[c.LABEL].unique()} - {"car"}
    assert [word for word in private if word in text] == []


def test_a_broken_workspace_hides_no_other_part(ws: Workspace) -> None:
    (ws.path / "runs" / "run1" / "items.parquet").write_bytes(b"no parquet")
    said = examine(ws.path)["workspace"]
    assert "error" in said
    assert said["decisions"]["in_force"] == 1
    assert said["log"]


def test_a_damaged_store_and_a_missing_workspace_are_told(ws: Workspace, tmp_path: Path) -> None:
    (ws.path / "decisions.sqlite").write_bytes(b"no database at all, but as long as a header" * 9)
    assert "StoreVersionError" in examine(ws.path)["workspace"]["decisions"]["error"]
    nothing = examine(tmp_path)["workspace"]
    assert nothing["error"].startswith("WorkspaceError")
    assert nothing["decisions"] == "none in the workspace"
    assert not (tmp_path / "decisions.sqlite").exists()


def test_json_can_be_read(ws: Workspace) -> None:
    assert set(json.loads(doctor_json(ws.path))) == {"program", "machine", "workspace"}
    assert set(json.loads(doctor_json())) == {"program", "machine"}
