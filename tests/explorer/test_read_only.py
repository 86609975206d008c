"""Where the app is only to be read: nothing that decides is shown, and the server says no."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import plotly.utils
import pytest
from flask.testing import FlaskClient

from embeddings.decisions import Context, open_store
from explorer.components import frame
from explorer.components.frame import READ_ONLY
from explorer.data import Dataset, Decisions, Services, services
from explorer.security import Policy
from explorer.server import create_app, page_at
from tests.explorer.guarding import addresses

PAGES = ("/splits", "/review", "/map", "/class/jaguar", "/images?label=jaguar", "/overview")
CONTROLS = (
    '"data-act"', '"data-decide"', '"data-take"', '"data-undo"', '"data-redo"', '"bar-label"',
    '"bar-relabel"', '"bar-note"', '"bar-save"', '"note-dialog"', '"save-dialog"', "take it back",
)  # fmt: skip


@pytest.fixture(params=[True, False], ids=["read-only", "deciding"])
def client(
    request: pytest.FixtureRequest, dataset: Dataset, tmp_path: Path
) -> Iterator[FlaskClient]:
    with open_store(tmp_path) as store:
        decisions = Decisions(dataset, store)
        decisions.decide(
            [0, 1], "keep", to_label=None, note="", reviewer="Mara",
            context=Context("jaguar", 0, "run1"), expected=None,
        )  # fmt: skip
        app = create_app(Services(dataset, decisions), Policy(read_only=request.param))
        yield app.server.test_client()


def texts(client: FlaskClient) -> dict[str, str]:
    """Return every page as it is sent, by its address."""
    with client.application.test_request_context("/"):
        at_hand = services()
        shown = {"frame": frame(at_hand)}
        for address in PAGES:
            path, _, query = address.partition("?")
            shown[path] = page_at(at_hand, path, query)[0]
        return {
            name: json.dumps(page, cls=plotly.utils.PlotlyJSONEncoder)
            for name, page in shown.items()
        }


def test_what_decides_is_shown_only_where_it_works(client: FlaskClient) -> None:
    with client.application.app_context():
        read_only = services().read_only
    said = texts(client)
    shown = {one for one in CONTROLS for text in said.values() if one in text}
    assert bool(shown) is not read_only
    assert (READ_ONLY in said["frame"]) is read_only
    assert ('"data-decides": "yes"' in said["frame"]) is not read_only
    assert ("keep, remove, unsure" in said["frame"]) is not read_only
    assert "Mara" in said["/review"]  # what others decided is there to be read
    assert "2 of 13 decided" in said["/splits"]


def test_the_server_says_why_not(client: FlaskClient) -> None:
    with client.application.app_context():
        read_only = services().read_only
    writing = [
        path for method, path in addresses(client) if method == "POST" and "/api/" in path
        if path.rsplit("/", 1)[1] in ("decide", "undo", "redo", "assign", "selections")
    ]  # fmt: skip
    assert len(writing) == 5
    for path in writing:
        answer = client.post(path, json={"rows": [3], "action": "keep", "label": "car"})
        if read_only:
            assert answer.status_code == 403
            assert answer.get_json()["error"].startswith("This server is read-only")
        else:
            assert answer.status_code != 403
