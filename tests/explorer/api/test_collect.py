"""The list of images to collect: from the Slices page, by address, and from the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

from embeddings import columns as c
from embeddings.retrieval import PATH, POOL, POOL_FILE, pool_store
from embeddings.slices import CLUSTER, Group, find_slices, write_slices
from embeddings.storage import ShardRow, write_frame
from embeddings.workspace import Workspace
from explorer.data import Dataset, Services
from explorer.pages.slices.layout import slices_layout
from explorer.pages.slices.view import slices_view
from explorer.server import create_app
from tests.explorer.cli.test_main import run
from tests.explorer.conftest import CENTRES, FINGERPRINT, build_workspace


def give_pool(ws: Workspace) -> None:
    """Put six images into the pool: three like the odd jaguars, three like cranes."""
    rows = []
    for place, centre in enumerate([CENTRES["jaguar", 1]] * 3 + [CENTRES["crane", 0]] * 3):
        vector = np.zeros(4, dtype=np.float32)
        vector[centre] = 1
        vector[(centre + 1 + place % 3) % 4] = -0.35  # away from one of the others
        rows.append(ShardRow(f"p{place}", vector))
    pool_store(ws, FINGERPRINT).write(0, rows, 4)
    frame = pd.DataFrame(
        {
            PATH: [
                f"/pool/={row.key}.jpg" if row.key == "p0" else f"/pool/{row.key}.jpg"
                for row in rows
            ],
            c.SHA256: [row.key for row in rows],
            c.STATUS: c.OK,
        }
    )
    write_frame(ws.path / POOL / POOL_FILE, frame)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """A run whose model fails on the odd jaguars, for no label that others suggest."""
    ws = build_workspace(tmp_path / "ws")
    items = ws.items()
    labels = items[c.LABEL].to_numpy(dtype=object)
    predicted = labels.copy()
    odd = np.flatnonzero((labels == "jaguar") & (items[c.CLUSTER] == 1))
    predicted[odd] = ["crane", "car", "crane", "car"]
    report = find_slices(labels, predicted, groups=[Group("cluster B", CLUSTER, odd, key=1)])
    assert report.failing[0].next_step == "collect more like these"
    write_slices(ws.run_folder, report, "told.csv")
    return ws


def client_of(ws: Workspace) -> FlaskClient:
    return create_app(Services(Dataset(ws.path))).server.test_client()


def rows_of(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_collects_in_one_action_where_there_is_a_pool(ws: Workspace) -> None:
    without = str(slices_layout(slices_view(Dataset(ws.path), {}), "run1"))
    assert "--pool FOLDER" in without
    assert "collect.csv" not in without
    give_pool(ws)
    drawn = str(slices_layout(slices_view(Dataset(ws.path), {}), "run1"))
    assert "/export/run1/collect.csv?slice=1" in drawn
    assert "--pool FOLDER" not in drawn


def test_a_slice_a_part_and_a_label_are_collected_for(ws: Workspace) -> None:
    give_pool(ws)
    client = client_of(ws)
    answer = client.get("/export/run1/collect.csv?slice=1&most=3")
    assert answer.status_code == 200
    assert "collect.csv" in answer.headers["Content-Disposition"]
    found = rows_of(answer.get_data(as_text=True))
    assert {row["file"] for row in found} == {"/pool/=p0.jpg", "/pool/p1.jpg", "/pool/p2.jpg"}
    assert all(row["like"].startswith("jaguar/1-") for row in found)
    part = client.get("/export/run1/collect.csv?label=jaguar&cluster=1&most=3")
    assert part.get_data(as_text=True) == answer.get_data(as_text=True)
    cranes = rows_of(client.get("/export/run1/collect.csv?label=crane&most=3").text)
    assert {row["file"] for row in cranes} == {f"/pool/p{n}.jpg" for n in (3, 4, 5)}


@pytest.mark.parametrize(
    "query", ["", "slice=0", "slice=9", "slice=x", "label=nobody", "selection=none", "slice=²"]
)
def test_what_is_not_there_is_not_found(ws: Workspace, query: str) -> None:
    give_pool(ws)
    assert client_of(ws).get(f"/export/run1/collect.csv?{query}").status_code == 404


def test_without_a_pool_the_remedy_is_the_answer(ws: Workspace) -> None:
    answer = client_of(ws).get("/export/run1/collect.csv?slice=1")
    assert answer.status_code == 400
    assert "--pool FOLDER" in answer.text


def test_from_the_command_line(
    ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    give_pool(ws)
    code, out, _ = run("collect", ws.path, "--slice", "1", "--most", "3", capsys=capsys)
    assert (code, len(rows_of(out))) == (0, 3)
    target = tmp_path / "list.csv"
    code, told, _ = run(
        "collect", ws.path, "--label", "jaguar", "--cluster", "1", "--most", "3", "--out", target,
        capsys=capsys,
    )  # fmt: skip
    assert code == 0
    assert target.read_text(encoding="utf-8") == out
    assert "3 images to collect for 4" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--slice N"),
        (("--slice", "1", "--label", "car"), "--slice N"),
        (("--cluster", "1"), "--slice N"),
        (("--slice", "7"), "no slice 7"),
        (("--label", "nobody"), "no such items"),
    ],
)
def test_wrong_use_is_said(
    ws: Workspace, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    give_pool(ws)
    code, _, err = run("collect", ws.path, *arguments, capsys=capsys)
    assert code == 2
    assert said in err
