"""Idle, slow, greedy and forged connections do not stop a server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from waitress.channel import HTTPChannel

from explorer.server.connections import Connection, Limits, Server, make_server
from explorer.server.serve import bind

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
WAIT = 20  # s, at most


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@contextmanager
def served(limits: Limits | None = None, behind_proxy: bool = False) -> Iterator[Server]:
    sock = bind("127.0.0.1", 0)
    server = make_server(app, sock, max_body=1000, behind_proxy=behind_proxy, limits=limits)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(WAIT)
        assert not thread.is_alive()


@pytest.fixture
def server() -> Iterator[Server]:
    with served() as running:
        yield running


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.effective_port)), WAIT)


def told(sock: socket.socket, said: bytes = GET) -> bytes:
    """Send something, and return the answer; "" where the connection was closed."""
    answer = b""
    try:
        sock.sendall(said)
        while not answer.endswith(b"\r\n\r\nok") and (part := sock.recv(4096)):
            answer += part
    except ConnectionError:
        return b""
    return answer


def closed(sock: socket.socket) -> bool:
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True


def maintained(server: Server, seconds: float) -> None:
    """Have the server's own thread look at its connections, so many seconds from now."""
    import time

    done = threading.Event()

    def look() -> None:
        server.maintenance(time.time() + seconds)
        done.set()

    server.trigger.pull_trigger(look)
    assert done.wait(WAIT)


@pytest.mark.parametrize("idle", [101, 300])
def test_idle_strangers_do_not_stop_the_server(server: Server, idle: int) -> None:
    with ExitStack() as stack:
        for _ in range(idle):
            stack.enter_context(connect(server))
        mine = stack.enter_context(connect(server))
        assert told(mine).startswith(b"HTTP/1.1 200")
        # who asked keeps the connection, whoever else comes
        for _ in range(idle):
            stack.enter_context(connect(server))
        assert told(mine).startswith(b"HTTP/1.1 200")
        assert len(server.active_channels) <= 65


def test_of_all_clients_together_the_one_that_does_least_makes_room() -> None:
    with served(Limits(total=20, per_client=None)) as server, ExitStack() as stack:
        first = stack.enter_context(connect(server))
        assert told(first).startswith(b"HTTP/1.1 200")
        never_asked = stack.enter_context(connect(server))
        for _ in range(30):
            one = stack.enter_context(connect(server))
            assert told(one).startswith(b"HTTP/1.1 200")
        assert closed(never_asked)
        assert len(server.active_channels) <= 20


def test_a_proxy_is_many_clients() -> None:
    with served(behind_proxy=True) as server:
        assert server.limits.per_client is None


@pytest.mark.parametrize(
    ("sent", "seconds", "stays"),
    [
        (b"", 10, True),
        (b"", 20, False),
        (b"GET / HTTP/1.1\r\nHost: loc", 10, True),
        (b"GET / HTTP/1.1\r\nHost: loc", 20, False),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab", 20, True),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab", 400, False),
    ],
)
def test_a_request_has_a_time_in_which_to_arrive(
    server: Server, sent: bytes, seconds: float, stays: bool
) -> None:
    with connect(server) as slow, connect(server) as other:
        slow.sendall(sent)
        assert told(other).startswith(b"HTTP/1.1 200")  # so the other was heard before
        maintained(server, seconds)
        assert len(server.active_channels) == (2 if stays else 1) - (seconds > 60)


def test_who_hears_the_answer_is_counted_as_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    # the client may have the answer, and the server look at its time, before `service` returns
    counted: list[int] = []
    done, answer = threading.Event(), HTTPChannel.service

    def service(channel: Connection) -> None:
        answer(channel)
        counted.append(channel.answered)
        done.set()

    monkeypatch.setattr(HTTPChannel, "service", service)
    with served() as server, connect(server) as mine:
        told(mine)
        assert done.wait(WAIT)
    assert counted == [1]


def test_a_connection_is_kept_for_a_while_after_an_answer(server: Server) -> None:
    with connect(server) as one:
        assert told(one).startswith(b"HTTP/1.1 200")
        maintained(server, 30)
        assert told(one).startswith(b"HTTP/1.1 200")
        maintained(server, 90)
        assert closed(one)


def test_trickled_bytes_buy_no_time(server: Server) -> None:
    with connect(server) as slow:
        for part in (b"GET / HT", b"TP/1.1\r\nHo", b"st: a"):
            slow.sendall(part)
        with connect(server) as other:
            assert told(other).startswith(b"HTTP/1.1 200")
        maintained(server, 16)
        assert closed(slow)


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ],
)
def test_two_lengths_close_the_connection(server: Server, head: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    with connect(server) as one:
        answer = b""
        one.sendall(head + smuggled)
        while part := received(one):
            answer += part
        assert answer.count(b"HTTP/1.") == 1
        assert b" 400 " in answer.splitlines()[0]


def received(sock: socket.socket) -> bytes:
    try:
        return sock.recv(4096)
    except ConnectionError:
        return b""


def test_what_the_process_may_open_is_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda what: (256, 4096))
    with served() as server:
        assert server.limits.total == 192
