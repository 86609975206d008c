"""Atomic writes of text files and whole folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from embeddings.errors import UsageError
from embeddings.storage import atomic_path


@contextmanager
def text_file(target: Path) -> Iterator[TextIO]:
    r"""Open a text file to write as UTF-8, ``\n`` as it is, that appears when the block ends well.

    Half a surrogate pair, which UTF-8 can't hold, is spelt out (in JSON that is its escape).
    """
    with (
        atomic_path(target) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream,
    ):
        yield stream


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to fill that becomes ``target`` when the block ends well.

    A block that raises leaves nothing behind.

    Raises
    ------
    UsageError
        ``target`` holds something already.
    """
    target = target.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is not empty.", hint="Choose a folder that is not there yet.")
    with _part_of(target) as part:
        yield part
        part.replace(target)


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Like ``new_folder``, but replaces what an earlier export wrote there."""
    target = target.resolve()
    with _part_of(target) as part:
        yield part
        if target.exists():
            old = target.with_name(f".{target.name}.old")
            shutil.rmtree(old, ignore_errors=True)
            target.replace(old)
            part.replace(target)
            shutil.rmtree(old)
        else:
            part.replace(target)


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    part = target.with_name(f".{target.name}.part")
    if part.exists():  # of an export that was killed
        shutil.rmtree(part)
    part.mkdir(parents=True)
    try:
        yield part
    finally:
        if part.exists():
            shutil.rmtree(part)
