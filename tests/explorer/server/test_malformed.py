"""What is turned away, and what must not be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from explorer.data import Dataset, Services
from explorer.server import create_app, malformed
from explorer.server.malformed import DEEPEST, no_question, unfit

CALLBACKS: dict[str, Any] = {
    "..a.children...b.data@0f..": {
        "callback": print,
        "inputs": [{"id": "url", "property": "data"}],
        "state": [{"id": "shown", "property": "data"}],
    },
    '{"n":["ALL"],"type":"x"}.title': {
        "callback": print,
        "inputs": [{"id": '{"n":["ALL"],"type":"x"}', "property": "n_clicks"}],
        "state": [],
    },
    "browser.only": {"inputs": [], "state": []},
}
GOOD: dict[str, Any] = {
    "output": "..a.children...b.data@0f..",
    "outputs": [{"id": "a", "property": "children"}, {"id": "b", "property": "data@0f"}],
    "inputs": [{"id": "url", "property": "data", "value": {"pathname": "/"}}],
    "state": [{"id": "shown", "property": "data"}],
    "changedPropIds": ["url.data"],
}


@pytest.fixture(scope="module")
def looked_at(dataset: Dataset) -> Iterator[FlaskClient]:
    app = create_app(Services(dataset))
    malformed.register(app)
    with app.server.test_client() as client:
        yield client


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(2**53), 2**53, 1.5, "", "日本 😀", "\x00", [], {}, {"rows": [1, 2]},
     nested(DEEPEST - 1)],
)  # fmt: skip
def test_what_can_be_worked_with(value: object) -> None:
    assert unfit(value) is None


@pytest.mark.parametrize(
    "value",
    [2**53 + 1, -(10**30), float("nan"), float("inf"), "\ud800", ["ok", {"a": ["\udfff"]}],
     {"\ud800": 1}, {"rows": [1, 2**63]}, nested(DEEPEST)],
)  # fmt: skip
def test_what_can_not(value: object) -> None:
    assert unfit(value) is not None


def test_a_question_of_the_page_is_one() -> None:
    assert no_question(GOOD, CALLBACKS) is None


@pytest.mark.parametrize("several", [True, False])
def test_a_pattern_stands_for_any_number_of_places(several: bool) -> None:
    place = {"id": {"n": 1, "type": "x"}, "property": "n_clicks"}
    out = {"id": {"n": 1, "type": "x"}, "property": "title"}
    question = {
        "output": '{"n":["ALL"],"type":"x"}.title',
        "outputs": [out, out] if several else out,
        "inputs": [[place, place] if several else place],
    }
    assert no_question(question, CALLBACKS) is None
    question["inputs"] = [[{"id": "x", "property": "n_clicks"}]]
    assert no_question(question, CALLBACKS) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"output": "nobody.data"}, {"output": None}, {"output": ["x"]}, {"output": "browser.only"},
        {"inputs": []}, {"inputs": None}, {"inputs": [1]}, {"inputs": {"id": "url"}},
        {"inputs": [{"id": "url", "property": "other"}]}, {"state": [{"id": {}, "property": 1}]},
        {"outputs": None}, {"outputs": []}, {"outputs": GOOD["outputs"][:1]},
        {"outputs": GOOD["outputs"][::-1]}, {"changedPropIds": None}, {"changedPropIds": [[]]},
    ],
    ids=str,
)  # fmt: skip
def test_anything_else_is_none(changes: dict[str, Any]) -> None:
    assert no_question({**GOOD, **changes}, CALLBACKS) is not None


@pytest.mark.parametrize("body", [None, [], "x", 1])
def test_a_question_is_an_object(body: object) -> None:
    assert no_question(body, CALLBACKS) is not None


@pytest.mark.parametrize("body", ["", "{", "[" * 20_000, '{"rows": [NaN]}', "9" * 9000, "\xff"])
def test_nonsense_is_answered_with_400(looked_at: FlaskClient, body: str) -> None:
    for path in ("/api/run1/selection", "/_dash-update-component"):
        answer = looked_at.post(path, data=body.encode("latin1"), content_type="application/json")
        assert answer.status_code == 400
        assert answer.get_data(as_text=True).count("\n") == 1


def test_a_part_that_dash_has_not_is_404_and_lists_none(looked_at: FlaskClient) -> None:
    for path in ("os/path.py", "dash/../../x.js", "dash/nothing.js", "explorer/cli/main.py"):
        answer = looked_at.get(f"/_dash-component-suites/{path}")
        assert answer.status_code == 404
        assert "egistered" not in answer.get_data(as_text=True)
