"""A small reverse proxy that shows a server below a path, as nginx would."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}  # RFC 9110, 7.6.1


@dataclass
class Proxy:
    """Where the proxy is, and what it was asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxied(
    port: int,
    *,
    prefix: str,
    strips: bool,
    headers: Mapping[str, str] | None = None,
    rewrites: bool = False,
) -> Iterator[Proxy]:
    """Show the server at ``port`` below ``prefix``, and nothing (404) elsewhere.

    ``strips``: it takes the prefix off; else the server sees it. ``headers`` are added to what is
    asked. ``rewrites``: it puts the prefix before each redirect to a path, as jupyter-server-proxy
    does. The Host header becomes the server's own, as nginx's ``proxy_pass`` does by default.
    """

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            one.asked.append(f"{self.command} {self.path}")
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size) if size else None
            if self.path != prefix and not self.path.startswith((f"{prefix}/", f"{prefix}?")):
                self.send_error(404)
                return
            path = (self.path[len(prefix) :] or "/") if strips else self.path
            asked = {k: v for k, v in self.headers.items() if k.lower() not in HOP | {"host"}}
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as inner:
                inner.request(self.command, path, body, {**asked, **(headers or {})})
                answer = inner.getresponse()
                content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if rewrites and name.lower() == "location" and value.startswith("/"):
                    value = prefix + value
                if name.lower() not in HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = pass_on  # noqa: N815  the names are http.server's

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one = Proxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
