"""The addresses of pages, within the app and as the browser has to ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from flask import has_request_context, request

MENU = (  # name in the address, and on the bar
    ("overview", "Overview"),
    ("queue", "Queue"),
    ("splits", "Splits"),
    ("confusion", "Confusion"),
    ("slices", "Slices"),
    ("map", "Map"),
)

MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where the browser is."""

    pathname: str = "/"
    search: str = ""


def read_place(given: Any) -> Place:
    """Read the page's store; anything that is not an address means the first page."""
    values = given if isinstance(given, dict) else {}
    pathname, search = values.get("pathname"), values.get("search")
    return Place(
        _text(pathname) if isinstance(pathname, str) and pathname else "/",
        _text(search) if isinstance(search, str) else "",
    )


def _text(given: str) -> str:
    """Return a text that can be written; JSON may hold half of a pair of surrogates."""
    return given.encode("utf-8", "replace").decode()


def at(address: str) -> str:
    """Return an address of the app as the browser has to ask for it, with the proxy's prefix."""
    return request.script_root + address if has_request_context() else address


def asked_in(search: str) -> dict[str, str]:
    """Return the first value of each name in the query of an address; none where it is invalid."""
    try:
        given = parse_qs(search.lstrip("?"), max_num_fields=MOST_FIELDS)
    except ValueError:  # more fields than any page of ours has
        return {}
    return {name: _text(values[0]) for name, values in given.items()}


def label_link(label: str) -> str:
    """Return the address of a label's page, for the browser; any text may be a label."""
    return at(f"/class/{quote(label, safe='')}")


def label_in(pathname: str) -> str | None:
    """Return the label of such an address, or None when it is another page's."""
    head, _, name = pathname.lstrip("/").partition("/")
    return unquote(name) if head == "class" and name else None
