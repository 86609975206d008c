"""Security headers of every answer: what a browser may do with our pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Response

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


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


def line(status: int, said: str) -> Response:
    """Return an answer of one line."""
    return Response(said + "\n", status, headers=HEADERS, mimetype="text/plain")
