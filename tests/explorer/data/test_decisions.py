"""Deciding over HTTP: words, undo, conflicts, nonsense; saved selections; exports."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from plotly.utils import PlotlyJSONEncoder

from embeddings import columns as c
from embeddings import ingest
from embeddings.decisions import open_store
from embeddings.exchange import export_workspace, import_file
from embeddings.workspace import Workspace
from explorer.data import Dataset, Decisions, Services
from explorer.pages.review.layout import review_layout
from explorer.pages.review.view import ago, heading, review_view, sentence
from explorer.pages.splits.query import read_query
from explorer.pages.splits.view import asked_for
from explorer.server import create_app
from tests.explorer.conftest import build_workspace


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[Decisions]:
    ws = build_workspace(tmp_path / "ws")
    with open_store(ws.path) as store:
        yield Decisions(Dataset(ws.path), store)


@pytest.fixture
def deciding(decisions: Decisions) -> FlaskClient:
    app = create_app(Services(decisions.dataset, decisions, "Mara"))
    return app.server.test_client()


def post(client: FlaskClient, what: str, status: int = 200, **content: Any) -> dict[str, Any]:
    answer = client.post(f"/api/run1/{what}", json=content)
    assert answer.status_code == status, answer.get_data(as_text=True)
    said: dict[str, Any] = answer.get_json()
    return said


def test_a_cluster_is_one_action(deciding: FlaskClient, decisions: Decisions) -> None:
    said = post(
        deciding, "decide", action="relabel", to_label="car", label="jaguar", cluster=1
    )  # fmt: skip
    assert said["words"] == "4 images are now car"
    assert said["decided"] == {str(row): "relabel: car" for row in range(9, 13)}
    assert decisions.by_label() == {"jaguar": 4}
    assert decisions.decided()[9].reviewer == "Mara"
    undone = post(deciding, "undo")
    assert undone["words"] == "Undone for 4 images"
    assert undone["decided"] == {str(row): "" for row in range(9, 13)}
    assert post(deciding, "redo")["decided"]["9"] == "relabel: car"
    assert "nothing" in post(deciding, "redo", 409)["error"].lower()


def test_some_images(deciding: FlaskClient) -> None:
    assert post(deciding, "decide", action="keep", rows=[0])["words"] == "1 image kept as labelled"
    said = post(deciding, "decide", action="remove", rows=[1, 2], note="blurred")
    assert said["words"] == "2 images left out of exports"


def test_each_group_in_its_own_way_is_one_action(
    deciding: FlaskClient, decisions: Decisions
) -> None:
    each = [
        {"rows": [9, 10], "action": "relabel", "to_label": "car"},
        {"rows": [10, 13], "action": "keep"},
        "nonsense",
    ]
    said = post(deciding, "decide", each=each)
    assert said["words"] == "3 images decided, each by itself"
    assert said["decided"] == {"9": "relabel: car", "10": "relabel: car", "13": "keep"}
    assert said["left"] == {"split": 0}
    assert post(deciding, "undo")["words"] == "Undone for 3 images"
    assert decisions.by_label() == {}
    assert deciding.get("/api/run1/decisions?since=0").get_json()["left"] == {"split": 1}
    post(deciding, "decide", 400, each=[{"rows": [9], "action": "explode"}])
    post(deciding, "decide", 400, each=[])


def test_one_of_two_copies_is_left_out_alone(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")
    items = ws.items()
    items.loc[25, c.SHA256] = items.loc[24, c.SHA256]
    ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
    with open_store(ws.path) as store:
        decisions = Decisions(Dataset(ws.path), store)
        client = create_app(Services(decisions.dataset, decisions, "Mara")).server.test_client()
        both = post(client, "decide", each=[{"rows": [24], "action": "keep"}])
        assert both["decided"] == {"24": "keep", "25": "keep"}
        post(client, "undo")
        alone = {"rows": [24], "action": "remove", "only_these": True}
        assert post(client, "decide", each=[alone])["decided"] == {"24": "remove"}


def test_a_conflict_names_who_and_what(deciding: FlaskClient) -> None:
    post(deciding, "decide", action="remove", rows=[3], reviewer="Otto", expected=0)
    said = post(deciding, "decide", 409, action="keep", rows=[3, 4], reviewer="Mara", expected=0)
    assert "Otto decided `remove`" in said["error"]
    again = post(deciding, "decide", action="keep", rows=[3, 4], expected=said["position"])
    assert again["decided"]["3"] == "keep"


def test_what_others_decide_is_told(deciding: FlaskClient) -> None:
    post(deciding, "decide", action="keep", rows=[5], reviewer="Otto")
    told = deciding.get("/api/run1/decisions?since=0").get_json()
    assert told["decided"] == {"5": "keep"}
    later = deciding.get(f"/api/run1/decisions?since={told['position']}").get_json()
    assert later["decided"] == {}


@pytest.mark.parametrize(
    "content",
    [
        {"action": "explode", "rows": [1]},
        {"action": "relabel", "rows": [1]},
        {"action": "keep", "rows": []},
        {"action": "keep", "rows": [999, -1, "x"]},
        {"action": None},
        {"action": "keep", "label": "nobody", "cluster": 1},
        {"action": "keep", "rows": [1], "reviewer": "a\0b"},
    ],
)
def test_nonsense_is_refused(deciding: FlaskClient, content: dict[str, Any]) -> None:
    post(deciding, "decide", 400, **content)


def test_without_a_store_nothing_is_decided(client: FlaskClient) -> None:
    assert client.post("/api/run1/decide", json={"action": "keep", "rows": [1]}).status_code == 403
    assert client.get("/export/run1/csv.zip").status_code == 404


def test_selections_are_saved_and_found_again(deciding: FlaskClient) -> None:
    assert post(deciding, "selections", name="cars?", rows=[9, 24])["size"] == 2
    assert deciding.get("/api/run1/selections").get_json()[0]["name"] == "cars?"
    found = deciding.get("/api/run1/selections/cars%3F").get_json()
    assert (sorted(found["rows"]), found["gone"]) == ([9, 24], 0)
    assert deciding.get("/api/run1/selections/none").status_code == 404
    post(deciding, "selections", 400, name="empty", rows=[])


def test_an_image_a_selection_and_its_table_know_what_is_decided(deciding: FlaskClient) -> None:
    post(deciding, "decide", action="relabel", to_label="=car", rows=[9])
    assert deciding.get("/api/run1/item/9").get_json()["decision"] == "relabel: =car"
    assert deciding.get("/api/run1/item/10").get_json()["decision"] == ""
    assert post(deciding, "selection", rows=[9, 10])["decided"] == {"9": "relabel: =car"}
    table = deciding.post("/api/run1/selection.csv", json={"rows": [9, 10]}).get_data(as_text=True)
    head, first, second = table.splitlines()
    assert head.endswith("decision")
    assert (first.split(",")[-1], second.split(",")[-1]) == ("relabel: =car", "")


def test_labels_are_taken(deciding: FlaskClient, decisions: Decisions) -> None:
    post(deciding, "assign", label="jaguar", reviewer="Otto")
    assert decisions.store.assignments()["jaguar"].reviewer == "Otto"
    post(deciding, "assign", 400, label="nobody")


def test_an_export_is_a_zip(deciding: FlaskClient) -> None:
    answer = deciding.get("/export/run1/csv.zip")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert sorted(archive.namelist()) == [
            "classes.csv",
            "clusters.csv",
            "items.csv",
            "merges.csv",
        ]
    assert deciding.get("/export/run1/nothing.zip").status_code == 404
    assert deciding.get("/export/run1/csv.zip?scope=moon").status_code == 400


def test_the_review_counts_down(deciding: FlaskClient, decisions: Decisions) -> None:

    def view(**more: Any) -> Any:
        decisions.follow()
        return review_view(decisions.dataset, decisions, now=datetime.now(UTC), **more)

    before = view()
    assert (before.heading, before.n_left) == ("Nothing is decided yet", 1)
    post(deciding, "decide", action="keep", label="jaguar", cluster=1)
    after = view()
    assert (after.heading, after.n_left) == ("4 images are decided", 0)
    assert after.sentence == "1 action has settled 4 images so far."
    assert after.counts["keep"] == 4
    assert after.lines[0].words == "4 in jaguar kept as labelled"
    places = asked_for(decisions.dataset, read_query("?done=yes"), decisions.by_label())
    assert [decisions.dataset.labels[p] for p in places] == ["jaguar"]


def test_review_words() -> None:

    now = datetime(2026, 1, 2, tzinfo=UTC)
    said = [ago(now - timedelta(seconds=s), now) for s in (5, 60, 7300, 90000, -5)]
    assert said == ["just now", "a minute ago", "2 hours ago", "a day ago", "just now"]
    assert heading(3) == "3 images are decided"
    assert heading(1) == "1 image is decided"
    assert sentence(9, 312) == "9 actions have settled 312 images so far."


def test_decisions_go_out_and_come_back(decisions: Decisions, tmp_path: Path) -> None:
    ws: Workspace = decisions.dataset.workspace
    from embeddings.decisions import Context

    decisions.decide(
        [9, 10], "relabel", to_label="car", note="", reviewer="Mara", context=Context(),
        expected=None,
    )  # fmt: skip
    out = tmp_path / "out"
    export_workspace(ws, decisions.store, "csv", out, scope="flagged")
    with open_store(tmp_path_folder(tmp_path)) as other:
        first = import_file(ws, other, out / "items.csv", reviewer="Otto")
        assert len(first.report.changed) == 2
        assert set(other.current()["decision"]) == {"relabel: car"}
        again = import_file(ws, other, out / "items.csv", reviewer="Otto")
        assert (len(again.report.changed), again.receipts) == (0, ())
    assert ingest.detect(out / "items.csv") == "csv"


def tmp_path_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


def test_labels_do_not_come_with_the_page(deciding: FlaskClient) -> None:
    assert "jaguar" not in deciding.get("/_dash-layout").get_data(as_text=True)


def test_who_followed_each_step_knows_what_a_newcomer_reads(
    deciding: FlaskClient, decisions: Decisions
) -> None:
    rng = random.Random(0)
    for step in range(60):
        what = rng.choice(["decide", "decide", "decide", "undo", "redo"])
        body: dict[str, Any] = {}
        if what == "decide":
            start = rng.randrange(25)
            body = {"rows": list(range(start, start + rng.randrange(1, 5)))}
            body["action"] = rng.choice(["keep", "remove", "unsure"])
        deciding.post(f"/api/run1/{what}", json=body)
        if step % 2:
            decisions.follow()
        if step % 7 == 0:
            newcomer = Decisions(decisions.dataset, decisions.store)
            assert newcomer.follow() == decisions.follow()
            assert newcomer.decided() == decisions.decided()
            assert newcomer.by_label() == decisions.by_label()
            assert newcomer.any_decided() == decisions.any_decided() == bool(decisions.decided())
    labels = [decisions.dataset.label_of(row) for row in decisions.decided()]
    assert decisions.by_label() == Counter(labels)


def test_an_export_may_hold_the_flagged_images_alone(decisions: Decisions) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for search, scope in (
        ("", "all"),
        ("?scope=flagged", "flagged"),
        ("?scope=decided", "decided"),
        ("?scope=../etc", "all"),
    ):
        view = review_view(decisions.dataset, decisions, now=now, search=search)
        text = json.dumps(review_layout(view, "run1", may_decide=True), cls=PlotlyJSONEncoder)
        assert f"/export/run1/csv.zip?scope={scope}" in text


def test_the_flagged_images_are_fewer(deciding: FlaskClient) -> None:
    def files(scope: str) -> int:
        answer = deciding.get(f"/export/run1/csv.zip?scope={scope}")
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            return packed.read("items.csv").count(b"\n")

    assert 1 < files("flagged") < files("all")
