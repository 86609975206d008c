"""Where the app is only to be read: nothing that decides is shown, and the server says no."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import plotly.utils
import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from embeddings.decisions import Context, Item, open_store
from explorer.components import frame
from explorer.components.frame import READ_ONLY
from explorer.data import Dataset, Decisions, Services, services
from explorer.security import Policy
from explorer.server import create_app, page_at, start
from tests.explorer.conftest import build_workspace
from tests.explorer.guarding import addresses

LOCAL = {"REMOTE_ADDR": "127.0.0.1"}
PAGES = (
    "/splits", "/queue", "/strays", "/review", "/map", "/class/jaguar", "/images?label=jaguar",
    "/overview",
)  # fmt: skip
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
    assert ("exclude from exports" in said["frame"]) is not read_only
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


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(file.relative_to(folder)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("decided", [False, True])
def test_a_read_only_server_writes_nothing_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decided: bool
) -> None:
    ws = build_workspace(tmp_path / "ws")
    with ExitStack() as stack:
        if decided:
            others = stack.enter_context(open_store(ws.path, resolve=False))
            others.decide([Item("jaguar/0-0.jpg", "jaguar", "ab" * 32)], "keep", reviewer="Mara")
        before, folders = tree(ws.path), sorted(p for p in ws.path.rglob("*") if p.is_dir())
        # so that a set this small has an index of neighbours
        monkeypatch.setattr("explorer.data.dataset.IVF_EXACT_UP_TO", 1)
        server, _ = start(ws.path, host="127.0.0.1", port=0, policy=Policy(read_only=True))
        stack.callback(server.close)
        stack.callback(server.task_dispatcher.shutdown)
        asked = Client(server.application)
        for method, path in addresses_of(asked):
            body = {} if method == "POST" else None
            asked.open(path, method=method, json=body, environ_base=LOCAL).close()
        assert asked.get("/api/run1/item/24", environ_base=LOCAL).status_code == 200
        assert tree(ws.path) == before
        assert sorted(p for p in ws.path.rglob("*") if p.is_dir()) == folders


def addresses_of(client: Client) -> list[tuple[str, str]]:
    paths = (
        "/", "/_dash-layout", "/img/run1/24?size=large", "/img/run1/9", "/api/run1/item/24",
        "/api/run1/decisions", "/api/run1/selections", "/export/run1/csv.zip",
        "/export/run1/imagefolder.zip", "/api/run1/decide", "/api/run1/undo", "/api/run1/assign",
        "/api/run1/selection",
    )  # fmt: skip
    return [(method, path) for path in paths for method in ("GET", "POST")]
