"""How a command ends: exit codes, one line that says what was wrong, SIGTERM as Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Final

import typer
from typer.exceptions import TyperException

from embeddings.errors import RosetteError, UsageError
from explorer.plain_text import printable

STOPPED: Final = 130  # 128 + SIGINT, as shells have it
TERMINATED: Final = 143  # 128 + SIGTERM


class Terminated(BaseException):
    """Somebody asked the process to end; everything that is held is let go on the way out."""


@contextmanager
def sigterm_raises() -> Iterator[None]:
    """Have SIGTERM raise :class:`Terminated` within the block, where the main thread runs it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets only the main thread set this
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def exit_code(app: typer.Typer, given: list[str]) -> int:
    """Run a command and say how it ended; with ``--debug`` an error is raised as it is.

    Commands find the ``ExitStack`` that holds their log as the context's object.
    """
    debug = "--debug" in given
    given = ["--debug", *(a for a in given if a != "--debug")] if debug else given
    try:
        with sigterm_raises(), ExitStack() as logs:
            code = app(args=given, prog_name="rosette", standalone_mode=False, obj=logs)
    except (typer.Abort, KeyboardInterrupt):
        code = STOPPED
    except Terminated:
        code = TERMINATED
    except Exception as error:
        if debug:
            raise
        code = fail(error)
    if code in (STOPPED, TERMINATED):  # typer makes a code of Ctrl-C
        typer.echo("\nStopped. Run the same command again to go on.", err=True)
    return code if isinstance(code, int) else 0


def fail(error: Exception) -> int:
    """Say an error in one line; what is neither ours nor the command's is a bug, and said so."""
    if isinstance(error, TyperException):
        said = printable(getattr(error, "message", "") or error).rstrip(".")
        typer.echo(f"rosette: {said}. See rosette --help.", err=True)
        return 2
    if isinstance(error, RosetteError):
        typer.echo(f"rosette: {printable(error)}", err=True)
        return 2 if isinstance(error, UsageError) else 1
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        reason = error.strerror or type(error).__name__
        typer.echo(f"rosette: {printable(reason)}{printable(where)}.", err=True)
        return 1
    typer.echo(
        f"rosette: a fault of the program: {type(error).__name__}: {printable(error)}. "
        "Run again with --debug and report what it says.",
        err=True,
    )
    return 1
