"""The app over HTTP, without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from explorer.data import Dataset, Services
from explorer.server import create_app
from tests.explorer.conftest import build_workspace


def call(client: FlaskClient, pathname: str, search: str = "") -> dict[str, Any]:
    """Ask for a page as the browser does, and return what the callback answered."""
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": "..main.children...title.data...shown.data..",
            "outputs": [
                {"id": "main", "property": "children"},
                {"id": "title", "property": "data"},
                {"id": "shown", "property": "data"},
            ],
            "inputs": [
                {
                    "id": "url",
                    "property": "data",
                    "value": {"pathname": pathname, "search": search},
                }
            ],
            "state": [{"id": "shown", "property": "data", "value": None}],
            "changedPropIds": ["url.data"],
        },
    )
    assert answer.status_code == 200
    content: dict[str, Any] = answer.get_json()["response"]
    return content


def test_the_frame_is_served(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    layout = client.get("/_dash-layout")
    assert layout.status_code == 200
    assert "Find a label or file" in json.dumps(layout.get_json())


@pytest.mark.parametrize("path", ["/", "/splits"])
def test_the_splits_page(client: FlaskClient, path: str) -> None:
    page = call(client, path)
    text = json.dumps(page["main"]["children"])
    assert "All 4 sit closest to car." in text
    assert "jaguar/cut.jpg" in text
    assert page["title"]["data"] == "Splits · photos · Rosette"


def test_the_page_of_a_label(client: FlaskClient) -> None:
    page = call(client, "/class/%3Cb%3Ecup%3C%2Fb%3E")
    assert "is one kind of thing" in json.dumps(page["main"]["children"], ensure_ascii=False)
    assert page["title"]["data"].startswith("<b>cup</b>")


def test_the_map_takes_its_colouring_from_the_address(client: FlaskClient) -> None:
    text = json.dumps(call(client, "/map", "?colour=label")["main"]["children"])
    assert '"data-value": "label"' in text
    assert "<b>cup</b>" in text


@pytest.mark.parametrize("path", ["/class/nobody", "/nowhere", "/class/"])
def test_a_page_that_is_not_there_says_so(client: FlaskClient, path: str) -> None:
    assert "Not here" in json.dumps(call(client, path)["main"]["children"])


def test_one_item_and_its_nearest(client: FlaskClient, dataset: Dataset) -> None:
    item = client.get("/api/run1/item/9").get_json()  # the first of the odd part
    assert (item["file"], item["letter"], item["suggestion"]) == ("jaguar/1-0.jpg", "B", "car")
    assert {one["label"] for one in item["outside"][:5]} == {"car"}
    assert {one["label"] for one in item["inside"]} == {"jaguar"}
    assert item["predicted"][0] == {"name": "sports car", "probability": 0.8}
    assert item["evidence"].startswith("Labelled jaguar, but 5 of 8 nearest images are car")
    assert item["picture"] == "gone"


def test_an_item_that_could_not_be_read_says_why(client: FlaskClient, dataset: Dataset) -> None:
    item = client.get(f"/api/run1/item/{len(dataset.items) - 1}").get_json()
    assert item["reason"] == "the file is cut short"
    assert item["nearest"] == []


def test_search(client: FlaskClient) -> None:
    found = client.get("/api/run1/find?q=JAG").get_json()
    assert [one["label"] for one in found["labels"]] == ["jaguar"]
    assert (found["n_files"], len(found["files"])) == (14, 8)
    assert client.get("/api/run1/find?exact=1&q=car").get_json()["rows"] == [24, 25, 26, 27, 28]


def test_labels_to_choose_from_are_those_that_hold_the_text(client: FlaskClient) -> None:
    found = client.get("/api/run1/labels?q=AG").get_json()
    assert found["labels"] == [{"label": "jaguar", "size": 13, "rows": [0, 1, 2]}]
    assert (found["near"], found["exact"], found["total"]) == ([], False, 4)
    assert client.get("/api/run1/labels?q=nothing").get_json()["labels"] == []


def test_a_selection_in_words_and_as_a_table(client: FlaskClient) -> None:
    told = client.post("/api/run1/selection", json={"rows": [9, 24, 25]}).get_json()
    assert told["words"] == "2 labelled car lie among 1 labelled jaguar."
    assert told["rows"] == [24, 25, 9]
    table = client.post("/api/run1/selection.csv", json={"rows": [9]}).get_data(as_text=True)
    assert table.splitlines()[1].startswith("jaguar/1-0.jpg,jaguar,1,0.9")


@pytest.mark.parametrize("body", ["[]", '{"rows": "all"}', '{"rows": [-1, 1e9, true, "9"]}'])
def test_a_selection_of_nonsense_is_empty(client: FlaskClient, body: str) -> None:
    answer = client.post("/api/run1/selection", data=body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.get_json()["rows"] == []


def test_images_may_be_kept_and_are_asked_for_each_time(client: FlaskClient) -> None:
    first = client.get("/img/run1/9")
    assert first.status_code == 200
    assert first.mimetype == "image/jpeg"
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get("/img/run1/9", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_file_that_could_not_be_read_has_a_picture_that_says_so(client: FlaskClient) -> None:
    answer = client.get("/img/run1/29")
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"


def test_the_larger_view_is_the_file_and_else_the_thumbnail(client: FlaskClient) -> None:
    for row in (24, 9):  # its file lies there; it does not
        answer = client.get(f"/img/run1/{row}?size=large")
        assert answer.status_code == 200
        assert answer.mimetype == "image/jpeg"


@pytest.mark.parametrize(
    "path",
    [
        "/img/run1/30",
        "/img/run1/-1",
        "/img/other/0",
        "/img/run1/workspace.json",
        "/map/run1/99/0.svg",
        "/map/run1/0/77.svg",
        "/map/other/0/0.svg",
        "/api/run1/item/99",
        "/api/other/item/0",
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
            assert call(client, "/")["title"]["data"]


def test_a_page_opened_after_a_new_run_shows_that_run(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")
    with create_app(Services(Dataset(ws.path))).server.test_client() as client:
        assert client.get("/img/run1/0").status_code == 200
        frames = {"items": ws.items(), "classes": ws.classes(), "clusters": ws.clusters()}
        ws.write_run("run2", frames)
        assert client.get("/img/run1/0").status_code == 200  # what is open goes on
        assert '"data-run":"run2"' in client.get("/_dash-layout").get_data(as_text=True)
        assert client.get("/img/run2/0").status_code == 200
        assert client.get("/img/run1/0").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "DASH_URL_BASE_PATHNAME",
        "DASH_REQUESTS_PATHNAME_PREFIX",
        "DASH_ROUTES_PATHNAME_PREFIX",
        "dash_url_base_pathname",
        "DASH_ASSETS_EXTERNAL_PATH",
    ],
)
def test_settings_meant_for_other_dash_apps_change_nothing(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """plotly/dash issue 2118 and openanalytics/shinyproxy issue 235: prefixes that do not agree."""
    services = Services(dataset)

    def addresses() -> list[str]:
        page = create_app(services).server.test_client().get("/")
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        prefix = re.findall(r'"(?:url_base|requests)_pathname_prefix"?:\s*"?([^",]*)', text)
        return [*(a.partition("?")[0] for a in re.findall(r'(?:src|href)="([^"]*)', text)), *prefix]

    plain = addresses()
    monkeypatch.setenv(name, "/x/")
    assert addresses() == plain
