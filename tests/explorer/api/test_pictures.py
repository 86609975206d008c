"""What is seen is what is decided: pictures that changed, and a data folder that is gone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from embeddings.decisions import Store, open_store
from embeddings.errors import UsageError
from embeddings.exchange import export_workspace
from embeddings.relocation import relocate
from embeddings.workspace import Workspace
from explorer.data import Dataset, Decisions, Services
from explorer.reports import doctor_text, json_report, text_report
from explorer.server import create_app
from tests.embeddings.photos import make_photo, make_photos, photo_workspace

FILE = "bat/1.png"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return photo_workspace(make_photos(tmp_path / "photos", bat=3, crane=2), tmp_path / "ws")


@pytest.fixture
def store(ws: Workspace) -> Iterator[Store]:
    with open_store(ws.path, resolve=False) as opened:
        yield opened


@pytest.fixture
def client(ws: Workspace, store: Store) -> FlaskClient:
    dataset = Dataset(ws.path)
    return create_app(Services(dataset, Decisions(dataset, store), "Mara")).server.test_client()


def row_of(ws: Workspace, file: str) -> int:
    return list(ws.items()["file"]).index(file)


def overwrite(ws: Workspace, file: str = FILE) -> None:
    make_photo(Path(ws.info.root) / file, 999)


def navigated(client: FlaskClient) -> str:
    """Go to another page, and return what is said above it."""
    question = {
        "output": "folder.children",
        "outputs": {"id": "folder", "property": "children"},
        "inputs": [{"id": "url", "property": "data", "value": {"pathname": "/map"}}],
        "changedPropIds": ["url.data"],
    }
    return client.post("/_dash-update-component", json=question).get_data(as_text=True)


@pytest.mark.parametrize("size", ["", "?size=large"])
def test_a_changed_picture_is_shown_as_changed_under_another_tag(
    ws: Workspace, client: FlaskClient, size: str
) -> None:
    address = f"/img/run1/{row_of(ws, FILE)}{size}"
    before = client.get(address)
    assert before.headers["Cache-Control"] == "private, no-cache"
    overwrite(ws)
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.mimetype) == (200, "image/svg+xml")
    assert "changed" in after.get_data(as_text=True)
    assert after.headers["ETag"] != before.headers["ETag"]
    item = client.get(f"/api/run1/item/{row_of(ws, FILE)}").get_json()
    assert item["picture"] == "changed"


def test_a_decision_on_a_changed_picture_is_refused_with_the_reason(
    ws: Workspace, client: FlaskClient, store: Store
) -> None:
    overwrite(ws)
    rows = [row_of(ws, FILE), row_of(ws, "bat/0.png")]
    answer = client.post("/api/run1/decide", json={"rows": rows, "action": "remove"})
    assert answer.status_code == 409
    assert "1 of these 2 images changed since the run: its file holds" in answer.json["error"]
    assert answer.json["changed"] == [FILE]
    assert store.current().empty
    answer = client.post("/api/run1/decide", json={"rows": rows[1:], "action": "remove"})
    assert answer.status_code == 200


def test_a_file_that_is_gone_is_seen_by_its_thumbnail_and_decided_on(
    ws: Workspace, client: FlaskClient
) -> None:
    (Path(ws.info.root) / FILE).unlink()
    row = row_of(ws, FILE)
    large = client.get(f"/img/run1/{row}?size=large")
    assert (large.status_code, large.headers["Cache-Control"]) == (200, "no-store")
    assert "ETag" not in large.headers
    assert client.get(f"/api/run1/item/{row}").get_json()["picture"] == "gone"
    answer = client.post("/api/run1/decide", json={"rows": [row], "action": "remove"})
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["imagefolder", "imagefolder-copy", "labelstudio", "fiftyone"])
def test_an_export_leaves_a_changed_picture_out_and_says_so(
    ws: Workspace, store: Store, tmp_path: Path, name: str
) -> None:
    overwrite(ws)
    written = export_workspace(ws, store, name, tmp_path / "out")
    assert f"1 files hold other pictures now than the run saw and were left out: {FILE}." in (
        " ".join(written.notes)
    )
    texts = "".join(
        file.read_text(encoding="utf-8")
        for file in (tmp_path / "out").iterdir()
        if file.suffix in (".json", ".csv")
    )
    assert FILE.removesuffix(".png") not in texts
    assert "bat/0" in texts


@pytest.mark.parametrize(
    ("name", "note"), [("imagefolder", "README.md"), ("fiftyone", "notes.txt")]
)
def test_the_zip_of_the_web_says_so_too(
    ws: Workspace, client: FlaskClient, name: str, note: str
) -> None:
    overwrite(ws)
    answer = client.get(f"/export/run1/{name}.zip")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert f"left out: {FILE}" in archive.read(note).decode()


@pytest.mark.parametrize("name", ["imagefolder", "imagefolder-copy"])
def test_an_export_of_nothing_is_an_error(
    ws: Workspace, store: Store, client: FlaskClient, tmp_path: Path, name: str
) -> None:
    Path(ws.info.root).rename(tmp_path / "away")
    with pytest.raises(UsageError, match=r"nothing to export.*relocate"):
        export_workspace(ws, store, name, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    answer = client.get(f"/export/run1/{name}.zip")
    assert (answer.status_code, "nothing to export" in answer.json["error"]) == (400, True)


def test_a_folder_that_is_gone_is_said_everywhere_and_relocated(
    ws: Workspace, client: FlaskClient, tmp_path: Path
) -> None:
    def told() -> list[bool]:
        fresh = Workspace.open(ws.path)
        return [
            "rosette relocate" in client.get("/_dash-layout").get_data(as_text=True),
            "rosette relocate" in navigated(client),
            "relocate" in " ".join(text_report(fresh).split()),
            '"is_here": false' in json_report(fresh),
            "it was moved or is not mounted" in doctor_text(ws.path),
        ]

    assert told() == [False] * 5
    away = Path(ws.info.root).rename(tmp_path / "away")
    assert told() == [True] * 5
    found = relocate(ws.path, away)
    assert found.lines() == (f"The images are in {away}: 5 of 5 files are there.",)
    assert Workspace.open(ws.path).info.root == str(away)
    assert Workspace.open(ws.path).info.source == str(away)
    assert told() == [False] * 5
    large = client.get(f"/img/run1/{row_of(ws, FILE)}?size=large")
    assert (large.mimetype, "no-cache" in large.headers["Cache-Control"]) == ("image/jpeg", True)
