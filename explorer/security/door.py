"""The login: a token, shown once, and the cookie that replaces it afterwards."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from flask import Request, Response

from explorer.security.failures import Failures
from explorer.security.login_page import CONTENT_POLICY, login_page
from explorer.security.sessions import Sessions

log = logging.getLogger(__name__)

LOGIN: Final = "/login"
LOGOUT: Final = "/logout"
MOST_FORM: Final = 8192  # bytes
ASKED: Final = "A token is needed. It was printed when the server started."
WRONG: Final = "That is not the token. It was printed when the server started."
_TARGET: Final = re.compile(r"/(?!/)[!-\[\]-~]{0,2000}")  # printable, no backslash, our own host


@dataclass(frozen=True)
class Door:
    """Asks for a token.

    The cookie holds a session that is signed with a key derived slowly from the token. So the token
    can't be computed from it, and guessing is expensive. It stays valid after a restart with the
    same token, and ends with the log-out. Its name depends on the token, because all ports of a
    host share their cookies.

    Parameters
    ----------
    token
        The secret that a browser has to show.
    failures
        Counts wrong tokens.
    """

    token: str = field(repr=False)
    failures: Failures = field(default_factory=Failures, repr=False)
    key: str = field(init=False, repr=False)
    sessions: Sessions = field(init=False, repr=False)
    cookie: str = field(init=False)

    def __post_init__(self) -> None:
        """Derive the cookie; scrypt as in RFC 7914 with N=2^14, r=8, p=1: 16 MB, some 50 ms."""
        secret = self.token.encode("utf-8", "replace")
        derived = hashlib.scrypt(secret, salt=b"rosette-cookie", n=2**14, r=8, p=1, dklen=40)
        object.__setattr__(self, "key", derived[:32].hex())
        object.__setattr__(self, "sessions", Sessions(derived[:32]))
        object.__setattr__(self, "cookie", f"rosette-{derived[32:36].hex()}")

    def answer(self, request: Request) -> Response | None:
        """Return None for a request that may pass, else the login page, redirect or refusal."""
        inside = self.sessions.holds(request.cookies.get(self.cookie, ""))
        reads = request.method in ("GET", "HEAD")
        if request.path == LOGIN:
            if request.method == "POST":
                return self._posted(request)
            return self._go(request, "/") if inside else self._page(request, "/", 200, ASKED)
        if request.path == LOGOUT and request.method == "POST" and inside:
            return self._let_out(request)
        if inside:
            # a second visit by the printed address: the token must not stay in it
            return self._go(request, target_of(request)) if reads and _named(request) else None
        shown = _bearer(request)
        if shown is not None:
            return None if self._right(request, shown) else self._refused(request, WRONG)
        if reads and _named(request):
            if self._right(request, request.args["token"]):
                return self._let_in(request, target_of(request))
            return self._refused(request, WRONG)
        return self._refused(request, ASKED)

    def _posted(self, request: Request) -> Response:
        request.max_content_length = MOST_FORM
        if not self._right(request, request.form.get("token", "")):
            return self._refused(request, WRONG)
        return self._let_in(request, local(request.form.get("next", "/")))

    def _right(self, request: Request, shown: str) -> bool:
        address = request.remote_addr or ""
        if self.failures.wait(address):
            return False
        if same(shown, self.token):
            return True
        if self.failures.add(address):
            log.warning("Too many wrong tokens from %r; refused for a while.", address)
        return False

    def _refused(self, request: Request, said: str) -> Response:
        wait = self.failures.wait(request.remote_addr or "") if said == WRONG else 0
        status = 429 if wait else 401
        if wait:
            said = "Too many wrong tokens. Try again in a minute."
        if request.accept_mimetypes.best_match(["text/plain", "text/html"]) == "text/html":
            target = request.form.get("next", "/") if request.path == LOGIN else target_of(request)
            response = self._page(request, local(target), status, said)
        else:
            response = Response(said + "\n", status, mimetype="text/plain")
        response.headers["WWW-Authenticate"] = 'Bearer realm="Rosette"'
        if wait:
            response.headers["Retry-After"] = str(math.ceil(wait))
        return response

    def _page(self, request: Request, target: str, status: int, said: str) -> Response:
        page = login_page(request.script_root + LOGIN, target, said)
        response = Response(page, status, mimetype="text/html")
        response.headers["Content-Security-Policy"] = CONTENT_POLICY
        response.headers["Cache-Control"] = "no-store"
        # with no-referrer browsers send `Origin: null` with the form; there is no token in here
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def _let_in(self, request: Request, target: str) -> Response:
        response = self._go(request, target)
        response.set_cookie(
            self.cookie,
            self.sessions.begin(),
            path=f"{request.script_root}/",
            httponly=True,
            samesite="Strict",
            secure=request.is_secure,
        )
        return response

    def _let_out(self, request: Request) -> Response:
        """End the session, and tell the browser to delete what it stored of this server."""
        self.sessions.end(request.cookies.get(self.cookie, ""))
        response = self._go(request, LOGIN)
        response.delete_cookie(self.cookie, path=f"{request.script_root}/", samesite="Strict")
        # not "cookies": that would delete those of all ports of this host
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def _go(self, request: Request, target: str) -> Response:
        response = Response("", 303, mimetype="text/plain")
        response.headers["Location"] = way_to(target, request)
        response.headers["Cache-Control"] = "no-store"
        return response


def _named(request: Request) -> bool:
    """Whether the address holds a token."""
    return "token" in request.args


def same(given: str, wanted: str) -> bool:
    """Compare in constant time, which does not show how much of the token is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def target_of(request: Request) -> str:
    """Return the address that was asked for, without the token, below the prefix."""
    rest = [(k, v) for k, v in request.args.items(multi=True) if k != "token"]
    path = "/" + quote(request.path.lstrip("/"), safe="/", errors="replace")
    return local(f"{path}?{urlencode(rest, errors='replace')}" if rest else path)


def way_to(target: str, request: Request) -> str:
    """Return ``target``, an address of this server, relative to the one that was asked for.

    Some proxies put their prefix before each redirect to a path, some before none; a relative one
    leads to the same place behind all of them.
    """
    asked = request.environ.get("REQUEST_URI") or quote(request.path)
    path = asked if asked.startswith("/") else urlsplit(asked).path
    path = path.partition("?")[0].removeprefix(request.script_root)
    return "./" + "../" * (path.count("/") - 1) + target[1:]


def local(target: str) -> str:
    """Return an address of this server; one that could lead elsewhere becomes the first page."""
    return target if _TARGET.fullmatch(target) else "/"


def _bearer(request: Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None
