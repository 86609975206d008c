"""Production server (waitress) with limits for idle, slow and many connections.

Waitress reads all connections in one thread and hands whole requests to others, so that a slow
client holds no thread. By itself it accepts 100 connections and then no others, and waits two
minutes for each. Here the least active connection is closed for a new one, one client may have a
share of them, and a request must arrive within a time limit. The figures are in SECURITY.md.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from explorer.security import network

THREADS: Final = 8
_LOOK_EVERY: Final = 5  # s
_NO_LIMIT: Final = 1 << 30  # of waitress's own, which stops accepting
_OTHER_FILES: Final = 64  # that the process has open beside its connections


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server.

    Parameters
    ----------
    total
        Connections at once; for one more, the one that does least is closed.
    per_client
        Of them from one IPv4 address or IPv6 /64; None behind a proxy, which is one address.
    head_s
        Seconds for a request's head to arrive, also for the first of a new connection.
    body_s
        Seconds for a whole request to arrive.
    idle_s
        Seconds that a connection is kept after an answer.
    stalled_s
        Seconds after which a client that takes no bytes of an answer is closed.
    """

    total: int = 512
    per_client: int | None = 64
    head_s: float = 15
    body_s: float = 300
    idle_s: float = 60
    stalled_s: float = 60


class StrictParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Refuses a request with two lengths: a proxy may use the other one."""

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head of a request; RFC 9112, 6.3: both lengths are an attempt at smuggling.

        Raises
        ------
        ParsingError
            It is answered with 400, and the connection closed.
        """
        super().parse_header(header_plus)
        codings = self.chunked or "TRANSFER_ENCODING" in self.headers  # kept in HTTP/1.0
        if codings and ("CONTENT_LENGTH" in self.headers or self.version == "1.0"):
            raise ParsingError("Content-Length and Transfer-Encoding together")


class Connection(HTTPChannel):  # type: ignore[misc]
    """One connection, which measures how long the server waits for it."""

    parser_class = StrictParser
    answered = 0

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        super().__init__(server, sock, addr, adj, map=map)
        self.client = network(str(addr[0]))
        self.began = self.creation_time

    def received(self, data: bytes) -> bool:
        """Take in some bytes; the first of a request start its time."""
        if self.request is None and not self.requests:
            self.began = time.time()
        return bool(super().received(data))

    def service(self) -> None:
        """Answer a request, in a thread."""
        self.answered += 1  # before, so that no look right after finds one that never asked
        super().service()
        self.began = time.time()

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered, or an answer sent."""
        return bool(self.requests or self.total_outbufs_len)

    def overdue(self, now: float, limits: Limits) -> bool:
        """Whether its time limit is over."""
        if self.total_outbufs_len:
            return bool(now - self.last_activity > limits.stalled_s)
        if self.requests:
            return False
        if self.request is not None and self.request.headers_finished:
            return bool(now - self.began > limits.body_s)
        if self.request is None and self.answered:
            return bool(now - self.began > limits.idle_s)
        return bool(now - self.began > limits.head_s)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Waitress with limits; made by :func:`make_server`."""

    channel_class = Connection

    def __init__(self, *args: Any, limits: Limits, **more: Any) -> None:
        self.limits = limits
        super().__init__(*args, **more)

    def handle_accept(self) -> None:
        """Accept a connection, and make room for it."""
        super().handle_accept()
        held: list[Connection] = list(self.active_channels.values())
        if not held:
            return
        newest = max(held, key=lambda one: one.creation_time)
        share = self.limits.per_client
        mine = [one for one in held if one.client == newest.client]
        if share is not None and len(mine) > share:
            _least(mine, newest).handle_close()
        elif len(held) > self.limits.total:
            _least(held, newest).handle_close()

    def maintenance(self, now: float) -> None:
        """Close the connections whose time limit is over."""
        for one in list(self.active_channels.values()):
            if one.overdue(now, self.limits):
                one.handle_close()

    def stop(self) -> None:
        """End ``run()``, which goes on in another thread, and the threads that answered."""
        # it runs in that thread, which may have done so, and closed the trigger, before it is woken
        with suppress(OSError):
            self.trigger.pull_trigger(self.close)
        self.task_dispatcher.shutdown()

    def close(self) -> None:
        """Stop listening, and let go of all connections."""
        for one in list(self.active_channels.values()):
            one.handle_close()
        super().close()


def _least(held: Iterable[Connection], newest: Connection) -> Connection:
    """Return the connection to close: one without a request, else the least recent; none busy."""
    idle = [one for one in held if not one.is_busy and one is not newest]
    return min(idle, key=lambda one: (one.answered > 0, one.began), default=newest)


def make_server(
    app: Callable[..., Any],
    sock: socket.socket,
    *,
    max_body: int,
    behind_proxy: bool,
    limits: Limits | None = None,
) -> Server:
    """Make a server on a bound socket; its ``run()`` serves until it is closed.

    Parameters
    ----------
    max_body
        Bytes of a request's body; of more, 413 is answered and the connection closed.
    behind_proxy
        Whether one proxy stands before it: its headers are kept, and it has no share of its own.
    """
    limits = limits or Limits(per_client=None if behind_proxy else Limits().per_client)
    adjustments = Adjustments(
        sockets=[sock],
        threads=THREADS,
        ident=None,
        max_request_body_size=max_body,
        clear_untrusted_proxy_headers=not behind_proxy,
        asyncore_use_poll=hasattr(select, "poll"),  # select() knows no file beyond the 1,024th
        connection_limit=_NO_LIMIT,
        cleanup_interval=_LOOK_EVERY,
        channel_timeout=_NO_LIMIT,
    )
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(THREADS)
    return Server(
        app,
        {},
        True,
        sock,
        dispatcher=dispatcher,
        adj=adjustments,
        sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
        bind_socket=False,
        limits=_bearable(limits),
    )


def _bearable(limits: Limits) -> Limits:
    """Lower the connections to what this process may have open."""
    try:
        import resource
    except ImportError:  # Windows
        return limits
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return limits
    return replace(limits, total=max(16, min(limits.total, soft - _OTHER_FILES)))
