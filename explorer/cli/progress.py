"""Progress in the terminal: what, how far, how fast, how long to go."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final, TextIO

from explorer.logs import UNITS, duration

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

EVERY_TERMINAL: Final = 0.1  # s between two updates of a bar
EVERY_LOG: Final = 15.0  # s between two lines where output is no terminal


class TerminalProgress:
    """A bar per stage in a terminal; now and then a line elsewhere.

    ``close`` gives the terminal back where a stage was stopped in the middle.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr  # as it is now, not as it was when this was imported
        self._bar = _Bar(self._out) if self._out.isatty() else None
        self._what = ""
        self._started = self._said = 0.0
        self._first = 0

    def __call__(self, done: int, total: int, what: str) -> None:
        """Take note that ``done`` of ``total`` are done of the stage ``what``."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._started, self._first, self._said = what, now, done, 0.0
        every = EVERY_TERMINAL if self._bar else EVERY_LOG
        if done < total and now - self._said < every:
            return
        if done >= total and self._said < 0:
            return  # the end was said
        told = self._told(done, total, now - self._started)
        self._said = -1.0 if done >= total else now
        if self._bar:
            self._bar.show(what, done, total, told)
        elif done or total == 0:
            self._out.write(f"{what:>8}  {told}\n")
            self._out.flush()

    def close(self) -> None:
        """Leave the bar as it stands, and begin a new line."""
        if self._bar:
            self._bar.end()

    def _told(self, done: int, total: int, seconds: float) -> str:
        unit = UNITS.get(self._what, "done")
        text = f"{done:,} of {total:,} {unit}"
        made = done - self._first
        if made > 0 and seconds > 0.5:
            rate = made / seconds
            text += f"  {rate:,.0f}/s" if rate >= 10 else f"  {rate:.1f}/s"
            if done < total:
                text += f"  {duration((total - done) / rate)} left"
            else:
                text += f"  in {duration(seconds)}"
        return text


class _Bar:
    """One bar of ``rich`` after the other; drawn when told to, by no thread of its own."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._what = ""
        self._shown: tuple[Progress, TaskID] | None = None

    def show(self, what: str, done: int, total: int, told: str) -> None:
        """Draw the bar of a stage; one that is done stays."""
        if self._shown is None or what != self._what:
            self.end()
            self._what, self._shown = what, self._begun(what)
        progress, task = self._shown
        progress.update(task, completed=done, total=max(total, 1), told=told, refresh=True)
        if done >= total:
            self.end()

    def end(self) -> None:
        """Begin a new line below the bar."""
        if self._shown is not None:
            self._shown[0].stop()
            self._shown = None

    def _begun(self, what: str) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        progress = Progress(
            # what is told may hold anything, so none of it is read as markup
            TextColumn("{task.description:>8}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[told]}", markup=False),
            console=Console(file=self._out, highlight=False),
            auto_refresh=False,
        )
        task = progress.add_task(what, total=None, told="")
        progress.start()
        return progress, task
