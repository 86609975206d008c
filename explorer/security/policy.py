"""The policy of a served app: token, host names, sizes, prefix, read-only."""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from embeddings.errors import UsageError

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
NOTEBOOKS: Final = (  # where `explorer.show` is framed: Jupyter on any local port, VS Code
    "http://localhost:*",
    "http://127.0.0.1:*",
    "vscode-webview:",
    "vscode-file:",
)
MOST_BODY: Final = 16 * 2**20  # bytes: the rows of two million items
MOST_PREFIX: Final = 200  # characters
SHORTEST_TOKEN: Final = 16  # characters

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*))(?::(\d{1,5}))?")
_PREFIX: Final = re.compile(r"(/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may do what.

    Parameters
    ----------
    token
        The secret that a browser has to show once; None: no login.
    hosts
        Names that the server answers to, as in the Host header: ``name:port``, or ``name`` for
        any port (a tunnel has a port of its own). IPv6 in brackets.
    origins
        Names under which browsers know the server where a proxy changes the Host header.
    any_address
        Also answer to any IP address. That is safe: DNS rebinding needs a name.
    any_name
        Answer to any name at all: for a proxy whose name nobody knows here. Only with a token,
        which a page of another name does not have.
    read_only
        Refuse everything that writes.
    max_body
        Bytes that may be posted at once.
    prefix
        The path below which a reverse proxy shows the app, as ``/rosette``; "" for none.
    behind_proxy
        Whether one reverse proxy stands before the server and writes the X-Forwarded headers.
    ancestors
        Pages that may frame the app, as in ``frame-ancestors``; none by default.
    """

    token: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = LOOPBACK
    origins: frozenset[str] = frozenset()
    any_address: bool = False
    any_name: bool = False
    read_only: bool = False
    max_body: int = MOST_BODY
    prefix: str = ""
    behind_proxy: bool = False
    ancestors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise UsageError(
                f"A token needs at least {SHORTEST_TOKEN} characters.",
                hint="Leave it out, and one is made.",
            )
        if self.any_name and self.token is None:
            raise UsageError("A server that answers to any name needs a token.")
        bad = sorted(name for name in self.hosts | self.origins if not _HOST.fullmatch(name))
        if bad:
            raise UsageError(f"{bad[0]!r} is no host.", hint="Write it as name or name:port.")
        if not is_prefix(self.prefix):
            raise UsageError(f"{self.prefix!r} is no prefix.", hint="Write it as /rosette.")


def is_prefix(path: str) -> bool:
    """Say whether a path can be the one below which the app is shown; "" can."""
    return len(path) <= MOST_PREFIX and _PREFIX.fullmatch(path) is not None


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
    allow: Collection[str] = (),
    read_only: bool = False,
    prefix: str = "",
    behind_proxy: bool = False,
    ancestors: Sequence[str] = (),
) -> Policy:
    """Return the policy of a server bound to ``host``.

    A token is made, where none is given, if other machines can reach the server: on any host but a
    local one, and behind a proxy (a prefix or a further name means a proxy too). ``allow`` are
    further names that the server answers to.

    Raises
    ------
    UsageError
        The token is too short, or a name or the prefix is none.
    """
    local = is_local(host) and not (behind_proxy or prefix.strip("/") or allow)
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
        behind_proxy=behind_proxy,
        ancestors=tuple(ancestors),
    )


def is_ours(host: str, policy: Policy) -> bool:
    """Say whether ``host``, as in a Host header, is a name of the server."""
    parsed = _HOST.fullmatch(host)
    if parsed is None:
        return False
    if policy.any_name:
        return True
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
