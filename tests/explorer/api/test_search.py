"""Search over HTTP: words of the model, words of decisions, and a picture."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from embeddings.decisions import open_store
from embeddings.records import Batch
from embeddings.workspace import Workspace
from explorer.api import search
from explorer.data import Dataset, Decisions, Services
from explorer.pages.images.view import images_view
from explorer.security import Policy
from explorer.server import create_app
from tests.explorer.conftest import FINGERPRINT, build_workspace

ADDRESS = "/api/run1/like-picture"


class Eye:
    """Takes every picture for a crane, which lies along the third direction."""

    name, fingerprint, input_size, width = "embedded", FINGERPRINT, 8, 4
    classes, notes = None, ()

    def extract(self, images: np.ndarray) -> Batch:
        return Batch(np.tile(np.float32([0, 0, 1, 0]), (len(images), 1)), None)


def encoded(content: bytes) -> dict[str, str]:
    return {"image": base64.b64encode(content).decode()}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def eyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "model_of", lambda ws: Eye())


def test_the_box_says_what_kind_of_search_found_what(client: FlaskClient) -> None:
    found = client.get("/api/run1/find?q=sports car").get_json()
    assert found["labels"] == []
    assert found["seen"]["word"] == "sports car"
    assert found["seen"]["n"] == 29
    assert client.get("/api/run1/find?q=vehicles").get_json()["seen"]["n"] == 29
    assert client.get("/api/run1/find?q=xyzzy").get_json()["seen"] is None


def test_decisions_are_found_by_their_words(tmp_path: Path) -> None:
    build_workspace(tmp_path)
    dataset = Dataset(tmp_path)
    with open_store(tmp_path, resolve=False) as store:
        items = dataset.items_at([9, 10])
        store.decide(items, "relabel", to_label="car", note="a Jag, clearly", reviewer="Mara")
        services = Services(dataset, Decisions(dataset, store))
        services.decided()
        asked = create_app(services).server.test_client()
        for text in ("CLEARLY", "mara", "relabel: car"):
            found = asked.get(f"/api/run1/find?q={text}").get_json()
            assert found["decided"] == {"n": 2, "rows": [9, 10]}
        assert asked.get("/api/run1/find?q=nobody").get_json()["decided"]["n"] == 0


@pytest.mark.usefixtures("eyed")
def test_a_posted_picture_finds_what_looks_like_it(
    client: FlaskClient, workspace: Workspace
) -> None:
    before = sorted(workspace.path.rglob("*"))
    answer = client.post(ADDRESS, json=encoded(picture()))
    assert answer.status_code == 200
    found = answer.get_json()
    labels = Dataset(workspace.path).items["label"]
    assert set(labels.iloc[found["rows"][:6]]) == {"crane"}
    assert found["alike"] == sorted(found["alike"], reverse=True)
    assert sorted(workspace.path.rglob("*")) == before


@pytest.mark.usefixtures("eyed")
@pytest.mark.parametrize(
    "content", [{}, {"image": 7}, {"image": "no base 64!"}, [], encoded(b"MZ\x90 no picture")]
)
def test_what_is_no_picture_gets_400(client: FlaskClient, content: object) -> None:
    assert client.post(ADDRESS, json=content).status_code == 400


@pytest.mark.usefixtures("eyed")
def test_a_picture_that_is_too_large_gets_413(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LARGEST_PICTURE", 30)
    assert client.post(ADDRESS, json=encoded(picture())).status_code == 413


def test_only_json_is_taken(client: FlaskClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(ADDRESS, data=b"image=x", headers=form).status_code in (400, 415)


@pytest.mark.usefixtures("eyed")
def test_looking_is_allowed_where_nothing_can_be_decided(tmp_path: Path) -> None:
    build_workspace(tmp_path)
    app = create_app(Services(Dataset(tmp_path), read_only=True), Policy(read_only=True))
    asked = app.server.test_client()
    assert asked.post(ADDRESS, json=encoded(picture())).status_code == 200


def test_another_model_than_the_runs_says_what_to_do(workspace: Workspace) -> None:
    # the workspace of the tests says "embedded", but was not made by it
    asked = create_app(Services(Dataset(workspace.path))).server.test_client()
    answer = asked.post(ADDRESS, json=encoded(picture()))
    assert answer.status_code == 400
    assert "not the model that embedded this run" in answer.get_json()["error"]


def test_the_images_page_shows_what_was_found(workspace: Workspace) -> None:
    dataset = Dataset(workspace.path)
    seen = images_view(dataset, "?seen=vehicle")
    assert seen.heading == "Images in which the model sees vehicle"
    assert len(seen.rows) == 29
    assert "sports car" in seen.sentence
    assert images_view(dataset, "?seen=<b>").rows == ()
    found = images_view(dataset, "?found=3.1.x.99999.-1.3.²")
    assert found.rows == (3, 1)
    assert found.heading == "Images like your picture"
    decided = images_view(dataset, "?found=3.1&by=decision")
    assert decided.heading == "Images with such a decision"
