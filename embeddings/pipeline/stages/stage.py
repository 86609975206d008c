"""The frame of every stage: the lock, the log, and errors of the machine in plain words."""

from __future__ import annotations

import errno
import logging
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from embeddings.errors import MachineError, RosetteError, WorkspaceError
from embeddings.storage import drop_parts, lock_folder

log = logging.getLogger(__name__)

# The workspace that this thread's run holds: its stages need not lock it again.
_HELD: ContextVar[Path | None] = ContextVar("held", default=None)

GO_ON: Final = "What is done stays; the same command goes on from there."
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_OURS: Final = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextmanager
def held(workspace: str | Path) -> Iterator[None]:
    """Hold a workspace for the stages within the block, so that no other run comes in between.

    Raises
    ------
    WorkspaceError
        Another process holds it, or it can't be written.
    """
    path = Path(workspace)
    with ExitStack() as stack:
        if _HELD.get() != path:
            with _in_plain_words(path, "lock"):
                stack.enter_context(lock_folder(path))
                drop_parts(path)
        before = _HELD.set(path)
        try:
            yield
        finally:
            _HELD.reset(before)


@contextmanager
def stage(workspace: str | Path, name: str) -> Iterator[None]:
    """Hold a workspace for one stage, and log when it begins and how it ends.

    Raises
    ------
    WorkspaceError
        Another process holds the workspace, its disk is full, or it can't be written.
    MachineError
        There was not enough memory, or a process that worked for the stage died.
    """
    path = Path(workspace)
    with held(path):
        began = time.monotonic()
        log.info("stage.begin", extra={"fields": {"stage": name}})
        try:
            with _in_plain_words(path, name):
                yield
        except BaseException as error:
            _ended("stage.stopped", name, began, error=type(error).__name__)
            raise
        _ended("stage.end", name, began)


def _ended(event: str, name: str, began: float, **more: str) -> None:
    seconds = round(time.monotonic() - began, 3)
    fields = {"stage": name, "seconds": seconds, "peak_mb": _peak_mb(), **more}
    log.info(event, extra={"fields": fields})


@contextmanager
def _in_plain_words(path: Path, name: str) -> Iterator[None]:
    try:
        yield
    except RosetteError:
        raise
    except MemoryError as error:
        raise MachineError(
            f"The stage {name} ran out of memory.",
            hint=f"Close other programs, or give it a machine with more. {GO_ON}",
        ) from error
    except BrokenExecutor as error:
        raise MachineError(
            f"A process that worked for the stage {name} died, most likely for want of memory.",
            hint=f"Close other programs, or give it a machine with more. {GO_ON}",
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise WorkspaceError(
                f"The disk is full; the stage {name} could not write to {path}.",
                hint=f"Make room on it. {GO_ON}",
            ) from error
        if error.errno in _NOT_OURS and _concerns(error, path):
            raise WorkspaceError(
                f"{path} can't be written ({error.strerror}).",
                hint="Check its rights, or choose another with -w. To look only: `rosette open`.",
            ) from error
        raise


def _concerns(error: OSError, path: Path) -> bool:
    """Whether an error is about the workspace rather than about the data set."""
    names = [Path(str(name)) for name in (error.filename, error.filename2) if name is not None]
    return not names or any(n == path or path in n.parents or n in path.parents for n in names)


def _peak_mb() -> int:
    """Return the most memory that this process ever had, in MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 2**20 if sys.platform == "darwin" else peak // 2**10
