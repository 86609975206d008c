"""What a run leaves on the disk at each step of writing is what ``kill -9`` there would leave.

So every step is kept as a copy of the workspace, and each copy is run again. Real kills at random
moments: ``scripts/inject_faults.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embeddings import pipeline
from embeddings.storage import atomic as files
from embeddings.workspace import Workspace
from scripts.inject_faults import Colours, decide, draw, tree, wrong_now


@contextmanager
def kept_at_each_write(workspace: Path, kept: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Copy the workspace before, within and after each write."""
    original = files.atomic_path

    def keep() -> None:
        shutil.copytree(workspace, kept / f"{len(list(kept.iterdir())):03d}")

    @contextmanager
    def atomic_path(target: Path) -> Iterator[Path]:
        keep()
        with original(target) as temporary:
            yield temporary
            keep()
        keep()

    kept.mkdir()
    with patch.context() as patched:
        patched.setattr(files, "atomic_path", atomic_path)
        yield


def test_killed_at_any_write_nothing_is_lost_and_the_next_run_ends_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, ws, kept = (tmp_path / name for name in ("photos", "ws", "kept"))
    draw(photos, labels=2, each=10)
    decide(ws)
    with kept_at_each_write(ws, kept, monkeypatch):
        pipeline.run(photos, ws, model=Colours(), batch_size=8)
    wanted = tree(ws)
    states = sorted(kept.iterdir())
    assert len(states) >= 3 * 9
    assert any(list(state.rglob(".*.part")) for state in states)
    for state in states:
        assert wrong_now(state) == []
        pipeline.run(photos, state, model=Colours(), batch_size=8)
        assert tree(state) == wanted, state.name
        assert wrong_now(state) == []


def test_killed_while_new_images_are_taken_in_the_run_before_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, ws, kept = (tmp_path / name for name in ("photos", "ws", "kept"))
    draw(photos, labels=2, each=10)
    decide(ws)
    before = pipeline.run(photos, ws, model=Colours(), batch_size=8).run_id
    shutil.copy(photos / "label 0" / "001.png", photos / "label 1" / "new.png")
    with kept_at_each_write(ws, kept, monkeypatch):
        after = pipeline.run(photos, ws, model=Colours(), batch_size=8).run_id
    for state in sorted(kept.iterdir()):
        assert wrong_now(state) == []
        shown = Workspace.open(state)
        assert shown.run_id in (before, after)
        assert len(shown.items()) == (21 if shown.run_id == before else 22)
