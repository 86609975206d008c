"""The workspace's description and frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from embeddings.errors import MissingStageError, WorkspaceError
from embeddings.workspace import INFO_FILE, Info, ModelInfo, Workspace

INFO = Info(source="photos", root="photos", labelled=True, name="photos")
FRAME = pd.DataFrame({"label": ["a", "b"]})


def test_a_description_comes_back_as_it_was() -> None:
    info = Info(
        source="s",
        root="r",
        labelled=False,
        name="n",
        scan_notes=("one", "two"),
        model=ModelInfo("m", "f" * 8, 3, classes=("x", "y"), notes=("said",)),
        parameters={"seed": 3},
        run_id="abc",
        run_notes=("z",),
    )
    assert Info.from_json(info.to_json()) == info
    assert Info.from_json(INFO.to_json()) == INFO


def test_what_is_no_workspace_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="rosette run"):
        Workspace.open(tmp_path)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    Workspace.create(tmp_path, INFO)
    file = tmp_path / INFO_FILE
    file.write_text(file.read_text().replace('"schema": 1', '"schema": 99'))
    with pytest.raises(WorkspaceError, match="schema 99"):
        Workspace.open(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_damaged_description_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / INFO_FILE).write_text(text)
    with pytest.raises(WorkspaceError, match="damaged"):
        Workspace.open(tmp_path)


def test_frames_before_their_stage_name_the_stage(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path, INFO)
    with pytest.raises(MissingStageError, match="rosette scan"):
        ws.manifest()
    with pytest.raises(MissingStageError, match="rosette cluster"):
        ws.classes()


def test_a_new_run_takes_the_place_of_the_old(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path, INFO)
    frames = dict.fromkeys(("items", "classes", "clusters"), FRAME)
    ws.write_run("one", frames)
    ws.write_run("two", frames, run_notes=("n",))
    assert [p.name for p in (tmp_path / "runs").iterdir()] == ["two"]
    again = Workspace.open(tmp_path)
    assert again.run_id == "two"
    assert again.notes() == ("n",)
    pd.testing.assert_frame_equal(again.classes(), FRAME)


def test_an_image_outside_the_root_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "photos" / "a").write_text("x")
    (tmp_path / "photos" / "link").symlink_to(tmp_path / "secret")
    ws = Workspace(tmp_path, Info("photos", str(tmp_path / "photos"), True, "photos"))
    assert ws.image_path("a") == tmp_path / "photos" / "a"
    assert ws.image_path("../secret") is None
    assert ws.image_path("link") is None
    assert ws.image_path("gone") is None
