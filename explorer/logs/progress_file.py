"""How far a run is, in a file of the workspace, for an app that waits for the first findings."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "progress.json"
EVERY: Final = 0.5  # s between two writes
UNITS: Final = {  # what each stage counts
    "draw": "pictures",
    "scan": "files",
    "embed": "images",
    "first findings": "images",
    "cluster": "images",
    "rank": "labels",
    "labels judged": "labels",
    "label errors": "folds",
    "looks": "files of thumbnails",
    "outliers": "labels",
    "slices": "labels",
    "words": "texts",
    "near-duplicates": "pictures",
}


@dataclass(frozen=True, slots=True)
class Told:
    """How far a run is: ``rate`` is what it does a second, or None where it is not known yet.

    ``age`` is the seconds since the run was heard of last.
    """

    stage: str
    done: int
    total: int
    rate: float | None = None
    age: float = 0.0


class ProgressFile:
    """Takes note of progress in a workspace, now and then; ``close`` removes the file."""

    def __init__(self, workspace: Path) -> None:
        self._file = workspace / FILE
        self._stage = ""
        self._began = self._wrote = 0.0
        self._first = 0

    def __call__(self, done: int, total: int, what: str) -> None:
        """Take note that ``done`` of ``total`` are done of the stage ``what``."""
        now = time.monotonic()
        if what != self._stage:
            self._stage, self._began, self._first, self._wrote = what, now, done, 0.0
        if now - self._wrote < EVERY or not self._file.parent.is_dir():
            return
        self._wrote = now
        seconds = now - self._began
        rate = (done - self._first) / seconds if seconds > EVERY and done > self._first else None
        told = {"stage": what, "done": done, "total": total, "rate": rate}
        part = self._file.with_suffix(".json.part")
        # A folder that can't be written, or a full disk, is told by the stage, in better words.
        with suppress(OSError):
            # renamed, not flushed: a reader sees the old or the new one, and no run resumes from it
            part.write_text(json.dumps(told), encoding="utf-8")
            part.replace(self._file)

    def close(self) -> None:
        """Remove the file: nothing is under way any more."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def read_progress(workspace: Path) -> Told | None:
    """Return how far the run at work on this workspace is; None where none is heard of."""
    file = workspace / FILE
    try:
        age = max(0.0, time.time() - file.stat().st_mtime)
        told = json.loads(file.read_text(encoding="utf-8"))
        rate = None if told["rate"] is None else float(told["rate"])
        return Told(str(told["stage"]), int(told["done"]), int(told["total"]), rate, age)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def duration(seconds: float) -> str:
    """Say a time as a person would: 8 s, 3 min, 1 h 20 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
