"""Strangers' requests: names, origins, headers, sizes, writing, proxies."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from embeddings.errors import UsageError
from explorer.data import Dataset
from explorer.security import NOTEBOOKS, Policy, policy_for
from explorer.security.headers import content_policy
from explorer.security.policy import is_local
from tests.explorer.guarding import TOKEN, addresses, guarded

LOCAL = Policy()


@pytest.fixture(scope="module")
def open_door(dataset: Dataset) -> Iterator[FlaskClient]:
    with guarded(dataset, LOCAL) as client:
        yield client


# -- names and origins ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8050", "127.0.0.1:9999", "[::1]:8050", "LOCALHOST", "localhost."],
)
def test_it_answers_to_its_own_names(open_door: FlaskClient, host: str) -> None:
    assert open_door.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8050", "localhost.evil.example", "127.0.0.1.evil.example",
        "192.168.1.5:8050", "", "localhost:8050:1", "localhost/x", "user@localhost", "[::1",
        "localhost:port", "[::2]", "127.0.0.1, evil.example", "lоcalhost".encode().decode("latin1"),
    ],
)  # fmt: skip
def test_a_rebound_name_is_refused(open_door: FlaskClient, host: str) -> None:
    answer = open_door.get("/_dash-layout", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.get_data(as_text=True).count("\n") == 1


def test_forwarded_names_are_not_believed(open_door: FlaskClient) -> None:
    answer = open_door.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "localhost"})
    assert answer.status_code == 403


def test_a_port_can_be_demanded(dataset: Dataset) -> None:
    with guarded(dataset, Policy(hosts=frozenset({"localhost:8050"}))) as client:
        assert client.get("/", headers={"Host": "localhost:8050"}).status_code == 200
        assert client.get("/", headers={"Host": "localhost:8051"}).status_code == 403
        assert client.get("/", headers={"Host": "localhost"}).status_code == 403


FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:8888"},
    {"Origin": "https://localhost.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://[::1"},
    {"Origin": "http://user@localhost:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "nonsense"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_sites_page_can_post_nothing(
    open_door: FlaskClient, headers: dict[str, str]
) -> None:
    for method, path in addresses(open_door):
        if method not in ("GET", "HEAD", "OPTIONS"):
            answer = open_door.open(path, method=method, json={"rows": [1]}, headers=headers)
            assert answer.status_code == 403, (method, path)


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_our_own_page_and_programs_can_post(
    open_door: FlaskClient, headers: dict[str, str]
) -> None:
    answer = open_door.post("/api/run1/selection", json={"rows": [9]}, headers=headers)
    assert answer.status_code == 200


def test_a_proxy_may_change_the_host(dataset: Dataset) -> None:
    policy = policy_for("127.0.0.1", token=TOKEN, allow=["rosette.example.org"])
    with guarded(dataset, policy) as client:
        ours = {"Origin": "https://rosette.example.org", "Authorization": f"Bearer {TOKEN}"}
        assert client.post("/api/run1/selection", json={}, headers=ours).status_code == 200
        theirs = {"Origin": "https://rosette.example.org.evil.example"}
        assert client.post("/api/run1/selection", json={}, headers=theirs).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_can_load_nothing(open_door: FlaskClient, site: str) -> None:
    for path in ("/img/run1/9", "/api/run1/item/9", "/_dash-layout", "/assets/10-core.js", "/"):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert open_door.get(path, headers=headers).status_code == 403, path
    opened = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert open_door.get("/class/jaguar", headers=opened).status_code == 200  # a link in a mail
    assert open_door.get("/export/run1/csv.zip", headers=opened).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
def test_only_json_is_taken(open_door: FlaskClient, kind: str) -> None:
    answer = open_door.post("/api/run1/selection", data='{"rows": [1]}', content_type=kind)
    assert answer.status_code == 415


# -- headers -------------------------------------------------------------------------------------


def test_every_answer_carries_the_headers(open_door: FlaskClient) -> None:
    paths = ["/", "/nowhere", "/img/run1/9", "/img/other/1", "/_dash-layout", "/api/x"]
    answers = [open_door.get(path) for path in paths]
    answers.append(open_door.get("/", headers={"Host": "evil.example"}))
    answers.append(open_door.post("/api/run1/selection", data="x"))
    for answer in answers:
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("evaluates", "scripts"),
    [
        (False, "script-src 'self' 'sha256-abc='"),
        (True, "script-src 'self' 'unsafe-eval' 'sha256-abc='"),
    ],
)
def test_no_script_is_inline_and_nothing_comes_from_another_machine(
    evaluates: bool, scripts: str
) -> None:
    policy = content_policy(["'sha256-abc='"], (), evaluates=evaluates)
    assert scripts in policy.split("; ")
    assert "http" not in policy
    assert "*" not in policy


def test_each_inline_script_of_the_page_has_its_hash(dataset: Dataset) -> None:
    with guarded(dataset, LOCAL) as client:
        answer = client.get("/")
        page, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    inline = re.findall(
        r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", page, re.S
    )
    assert inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_a_notebook_may_frame_the_app(dataset: Dataset) -> None:
    with guarded(dataset, Policy(ancestors=NOTEBOOKS)) as client:
        framed = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}
        answer = client.get("/", headers=framed)
    assert answer.status_code == 200
    assert "frame-ancestors http://localhost:*" in answer.headers["Content-Security-Policy"]
    assert answer.headers.get("X-Frame-Options") != "DENY"


# -- sizes ---------------------------------------------------------------------------------------


def test_a_large_body_is_refused(dataset: Dataset) -> None:
    with guarded(dataset, Policy(max_body=1000)) as client:
        post: Any = {"content_type": "application/json"}
        small = client.post("/api/run1/selection", data=b'{"rows": [1]}', **post)
        assert small.status_code == 200
        assert client.post("/api/run1/selection", data=b" " * 1001, **post).status_code == 413


@pytest.mark.parametrize("path", ["/" + "x" * 5000, "/img/run1/" + "9" * 5000, "/?q=" + "y" * 5000])
def test_a_long_address_is_refused(open_door: FlaskClient, path: str) -> None:
    assert open_door.get(path).status_code == 414


# -- read-only -----------------------------------------------------------------------------------


def test_read_only_writes_nothing(dataset: Dataset, tmp_path: Path) -> None:
    with guarded(dataset, Policy(read_only=True), tmp_path) as client:
        before = client.get("/api/run1/decisions").get_json()
        refused = []
        for method, path in addresses(client):
            if method in ("GET", "HEAD", "OPTIONS"):
                continue
            body = {"action": "keep", "rows": [1], "name": "x", "label": "car"}
            if client.open(path, method=method, json=body).status_code == 403:
                refused.append(path.removeprefix("/api/run1/"))
        for path in ("/img/run1/9", "/", "/class/jaguar", "/api/run1/decide"):
            for method in ("PUT", "DELETE", "PATCH"):
                answer = client.open(path, method=method, json={})
                assert answer.status_code in (403, 405)
        assert set(refused) >= {"decide", "undo", "redo", "assign", "selections"}
        assert not {"selection", "selection.csv", "/_dash-update-component"} & set(refused)
        assert client.get("/api/run1/decisions").get_json() == before
        assert client.get("/api/run1/selections").get_json() == []
        assert client.post("/api/run1/selection", json={"rows": [9]}).status_code == 200


def test_without_read_only_a_decision_is_taken(dataset: Dataset, tmp_path: Path) -> None:
    with guarded(dataset, LOCAL, tmp_path) as client:
        answer = client.post("/api/run1/decide", json={"action": "keep", "rows": [1]})
        assert answer.status_code == 200


# -- which policy --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "local_"),
    [
        ("127.0.0.1", True), ("127.3.2.1", True), ("localhost", True), ("::1", True),
        ("[::1]", True), ("0.0.0.0", False), ("::", False), ("", False), ("192.168.1.5", False),
        ("example.org", False),
    ],
)  # fmt: skip
def test_which_hosts_are_local(host: str, local_: bool) -> None:
    assert is_local(host) is local_
    policy = policy_for(host)
    assert (policy.token is None) is local_
    assert policy.any_address is not local_


@pytest.mark.parametrize(
    "more", [{"prefix": "/rosette/"}, {"behind_proxy": True}, {"allow": ["rosette.example.org"]}]
)
def test_behind_a_proxy_strangers_can_come_to_a_local_host_too(more: dict[str, Any]) -> None:
    policy = policy_for("127.0.0.1", **more)
    assert policy.token
    assert policy.any_address
    assert policy_for("127.0.0.1", prefix="/").token is None


def test_a_token_is_made_anew_each_time() -> None:
    made = {policy_for("0.0.0.0").token for _ in range(5)}
    assert len(made) == 5
    assert all(token and len(token) >= 43 for token in made)
    assert policy_for("127.0.0.1", token=TOKEN).token == TOKEN


def test_any_address_is_answered_to_beyond_this_machine(dataset: Dataset) -> None:
    policy = policy_for("0.0.0.0", token=TOKEN, allow=["Rosette.Example.org"])
    with guarded(dataset, policy) as client:
        for host in ("192.168.1.5:8050", "[2001:db8::1]:8050", "rosette.example.org"):
            assert client.get("/login", headers={"Host": host}).status_code == 200
        assert client.get("/login", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "short"}, {"token": ""}, {"hosts": frozenset({"http://x"})},
        {"hosts": frozenset({"a b"})}, {"prefix": "rosette"}, {"prefix": "/a//b"},
        {"prefix": "/a\r\n"}, {"prefix": "/"}, {"prefix": "/a/.."}, {"prefix": "/" + "a" * 200},
    ],
    ids=str,
)  # fmt: skip
def test_a_policy_that_can_not_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Policy(**wrong)
