"""The login page: plain HTML that asks for the token and shows nothing of the data set."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:18vh auto;padding:0 1rem;"
    "color-scheme:light dark}"
    "input{font:inherit;width:100%;box-sizing:border-box;margin:.3rem 0 1rem}"
    "button{font:inherit}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# It may use only its own style and its own form.
CONTENT_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def login_page(action: str, target: str, said: str) -> str:
    """Return the page.

    Parameters
    ----------
    action
        Where the form goes.
    target
        The address to come back to.
    said
        One line above the field.
    """
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Rosette</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Rosette</h1><p>{escape(said)}</p>"
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="next" value="{escape(target)}">'
        '<label for="token">Token</label>'
        '<input id="token" name="token" type="password" autocomplete="current-password" required '
        "autofocus><button>Open</button></form></main></body></html>"
    )
