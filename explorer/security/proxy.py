"""Before the app: how long an address may be, and where a reverse proxy shows the app.

Within the app every address begins at ``/``. What the browser sees before it is WSGI's SCRIPT_NAME,
which is set here and read by `explorer.components.links.at`, the login and the page's head.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Response
from werkzeug.middleware.proxy_fix import ProxyFix

from explorer.security.headers import line
from explorer.security.policy import Policy, is_prefix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNTOLD: Final = (
    "A proxy shows this server below a path. Start it with --behind-proxy where only that proxy "
    "can reach it, or with --prefix PATH."
)
_PREFIX_HEADERS: Final = ("HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_CONTEXT")
MOST_ADDRESS: Final = 4000  # bytes of path and query; longer numbers than Python reads do not fit


def front(inner: WSGIApplication, policy: Policy) -> WSGIApplication:
    """Put the policy's prefix, or what a trusted proxy says, around a WSGI app.

    X-Forwarded-For, -Proto, -Host and -Prefix are anybody's word and not read, unless the policy
    says that one proxy stands before the server; then the last word of each is that proxy's. A
    prefix of the policy's own goes before the proxy's.
    """

    def ask(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        if len(path) + len(query) > MOST_ADDRESS:
            return line(414, "That address is too long.")(environ, start_response)
        if _is_shown_below(environ, policy):
            return line(400, UNTOLD)(environ, start_response)
        prefix = policy.prefix or (
            environ.get("SCRIPT_NAME", "").rstrip("/") if policy.behind_proxy else ""
        )
        if not is_prefix(prefix):
            return line(400, "X-Forwarded-Prefix is no path.")(environ, start_response)
        if prefix and path == prefix:  # the cookie is sent below it only
            return _below(prefix, query)(environ, start_response)
        if prefix and path.startswith(f"{prefix}/"):  # the proxy left it where it was
            path = path[len(prefix) :]
        return inner({**environ, "SCRIPT_NAME": prefix, "PATH_INFO": path}, start_response)

    if not policy.behind_proxy:
        return ask
    return ProxyFix(ask, x_for=1, x_proto=1, x_host=1, x_prefix=1)


def _is_shown_below(environ: WSGIEnvironment, policy: Policy) -> bool:
    """Say whether a proxy speaks of a prefix that nobody told us to believe.

    The page would ask for its scripts elsewhere and never be there.
    """
    if policy.behind_proxy or policy.prefix:
        return False
    said = (environ.get(name, "").rstrip("/") for name in _PREFIX_HEADERS)
    return any(said)


def _below(prefix: str, query: str) -> Response:
    response = line(307, "Here.")
    # relative, as all redirects (door.way_to); what a client writes into a query is text of its own
    # address, and no line break gets this far
    last = f"./{prefix.rpartition('/')[2]}/"
    response.headers["Location"] = f"{last}?{query}" if query else last
    return response
