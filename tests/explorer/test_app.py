"""The app over HTTP, without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from embeddings import columns as c
from embeddings.workspace import Workspace
from explorer.app import create_app
from explorer.dataset import Dataset
from explorer.pages.splits.view import heading, letter, splits_view
from explorer.services import Services


@pytest.fixture(scope="module")
def dataset(workspace: Workspace) -> Dataset:
    return Dataset(workspace.path)


@pytest.fixture(scope="module")
def client(dataset: Dataset) -> Iterator[FlaskClient]:
    with create_app(Services(dataset)).server.test_client() as client:
        yield client


def test_the_view_ranks_and_sets_apart(dataset: Dataset) -> None:
    view = splits_view(dataset)
    assert view.heading == "1 of 3 labels hides two kinds of thing"
    assert [card.label for card in view.cards] == ["jaguar", "crane"]
    assert [line.label for line in view.lines] == ["<b>cup</b>"]
    main, odd = view.cards[0].clusters
    assert (main.letter, odd.letter, odd.suggestion) == ("A", "B", "car")
    assert len(odd.images) == 3
    assert view.unreadable == (("jaguar/cut.jpg", "the file is cut short"),)


def test_the_most_typical_images_come_first(dataset: Dataset) -> None:
    rows = dataset.rows("jaguar").set_index(c.SHA256)[c.TYPICALITY]
    shown = [rows[sha] for sha in dataset.typical("jaguar", 0, 5)]
    assert shown == sorted(shown, reverse=True)
    assert dataset.typical("nobody", 0, 5) == []


@pytest.mark.parametrize(
    ("n", "total", "said"),
    [(0, 5, "No label hides two kinds"), (1200, 2000, "1,200 of 2,000 labels hide two kinds")],
)
def test_headings(n: int, total: int, said: str) -> None:
    assert heading(n, total).startswith(said)


def test_letters_go_on_after_z() -> None:
    assert [letter(n) for n in (0, 1, 25, 26)] == ["A", "B", "Z", "A1"]


def test_the_page_and_its_layout_are_served(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    layout = client.get("/_dash-layout")
    assert layout.status_code == 200
    text = json.dumps(layout.get_json())
    assert "All 4 sit closest to car." in text
    assert "jaguar/cut.jpg" in text


def test_images_come_by_content_and_may_be_kept(client: FlaskClient, dataset: Dataset) -> None:
    sha = dataset.typical("jaguar", 1, 1)[0]
    first = client.get(f"/img/{dataset.run_id}/{sha}")
    assert first.status_code == 200
    assert first.mimetype == "image/jpeg"
    assert "immutable" in first.headers["Cache-Control"]
    again = client.get(
        f"/img/{dataset.run_id}/{sha}", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/img/run1/" + "0" * 64,
        "/img/other/" + "0" * 64,
        "/img/run1/workspace.json",
        "/img/run1/" + "Z" * 64,
        "/map/run1/99/0.svg",
        "/map/run1/0/77.svg",
        "/map/other/0/0.svg",
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_path_out_of_the_workspace_leads_nowhere(client: FlaskClient) -> None:
    answer = client.get("/img/run1/..%2f..%2fworkspace.json")
    assert b"schema" not in answer.get_data()


def test_the_small_map_has_a_dot_per_image(client: FlaskClient) -> None:
    picture = client.get("/map/run1/0/1.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.get_data(as_text=True).count("h0") == 4


def test_answers_carry_security_headers(client: FlaskClient) -> None:
    assert client.get("/").headers["X-Content-Type-Options"] == "nosniff"


def test_two_apps_live_in_one_process(dataset: Dataset) -> None:
    for _ in range(2):
        with create_app(Services(dataset)).server.test_client() as client:
            assert client.get("/_dash-layout").status_code == 200
