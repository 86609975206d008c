"""Writing whole files, one writer at a time."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from embeddings.errors import WorkspaceError
from embeddings.storage import atomic_path, lock_folder, write_text


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError, match="half way"), atomic_path(target) as part:
        part.write_text("new", encoding="utf-8")
        raise RuntimeError("half way")
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with lock_folder(tmp_path), pytest.raises(WorkspaceError, match="Another run"):
        with lock_folder(tmp_path):
            pass


def test_a_dead_process_holds_no_lock(tmp_path: Path) -> None:
    code = textwrap.dedent(
        f"""
        import os, pathlib
        from embeddings.storage import lock_folder
        with lock_folder(pathlib.Path({str(tmp_path)!r})):
            os.kill(os.getpid(), 9)
        """
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -9
    with lock_folder(tmp_path):
        pass
