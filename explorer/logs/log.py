"""The log of a workspace: one JSON object a line, bounded in size and rate, with nothing private.

``<workspace>/logs/rosette.log`` holds ``time`` (UTC), ``level``, ``event``, ``session`` (one start
of the program), ``run`` (the run that the workspace shows) and what belongs to the event. The
library writes by ``logging.getLogger(__name__)``, with ``extra={"fields": {…}}`` for what belongs
to an event; only the command line sets anything up, here.

What is kept out: paths beyond the data set and the workspace, the user's name, users and passwords
of databases, tokens, and the messages of errors that are not ours, which may hold anything.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from embeddings.errors import RosetteError, WorkspaceError
from embeddings.storage import LOCK_FILE
from embeddings.workspace import INFO_FILE, Workspace
from explorer.logs.masking import Mask

FOLDER: Final = "logs"
FILE: Final = "rosette.log"
MOST_BYTES: Final = 1_000_000  # of one file
KEPT: Final = 3  # older files beside it
BURST: Final = 200  # lines of one level at once
PER_SECOND: Final = 5.0  # lines of one level in the long run
LONGEST: Final = 500  # characters of one text
MOST_FRAMES: Final = 12
LOGGERS: Final = ("embeddings", "explorer", "waitress")

Monotonic = Callable[[], float]


def log_file(workspace: Path) -> Path:
    """Return where the log of a workspace lies."""
    return workspace / FOLDER / FILE


class RateLimit:
    """Lets ``BURST`` lines of a level through at once, then ``PER_SECOND``; counts the others."""

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._left: dict[int, tuple[float, float]] = {}
        self.dropped = 0

    def __call__(self, level: int) -> bool:
        """Say whether a line of this level may be written now."""
        now = self._monotonic()
        left, since = self._left.get(level, (float(BURST), now))
        left = min(float(BURST), left + (now - since) * PER_SECOND)
        passes = left >= 1
        self._left[level] = (left - 1 if passes else left, now)
        self.dropped += not passes
        return passes


class WorkspaceLog(logging.Handler):
    """Writes records to the log of a workspace. Several processes may write to one log.

    The file is opened for each line, so that a line is never written to a file that another
    process has just put aside. If the log can't be written, that is said once and the work goes on.

    Parameters
    ----------
    workspace
        The folder; it must be there when the first line comes.
    command
        What was started, as ``run``.
    say
        Called once with a message if the log can't be written.
    """

    def __init__(
        self,
        workspace: Path,
        command: str,
        *,
        say: Callable[[str], None],
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        super().__init__(logging.INFO)
        self._workspace, self._command, self._say = workspace, command, say
        self._file = log_file(workspace)
        self._session = secrets.token_hex(4)
        self._mask = Mask(workspace, others=[a for a in sys.argv[1:] if os.sep in a])
        self._passes = RateLimit(monotonic)
        self._run = ""
        self._begun = self._broken = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, unless there were too many."""
        if not (self._begun or self._is_workspace()) or not self._passes(record.levelno):
            return
        told = content(record)
        self._run = str(told.pop("run", self._run or run_of(self._workspace)))
        lines = [self._line(record.levelname, **told)]
        if self._passes.dropped:
            lines.insert(0, self._line("WARNING", event="log.dropped", lines=self._passes.dropped))
            self._passes.dropped = 0
        try:
            if not self._begun:
                self._file.parent.mkdir(exist_ok=True)
                lines.insert(0, self._line("INFO", **self._first()))
                self._begun = True
            text = "".join(lines).encode()
            self._make_room(len(text))
            with self._file.open("ab") as handle:
                handle.write(text)
        except OSError as error:
            if not self._broken and record.name != __name__:  # a command that failed says why
                self._broken = True
                self._say(f"No log is kept: {error.strerror or type(error).__name__}.")

    def _is_workspace(self) -> bool:
        return any((self._workspace / name).is_file() for name in (INFO_FILE, LOCK_FILE))

    def _first(self) -> dict[str, Any]:
        from importlib.metadata import version

        return {
            "event": "session.begin",
            "command": self._command,
            "version": version("rosette-explorer"),
            "python": platform.python_version(),
            "system": platform.platform(),
            "pid": os.getpid(),
        }

    def _line(self, level: str, **fields: Any) -> str:
        head = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": level.lower(),
            "event": fields.pop("event"),
            "session": self._session,
            "run": self._run,
        }
        masked = {name: self._clean(value) for name, value in fields.items()}
        return json.dumps(head | masked, ensure_ascii=True, default=str) + "\n"

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            said = self._mask(value)
            return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
        if isinstance(value, list | tuple):
            return [self._clean(v) for v in value]
        return value

    def _make_room(self, size: int) -> None:
        """Put the file aside when it is full; the oldest is dropped."""
        if not self._is_full(size):
            return
        import fcntl

        with (self._file.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._is_full(size):  # another process was faster
                return
            names = [self._file, *(self._file.with_name(f"{FILE}.{n + 1}") for n in range(KEPT))]
            for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
                if newer.is_file():
                    newer.replace(older)

    def _is_full(self, size: int) -> bool:
        try:
            return self._file.stat().st_size + size > MOST_BYTES
        except FileNotFoundError:
            return False


def run_of(workspace: Path) -> str:
    """Return the run that a workspace shows, or "" where there is none yet."""
    try:
        return Workspace.open(workspace).info.run_id or ""
    except (WorkspaceError, OSError):
        return ""


def content(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be logged of a record: the event, its fields, where it failed."""
    fields = getattr(record, "fields", None)
    told: dict[str, Any] = {"event": "message", "logger": record.name}
    if isinstance(fields, dict) or record.name == __name__:
        told = {"event": record.getMessage(), **(fields or {})}
    elif not record.exc_info:  # with a fault, other code puts the address into the message
        told["message"] = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        told |= {"event": "fault"} if told["event"] == "message" else {}
        told |= fault(record.exc_info[1])
    return told


def fault(error: BaseException) -> dict[str, Any]:
    """Return an error's kind and where it was raised; its message only where it is ours."""
    told: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, RosetteError):
        told["words"] = error.message
    elif isinstance(error, OSError):
        told["words"] = error.strerror or ""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    told["at"] = [f"{_module(f.filename)}:{f.lineno} {f.name}" for f in frames]
    return told


def _module(file: str) -> str:
    """Return the end of a source file's path: enough to find it, nothing about the machine."""
    for part in ("site-packages/", "embeddings/", "explorer/"):
        if (found := file.rfind(f"/{part}")) >= 0:
            return file[found + 1 :].removeprefix("site-packages/")
    return Path(file).name


@contextmanager
def logged(workspace: Path, command: str) -> Iterator[None]:
    """Log to the workspace while the block runs, and how it ends; warnings go to the terminal too.

    Nothing is written to a folder before it is a workspace, or a stage makes one of it.
    """

    def say(words: str) -> None:
        print(f"rosette: {words}", file=sys.stderr)

    kept = WorkspaceLog(workspace, command, say=say)
    with _handling(kept, _terminal()):
        try:
            yield
        except BaseException as error:
            # to the file only: the code that catches it prints one line to the terminal
            kept.handle(_record("command.stopped", error))
            raise
        kept.handle(_record("command.end", None))


def _terminal() -> logging.Handler:
    """Return a handler for warnings and worse that come from the server while it runs."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    passes = RateLimit()
    handler.addFilter(lambda record: passes(record.levelno))
    return handler


@contextmanager
def _handling(*handlers: logging.Handler) -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
            for handler in handlers:
                logger.removeHandler(handler)


def _record(event: str, error: BaseException | None) -> logging.LogRecord:
    told = (type(error), error, error.__traceback__) if error is not None else None
    level = logging.ERROR if isinstance(error, Exception) else logging.INFO
    return logging.LogRecord(__name__, level, __file__, 0, event, None, told)
