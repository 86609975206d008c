"""Remedies of errors about workspaces and stages, each carried out as it is said."""

from __future__ import annotations

import errno
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings import pipeline
from embeddings.errors import RosetteError
from embeddings.storage import lock_folder
from embeddings.workspace import INFO_FILE, Workspace


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(RosetteError) as told:
        act()
    return told.value.hint


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty embeddings under three labels: a run of them takes no model."""
    rng = np.random.default_rng(0)
    kind = np.repeat(np.arange(3), 20)
    X = (3 * rng.normal(size=(3, 16)))[kind] + rng.normal(size=(60, 16))
    np.savez(tmp_path / "X.npz", embeddings=X.astype(np.float32),
             files=[f"{n}.jpg" for n in range(60)],
             labels=np.array(["cat", "dog", "owl"])[kind])  # fmt: skip
    return tmp_path / "X.npz"


def typed(hint: str, source: Path) -> None:
    """Type the command of a hint, in backticks, with the source where it says so."""
    (command,) = re.findall(r"`rosette ([^`]+)`", hint)
    words = [str(source) if word == "SOURCE" else word for word in shlex.split(command)]
    subprocess.run([sys.executable, "-m", "explorer", *words], check=True, capture_output=True)


def test_a_folder_that_is_no_workspace_is_made_one(source: Path, tmp_path: Path) -> None:
    typed(refused(lambda: Workspace.open(tmp_path / "ws")), source)
    assert Workspace.open(tmp_path / "ws").info.run_id


def test_a_workspace_of_another_schema_is_made_anew(source: Path, tmp_path: Path) -> None:
    ws = pipeline.run(source, tmp_path / "ws")
    content = json.loads((ws.path / INFO_FILE).read_text())
    (ws.path / INFO_FILE).write_text(json.dumps(content | {"schema": 0}))
    typed(refused(lambda: Workspace.open(ws.path)), source)
    assert Workspace.open(tmp_path / "ws-new").info.run_id


def test_a_damaged_description_is_deleted_and_the_embeddings_stay(
    source: Path, tmp_path: Path
) -> None:
    ws = pipeline.run(source, tmp_path / "ws")
    before = {file: file.stat().st_mtime_ns for file in ws.path.rglob("shard-*.arrow")}
    assert before
    (ws.path / INFO_FILE).write_text("{half")
    assert "Delete that one file" in refused(lambda: Workspace.open(ws.path))
    (ws.path / INFO_FILE).unlink()
    again = pipeline.run(source, tmp_path / "ws")
    assert len(again.items()) == 60
    assert set(before) == set(again.path.rglob("shard-*.arrow"))


def test_a_stage_that_has_not_run_is_run_first(source: Path, tmp_path: Path) -> None:
    pipeline.scan(source, tmp_path / "ws")
    hint = refused(lambda: Workspace.open(tmp_path / "ws").items())
    typed(hint, source)
    assert len(Workspace.open(tmp_path / "ws").items()) == 60


def test_a_run_beside_another_waits_or_takes_another_workspace(
    source: Path, tmp_path: Path
) -> None:
    (tmp_path / "ws").mkdir()
    code = (
        "import sys; from pathlib import Path; from embeddings.storage import lock_folder\n"
        f"with lock_folder(Path({str(tmp_path / 'ws')!r})):\n"
        "    print('held', flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        hint = refused(lambda: pipeline.scan(source, tmp_path / "ws"))
        assert hint == "Wait until it ends, or choose another workspace with -w."
        assert len(pipeline.scan(source, tmp_path / "other").manifest()) == 60
        other.communicate("done\n")
    assert len(pipeline.scan(source, tmp_path / "ws").manifest()) == 60
    with lock_folder(tmp_path / "ws"):
        pass


def test_after_a_full_disk_the_same_command_goes_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "ws" / "x"))

    with monkeypatch.context() as patch:
        patch.setattr("embeddings.pipeline.stages.scan.write_frame", full)
        hint = refused(lambda: pipeline.run(source, tmp_path / "ws"))
    assert hint.startswith("Make room on it.")
    assert len(pipeline.run(source, tmp_path / "ws").items()) == 60


def test_layouts_and_answers_from_the_hint(source: Path, tmp_path: Path) -> None:
    hint = refused(lambda: pipeline.layout_named("circles"))
    for name in hint.removeprefix("Choose one of ").rstrip(".").split(", "):
        assert pipeline.layout_named(name) == name
    hint = refused(lambda: pipeline.answers_named("me"))
    assert "--answers cross-check" in hint
    assert pipeline.answers_named("cross-check") == "cross-check"
    hint = refused(lambda: pipeline.run(source, tmp_path / "ws", answers="model"))
    assert "Leave --answers out" in hint
    assert len(pipeline.run(source, tmp_path / "ws").items()) == 60


def test_a_function_is_made_a_model(tmp_path: Path) -> None:
    from embeddings import backbones
    from tests.embeddings.manifest.sets import draw

    root = draw(tmp_path / "set", [f"{label}/{n}.jpg" for label in "ab" for n in range(6)])
    pipeline.scan(root, tmp_path / "ws")

    def colours(images: np.ndarray) -> np.ndarray:
        return np.asarray(images.mean(axis=(1, 2)))

    hint = refused(lambda: pipeline.embed(tmp_path / "ws", model=colours))  # type: ignore[arg-type]
    assert "`backbones.from_function(f, size=224)`" in hint
    pipeline.embed(tmp_path / "ws", model=backbones.from_function(colours, size=224))


def test_a_pool_is_a_folder_of_images(source: Path, tmp_path: Path) -> None:
    from embeddings import backbones
    from tests.embeddings.manifest.sets import draw

    model = backbones.from_function(lambda images: images.mean(axis=(1, 2)), size=8)
    root = draw(tmp_path / "set", [f"{label}/{n}.jpg" for label in "ab" for n in range(6)])
    pipeline.run(root, tmp_path / "ws", model=model)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/notes.txt").write_text("none here")
    hint = refused(lambda: pipeline.embed_pool(tmp_path / "ws", tmp_path / "empty", model=model))
    assert "folder of images" in hint
    pool = draw(tmp_path / "pool", [f"{n}.jpg" for n in range(20, 24)])
    other = backbones.from_function(lambda images: images.max(axis=(1, 2)), size=8)
    hint = refused(lambda: pipeline.embed_pool(tmp_path / "ws", pool, model=other))
    assert hint == "Give the model that was given to the run."
    pipeline.embed_pool(tmp_path / "ws", pool, model=model)
