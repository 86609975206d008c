"""What stands between the app and strangers: token, hosts, origins, headers, sizes.

`protect` is called once, on a finished app. SECURITY.md says against whom, and which test holds
which promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Request, Response, jsonify, request

from explorer.security.door import LOGIN, Door
from explorer.security.headers import HEADERS, content_policy, line
from explorer.security.policy import Policy, is_ours
from explorer.security.proxy import front

READ_ONLY: Final = "This server is read-only: it was started with --read-only."
_READS: Final = frozenset(  # what is asked for by POST only because the question is long
    {
        "/api/<run>/selection",
        "/api/<run>/selection.csv",
        "/api/<run>/like-picture",
        "/_dash-update-component",
    }
)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


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
    door = Door(policy.token) if policy.token is not None else None
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
        referrer = headers.get("Referrer-Policy")  # the login page has its own
        for name, value in HEADERS.items():
            headers[name] = value
        headers["Referrer-Policy"] = referrer or headers["Referrer-Policy"]
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
    server.__dict__["wsgi_app"] = front(server.wsgi_app, policy)


def wrong_host(asked: Request, policy: Policy) -> Response | None:
    """Refuse a Host header that is none of ours: the name of a page that was rebound to us."""
    host = asked.environ.get("HTTP_HOST", "").lower()
    if is_ours(host, policy):
        return None
    return line(403, "This server does not go by that name. Start it with --allow-host NAME.")


def foreign(asked: Request, policy: Policy) -> Response | None:
    """Refuse what another site's page sends (CSRF), and data that it would load.

    After Go's ``http.CrossOriginProtection``: Sec-Fetch-Site where the browser sends it, which it
    does over TLS and on localhost, else Origin. What sends neither is no browser. A page may be
    opened from elsewhere, by a link or in a frame; nothing else may.
    """
    site = asked.headers.get("Sec-Fetch-Site")
    said = line(403, "Asked by a page of another site.")
    if asked.method in _SAFE:
        opened = asked.headers.get("Sec-Fetch-Mode") == "navigate" and not _is_data(asked)
        return said if site in ("cross-site", "same-site") and not opened else None
    if site is not None:
        return None if site in ("same-origin", "none") else said
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
        return line(413, f"At most {most:,} bytes can be posted at once.")
    return None


def not_json(asked: Request) -> Response | None:
    """Refuse a body that is not declared as JSON: no HTML form can send that."""
    if asked.method in _SAFE or asked.mimetype == "application/json":
        return None
    if asked.path == LOGIN:
        return None
    return line(415, "Post it as application/json.")


def written(asked: Request, policy: Policy) -> Response | None:
    """Refuse what would write, where the app is only to be read."""
    rule = asked.url_rule.rule if asked.url_rule else ""
    if not policy.read_only or asked.method in _SAFE or rule in _READS:
        return None
    if asked.path.startswith("/api/"):
        response = jsonify({"error": READ_ONLY})
        response.status_code = 403
        return response
    return line(403, READ_ONLY)
