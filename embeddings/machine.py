"""What this machine says to a process, cores and user, and what a process asks of Python."""

from __future__ import annotations

import gc
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager


def usable_cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def logged_in() -> str:
    """Return the name of whoever runs this."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may know no name
        return "reviewer"


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's collector of reference cycles from running.

    For reading millions of rows, which makes many objects and no cycle: the collector goes through
    all of them again and again, and takes a third of the time there, more with more rows. Objects
    without references go all the same.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
