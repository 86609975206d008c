"""What stands between the app and strangers: token, hosts, origins, headers, sizes.

`protect` is called once, on a finished app. SECURITY.md says against whom, and which test holds
which promise.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

from embeddings.errors import UsageError
from explorer.pages.login.door import LOGIN, Door

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
NOTEBOOKS: Final = (  # where `explorer.show` is framed: Jupyter on any local port, VS Code
    "http://localhost:*",
    "http://127.0.0.1:*",
    "vscode-webview:",
    "vscode-file:",
)
MOST_BODY: Final = 16 * 2**20  # bytes: the rows of two million items
MOST_ADDRESS: Final = 4000  # bytes of path and query; longer numbers than Python reads do not fit
SHORTEST_TOKEN: Final = 16  # characters

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*))(?::(\d{1,5}))?")
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_READS: Final = frozenset(  # what is asked for by POST only because the question is long
    {"/api/<run>/selection", "/api/<run>/selection.csv", "/_dash-update-component"}
)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: with it, browsers send `Origin: null` with a form of our own
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may do what.

    Parameters
    ----------
    token
        What a browser has to show once; None: nobody is asked.
    hosts
        Names that the server answers to, as in the Host header: ``name:port``, or ``name`` for
        any port (a tunnel has a port of its own). IPv6 in brackets.
    origins
        Names under which browsers know the server where a proxy changes the Host header.
    any_address
        Also answer to any IP address. That is safe: DNS rebinding needs a name.
    read_only
        Refuse everything that writes.
    max_body
        Bytes that may be posted at once.
    prefix
        The path below which a reverse proxy shows the app, as ``/rosette``; "" for none.
    ancestors
        Pages that may frame the app, as in ``frame-ancestors``; none by default.
    """

    token: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = LOOPBACK
    origins: frozenset[str] = frozenset()
    any_address: bool = False
    read_only: bool = False
    max_body: int = MOST_BODY
    prefix: str = ""
    ancestors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what can't be meant."""
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise UsageError(
                f"A token needs at least {SHORTEST_TOKEN} characters.",
                hint="Leave it out, and one is made.",
            )
        bad = sorted(name for name in self.hosts | self.origins if not _HOST.fullmatch(name))
        if bad:
            raise UsageError(f"{bad[0]!r} is no host.", hint="Write it as name or name:port.")
        if not _PREFIX.fullmatch(self.prefix):
            raise UsageError(f"{self.prefix!r} is no prefix.", hint="Write it as /rosette.")


