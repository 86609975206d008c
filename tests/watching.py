"""Processes that can't leave this machine, and say where they tried to go.

Python tells its audit hooks of each name that is looked up and each connection (PEP 578). Native
code that opens sockets by itself is not seen by them.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WATCH = """
import os, sys

LOCAL = {None, "", b"", "0.0.0.0", "::", "localhost", "127.0.0.1", "::1",
         b"localhost", b"127.0.0.1", b"::1"}
WAYS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
        "socket.gethostbyname", "socket.gethostbyaddr"}

def watch(event, given):
    if event not in WAYS:
        return
    where = given[0] if event.startswith("socket.get") else given[1]
    host = where[0] if isinstance(where, tuple) else where
    if isinstance(where, str) and where.startswith(("/", "\\0")):  # a socket of this machine
        return
    if host not in LOCAL:
        with open(os.environ["ROSETTE_WATCHED"], "a") as file:
            file.write(f"{event} {host!r}\\n")
        raise OSError(f"{event} {host!r}: nothing may leave this machine")

sys.addaudithook(watch)
"""


def watched(folder: Path) -> tuple[dict[str, str], Path]:
    """Return the environment of such a process, and the file that names where it tried to go."""
    (folder / "watch").mkdir(parents=True)
    (folder / "watch" / "sitecustomize.py").write_text(WATCH)
    tried = folder / "tried"
    path = f"{folder / 'watch'}{os.pathsep}{ROOT}"
    return {**os.environ, "PYTHONPATH": path, "ROSETTE_WATCHED": str(tried)}, tried
