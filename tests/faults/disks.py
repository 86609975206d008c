"""Disks that give up: small ones, and such as can't be written. Mounted where that is allowed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*arguments: str) -> bool:
    try:
        done = subprocess.run(["mount", *arguments], check=False, capture_output=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Make a folder one that can't be written while the block runs.

    Rights do not stop root, so root has it mounted over itself, read-only.
    """
    if os.geteuid() != 0:
        inside = [folder, *(p for p in folder.rglob("*") if not p.is_symlink())]
        modes = {p: p.stat().st_mode for p in inside}
        for path in reversed(inside):
            path.chmod(modes[path] & 0o555)
        try:
            yield folder
        finally:
            for path in inside:
                path.chmod(modes[path])
        return
    if not _mount("--bind", str(folder), str(folder)):
        pytest.skip("root, and mounting is not allowed here")
    try:
        if not _mount("-o", "remount,ro,bind", str(folder)):
            pytest.skip("root, and mounting read-only is not allowed here")
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Mount a disk of so many KB at a folder, made for it."""
    folder.mkdir()
    if os.geteuid() != 0 or not _mount(
        "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)
    ):
        pytest.skip("mounting a small disk is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