def is_local(host: str) -> bool:
    """Say whether a server bound to ``host`` is reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def policy_for(
    host: str,
    *,
    token: str | None = None,
    allow: Iterable[str] = (),
    read_only: bool = False,
    prefix: str = "",
    ancestors: Sequence[str] = (),
) -> Policy:
    """Return the policy of a server bound to ``host``.

    On any but a local host a token is made where none is given. ``allow`` are further names that
    the server answers to, as behind a proxy.

    Raises
    ------
    UsageError
        The token is too short, or a name or the prefix is none.
    """
    local = is_local(host)
    named = {name.lower().rstrip(".") for name in allow}
    own: set[str] = set()
    if not local:
        token = token or secrets.token_urlsafe(32)
        own = {name.lower() for name in (socket.gethostname(), socket.getfqdn(), host)}
        own = {name for name in own if _HOST.fullmatch(name)}
    return Policy(
        token=token or None,
        hosts=LOOPBACK | named | own,
        origins=frozenset(named),
        any_address=not local,
        read_only=read_only,
        prefix=prefix.rstrip("/"),
        ancestors=tuple(ancestors),
    )


def protect(
    server: Flask, policy: Policy, inline: Sequence[str] = (), *, evaluates: bool = True
) -> None:
    """Put the policy around everything that a server answers.

    Parameters
    ----------
    server
        The Flask server of a finished app.
    policy
        Who may do what.
    inline
        The hashes of Dash's own inline scripts, from ``app.csp_hashes()``.
    evaluates
        Whether the page's plotly.js compiles programs from text; see `content_policy`.
    """
    door = Door(policy.token, policy.prefix) if policy.token is not None else None
    content = content_policy(inline, policy.ancestors, evaluates=evaluates)

    def guard() -> Response | None:
        refused = (
            wrong_host(request, policy)
            or too_large(request, policy.max_body)
            or foreign(request, policy)
        )
        if refused is None and door is not None:
            refused = door.answer(request)
        return refused or not_json(request) or written(request, policy)

    def finish(response: Response) -> Response:
        headers = response.headers
        for name, value in HEADERS.items():
            headers[name] = value
        headers.setdefault("Content-Security-Policy", content)
        if not policy.ancestors:
            headers["X-Frame-Options"] = "DENY"
        if door is not None:
            kept = headers.get("Cache-Control", "no-store")
            headers["Cache-Control"] = kept.replace("public", "private")
        return response

    server.config["MAX_CONTENT_LENGTH"] = policy.max_body
    # before Dash's own, so that nothing is made ready for a stranger
    server.before_request_funcs.setdefault(None, []).insert(0, guard)
    # the first to be registered is the last to be run
    server.after_request_funcs.setdefault(None, []).insert(0, finish)
    server.__dict__["wsgi_app"] = _front(server.wsgi_app, policy.prefix)


def content_policy(
    inline: Sequence[str], ancestors: Sequence[str], *, evaluates: bool = True
) -> str:
    """Return the Content-Security-Policy of the app's pages.

    Tried in Chromium with Dash 4.4.1 and plotly.js 4.1.1, on every page. Needed are:

    - the hashes of Dash's start and of clientside callbacks, which are inline;
    - ``unsafe-eval`` for the plotly.js that comes with the package: its WebGL layer (regl) compiles
      its drawing commands with ``Function``, and without it says that there is no WebGL, with no
      word about the policy. The *strict* bundle of plotly.js is compiled beforehand and draws the
      same without: ``evaluates=False``;
    - ``<style>`` elements that Dash's components and Plotly add from their scripts; their texts,
      and so their hashes, change with each version;
    - ``data:`` pictures, which the style sheets and Plotly draw.

    Not needed: ``blob:``, style attributes, any other machine. Trusted Types can't be demanded:
    Dash loads its parts by setting ``script.src`` to a string.
    """
    scripts = ["script-src 'self'", *(["'unsafe-eval'"] if evaluates else []), *inline]
    framed_by = " ".join(ancestors) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(scripts),
            "style-src 'self'",
            "style-src-elem 'self' 'unsafe-inline'",
            "style-src-attr 'none'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {framed_by}",
        )
    )


def wrong_host(asked: Request, policy: Policy) -> Response | None:
    """Refuse a Host header that is none of ours: the name of a page that was rebound to us."""
    host = asked.environ.get("HTTP_HOST", "").lower()
    if is_ours(host, policy):
        return None
    return _line(403, "This server does not go by that name. Start it with --allow-host NAME.")


def is_ours(host: str, policy: Policy) -> bool:
    """Say whether ``host``, as in a Host header, is a name of the server."""
    parsed = _HOST.fullmatch(host)
    if parsed is None:
        return False
    name = parsed[1].rstrip(".")
    if name in policy.hosts or (parsed[2] and f"{name}:{parsed[2]}" in policy.hosts):
        return True
    if not policy.any_address:
        return False
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def foreign(asked: Request, policy: Policy) -> Response | None:
    """Refuse what another site's page sends (CSRF), and data that it would load.

    After Go's ``http.CrossOriginProtection``: Sec-Fetch-Site where the browser sends it, which it
    does over TLS and on localhost, else Origin. What sends neither is no browser. A page may be
    opened from elsewhere, by a link or in a frame; nothing else may.
    """
    site = asked.headers.get("Sec-Fetch-Site")
    said = _line(403, "Asked by a page of another site.")
    if asked.method in _SAFE:
        opened = asked.headers.get("Sec-Fetch-Mode") == "navigate" and not _is_data(asked)
        return said if site in ("cross-site", "same-site") and not opened else None
    if site is not None and site not in ("same-origin", "none"):
        return said
    origin = asked.headers.get("Origin")
    if origin is None:
        return None
    try:
        netloc = urlsplit(origin).netloc.lower()
    except ValueError:
        return said
    if netloc and netloc == asked.environ.get("HTTP_HOST", "").lower():
        return None
    return None if netloc in policy.origins else said


def _is_data(asked: Request) -> bool:
    return asked.path.startswith(("/api/", "/export/", "/_dash"))


def too_large(asked: Request, most: int) -> Response | None:
    """Refuse a body that is larger than ``most`` bytes."""
    if (asked.content_length or 0) > most:
        return _line(413, f"At most {most:,} bytes can be posted at once.")
    return None


def not_json(asked: Request) -> Response | None:
    """Refuse a body that is not declared as JSON: no HTML form can send that."""
    if asked.method in _SAFE or asked.mimetype == "application/json":
        return None
    if asked.path == LOGIN:
        return None
    return _line(415, "Post it as application/json.")


def written(asked: Request, policy: Policy) -> Response | None:
    """Refuse what would write, where the app is only to be read."""
    rule = asked.url_rule.rule if asked.url_rule else ""
    if not policy.read_only or asked.method in _SAFE or rule in _READS:
        return None
    return _line(403, "This server is read-only.")


def _line(status: int, said: str) -> Response:
    return Response(said + "\n", status, headers=HEADERS, mimetype="text/plain")


def _front(inner: WSGIApplication, prefix: str) -> WSGIApplication:
    """Take the prefix off the address, and refuse an address that is too long to be one.

    The prefix is the policy's. A proxy may take it off itself; X-Forwarded-Prefix and its kin
    are anybody's word and are never read.
    """

    def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if len(path) + len(environ.get("QUERY_STRING", "")) > MOST_ADDRESS:
            return _line(414, "That address is too long.")(environ, start_response)
        if prefix:
            if path == prefix or path.startswith(f"{prefix}/"):
                path = path[len(prefix) :] or "/"
            environ = {**environ, "SCRIPT_NAME": prefix, "PATH_INFO": path}
        return inner(environ, start_response)

    return front
