"""What commands share: the log of their workspace, and progress in the terminal."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from embeddings.records import Progress
    from explorer.cli.progress import TerminalProgress


def log_to(context: typer.Context, workspace: Path) -> None:
    """Log to the workspace until the command ends; ``main`` closes the log, and sees errors."""
    from explorer.logs import logged

    stack = context.find_object(ExitStack)
    if stack is not None:
        stack.enter_context(logged(workspace, str(context.info_name)))


def progress(context: typer.Context) -> TerminalProgress:
    """Return what shows progress in the terminal until the command ends."""
    from explorer.cli.progress import TerminalProgress

    shown = TerminalProgress()
    stack = context.find_object(ExitStack)
    if stack is not None:
        stack.callback(shown.close)
    return shown


def progress_of(context: typer.Context, workspace: Path) -> Progress:
    """Return what shows progress in the terminal, and tells an app that waits of it."""
    from explorer.logs import ProgressFile

    shown, told = progress(context), ProgressFile(workspace)
    stack = context.find_object(ExitStack)
    if stack is not None:
        stack.callback(told.close)

    def both(done: int, total: int, what: str) -> None:
        shown(done, total, what)
        told(done, total, what)

    return both
