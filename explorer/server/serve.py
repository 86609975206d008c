"""Serve the app with the production server: find a port, start, run, stop."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
import threading
import webbrowser
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, cast
from wsgiref.types import WSGIApplication

from embeddings.errors import RosetteError
from embeddings.machine import logged_in
from explorer.security import Policy, policy_for

log = logging.getLogger(__name__)


def bind(host: str, port: int, tries: int = 20) -> socket.socket:
    """Return a bound socket at ``port``, or at the next free one where it is in use.

    Raises
    ------
    RosetteError
        No port could be had at this address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + tries, 65536)):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, candidate))
        except OSError as error:
            sock.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise RosetteError(
                    f"Can't serve at {host} ({error.strerror}).", hint="Choose another --host."
                ) from error
            continue
        return sock
    raise RosetteError(f"No free port from {port} on.", hint="Choose another --port.")


def start(
    workspace: Path,
    *,
    host: str,
    port: int = 0,
    store: str | None = None,
    reviewer: str = "",
    against: Path | None = None,
    policy: Policy | None = None,
    warm: bool = False,
    wait: bool = False,
    sock: socket.socket | None = None,
) -> tuple[Any, str]:
    """Make a server over ``workspace``, bound but not running yet.

    ``sock`` is bound already (:func:`bind`), where the port had to be known before. ``warm`` reads
    in the background what the first pages need, while the rest is imported. With ``wait`` the
    workspace need not be there yet: until there are findings, a page says how far the run is.

    Returns
    -------
    The server, whose ``run()`` serves until it is closed, and its address, with the token where
    one has to be shown.
    """
    from explorer.server.connections import make_server
    from explorer.server.waiting import Waiting

    rules = policy or policy_for(host)
    make = partial(_app, workspace, rules, store, reviewer, against, warm=warm)
    app = Waiting(workspace, rules, make) if wait else make()
    sock = sock or bind(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{sock.getsockname()[1]}{rules.prefix}/"
    if rules.token is not None:
        url += f"?token={rules.token}"
    most = rules.max_body + 1  # one more, so that the app itself answers a body that is too large
    server = make_server(app, sock, max_body=most, behind_proxy=rules.behind_proxy)
    return server, url


def _app(
    workspace: Path,
    rules: Policy,
    store: str | None,
    reviewer: str,
    against: Path | None,
    *,
    warm: bool,
) -> WSGIApplication:
    """Make the app over a workspace that has findings."""
    from explorer.data import Dataset

    dataset = Dataset(workspace, keeps_index=not rules.read_only)
    if warm:
        threading.Thread(target=dataset.warm_up, name="warm-up", daemon=True).start()
    from embeddings.decisions import open_store
    from explorer.data import Decisions, Services
    from explorer.server.app import create_app

    kept = open_store(store or workspace, resolve=False, read_only=rules.read_only)
    if kept.read_only and not rules.read_only:
        log.warning("%s can't be written: you can look at it, and decide nothing.", workspace)
        rules = replace(rules, read_only=True)
    decisions = Decisions(dataset, kept)
    compared = str(against) if against else ""
    made = create_app(Services(dataset, decisions, reviewer or logged_in(), compared), rules)
    return cast(WSGIApplication, made.server)


def serve(
    workspace: Path,
    *,
    host: str,
    port: int,
    browser: bool,
    store: str | None = None,
    reviewer: str = "",
    against: Path | None = None,
    policy: Policy | None = None,
    wait: bool = False,
) -> None:
    """Serve the app over ``workspace`` until Ctrl-C or SIGTERM.

    With ``wait`` also before there are findings. ``store`` is where decisions are kept, by default
    in the workspace; ``reviewer`` who makes them, by default whoever is logged in; ``against`` a
    workspace that the page Changes compares with.
    """
    from threadpoolctl import threadpool_limits

    # A browser asks for six pictures at once; a request that waits for a thread is no warning.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server, url = start(
        workspace,
        host=host,
        port=port,
        store=store,
        reviewer=reviewer,
        against=against,
        policy=policy,
        warm=True,
        wait=wait,
    )

    # Requests run side by side already; splitting the small products of each among all cores
    # costs CPU time (docs/speed.md). It holds for the libraries that are loaded by now.
    threadpool_limits(1, user_api="blas")

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    if port and f":{port}/" not in url:
        print(f"Port {port} is in use.", file=sys.stderr)
    print(f"Rosette is at {url}  (Ctrl-C stops it)", flush=True)
    if browser:
        # without the token: other users of this machine can see the command line of the browser
        threading.Timer(0.3, webbrowser.open, (url.partition("?")[0],)).start()
    try:
        server.run()
    finally:
        server.close()
