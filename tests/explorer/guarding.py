"""An app with a policy around it, for the tests that stand before its door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from embeddings.decisions import open_store
from explorer.data import Dataset, Decisions, Services
from explorer.security import Policy
from explorer.server import create_app

TOKEN = "correct-horse-battery-staple"


@contextmanager
def guarded(dataset: Dataset, policy: Policy, store: Path | None = None) -> Iterator[FlaskClient]:
    """Give a client of the app; ``store`` is a folder for decisions."""
    decisions = Decisions(dataset, open_store(store)) if store else None
    app = create_app(Services(dataset, decisions), policy)
    with app.server.test_client() as client:
        yield client
    if decisions:
        decisions.store.close()


def led_to(answer: TestResponse, asked: str = "") -> str:
    """Return where a browser goes that asked for ``asked``: path and query."""
    assert not answer.headers["Location"].startswith("/")  # a proxy may put its prefix before it
    led = urlsplit(urljoin(asked or answer.request.url, answer.headers["Location"]))
    return f"{led.path}?{led.query}" if led.query else led.path


def addresses(client: FlaskClient) -> list[tuple[str, str]]:
    """Return one address for every rule and method of the server."""
    values = {"run": "run1", "row": "9", "place": "0", "cluster": "1", "name": "csv"}
    return [
        (method, re.sub(r"<(?:[^:>]*:)?(\w+)>", lambda m: values.get(m[1], "x"), rule.rule))
        for rule in client.application.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]
