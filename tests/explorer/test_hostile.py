"""Names that want to be formulas or HTML are text in every export."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from embeddings.decisions import open_store
from explorer.data import Dataset, Decisions, Services
from explorer.security import Policy
from explorer.server import create_app
from tests.embeddings.export.making import FOR_ANY_ITEMS
from tests.explorer.hostile import FORMULA, HTML, build_hostile

NUMBER = re.compile(r"[+-]?[\d.]+(e[+-]?\d+)?")
DELIMITERS = {".csv": ",", ".tsv": "\t"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("hostile") / "ws"
    build_hostile(folder)
    dataset = Dataset(folder)
    with open_store(folder) as store:
        yield create_app(
            Services(dataset, Decisions(dataset, store)), Policy()
        ).server.test_client()


def formulas(text: str, delimiter: str) -> list[str]:
    """Return the cells that a spreadsheet would run."""
    cells = (cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row)
    return [cell for cell in cells if cell[:1] in tuple("=+-@") and not NUMBER.fullmatch(cell)]


@pytest.mark.parametrize("name", FOR_ANY_ITEMS)
def test_no_export_holds_a_formula_or_markup(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/export/run1/{name}.zip")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    seen = ""
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        for file in archive.namelist():
            assert ".." not in Path("/", file).parts
            kind = Path(file).suffix
            if kind in DELIMITERS:
                text = archive.read(file).decode("utf-8-sig")
                assert formulas(text, DELIMITERS[kind]) == []
                seen += text
            elif kind == ".json":
                seen += json.dumps(json.loads(archive.read(file)), ensure_ascii=False)
            elif kind == ".xml":
                tags = {
                    node.tag.lower() for node in ElementTree.fromstring(archive.read(file)).iter()
                }
                assert not tags & {"img", "a"}
            else:
                assert kind not in (".html", ".htm", ".svg"), file
    if seen:
        assert "cmd" in seen  # it is kept, as text


def test_the_table_of_a_selection_holds_no_formula(client: FlaskClient) -> None:
    answer = client.post("/api/run1/selection.csv", json={"rows": list(range(29))})
    assert formulas(answer.get_data(as_text=True), ",") == []
    assert answer.mimetype == "text/csv"


@pytest.mark.parametrize(
    "path", ["item/0", "item/20", "find?q=%3Cimg", "find?q=%3Dcmd", "selections"]
)
def test_answers_are_json_and_nothing_a_browser_would_draw(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/run1/{path}")
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_names_are_kept_as_they_are(client: FlaskClient) -> None:
    assert client.get("/api/run1/item/0").get_json()["label"] == HTML
    assert client.get("/api/run1/item/14").get_json()["label"] == FORMULA
