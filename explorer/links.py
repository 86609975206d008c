"""The addresses of pages."""

from __future__ import annotations

from urllib.parse import quote, unquote

PAGES = (("splits", "Splits"), ("map", "Map"))


def label_link(label: str) -> str:
    """Return the address of a label's page; any text may be a label."""
    return f"/class/{quote(label, safe='')}"


def label_in(pathname: str) -> str | None:
    """Return the label of such an address, or None when it is another page's."""
    head, _, name = pathname.lstrip("/").partition("/")
    return unquote(name) if head == "class" and name else None
