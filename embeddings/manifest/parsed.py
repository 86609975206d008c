"""Contents of files that were parsed to see what they are, so that none is parsed twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


class Parsed:
    """What was parsed and not used yet, by its path.

    A file is looked at to tell its format, and its content taken by the reader of that format. What
    is taken is not kept, since an annotation file may be gigabytes.
    """

    def __init__(self) -> None:
        self._kept: dict[Path, Any] = {}

    def look(self, path: Path, parse: Callable[[Path], Any]) -> Any:
        """Return the content of a file, and keep it for whoever takes it."""
        if path not in self._kept:
            self._kept[path] = parse(path)
        return self._kept[path]

    def take(self, path: Path, parse: Callable[[Path], Any]) -> Any:
        """Return the content of a file, kept or else parsed now, and forget it."""
        return self._kept.pop(path) if path in self._kept else parse(path)

    def drop(self) -> None:
        """Forget everything that was looked at."""
        self._kept.clear()
