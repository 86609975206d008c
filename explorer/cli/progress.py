"""Progress in the terminal: what, how far, how fast, how long to go."""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

UNITS: Final = {
    "draw": "pictures",
    "scan": "files",
    "embed": "images",
    "cluster": "images",
    "rank": "labels",
    "labels judged": "labels",
    "label errors": "folds",
    "looks": "files of thumbnails",
    "outliers": "labels",
    "near-duplicates": "pictures",
}
EVERY_TERMINAL: Final = 0.1  # s between two updates of one line
EVERY_LOG: Final = 15.0  # s between two lines where output is no terminal


class TerminalProgress:
    """One line per stage, rewritten in a terminal; now and then a line elsewhere."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr  # as it is now, not as it was when this was imported
        self._terminal = self._out.isatty()
        self._what = ""
        self._started = self._said = 0.0
        self._first = 0

    def __call__(self, done: int, total: int, what: str) -> None:
        """Take note that ``done`` of ``total`` are done of the stage ``what``."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._started, self._first, self._said = what, now, done, 0.0
        every = EVERY_TERMINAL if self._terminal else EVERY_LOG
        if done < total and now - self._said < every:
            return
        if done >= total and self._said < 0:
            return  # the end was said
        line = self._line(done, total, now - self._started)
        self._said = -1.0 if done >= total else now
        if self._terminal:
            end = "\n" if done >= total else ""
            self._out.write(f"\r\x1b[2K{line}{end}")
        elif done or total == 0:
            self._out.write(f"{line}\n")
        self._out.flush()

    def _line(self, done: int, total: int, seconds: float) -> str:
        unit = UNITS.get(self._what, "done")
        text = f"{self._what:>8}  {done:,} of {total:,} {unit}"
        made = done - self._first
        if made > 0 and seconds > 0.5:
            rate = made / seconds
            text += f"  {rate:,.0f}/s" if rate >= 10 else f"  {rate:.1f}/s"
            if done < total:
                text += f"  {duration((total - done) / rate)} left"
            else:
                text += f"  in {duration(seconds)}"
        return text


def duration(seconds: float) -> str:
    """Say a time as a person would: 8 s, 3 min, 1 h 20 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
