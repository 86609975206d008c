"""Strangers at the door: every promise of SECURITY.md about the app that needs no browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from embeddings.errors import UsageError
from embeddings.store import open_store
from explorer.app import create_app
from explorer.dataset import Dataset
from explorer.decisions import Decisions
from explorer.pages.login.door import Door, local
from explorer.pages.login.failures import Failures, network
from explorer.security import (
    LOOPBACK,
    NOTEBOOKS,
    Policy,
    content_policy,
    is_local,
    policy_for,
    protect,
)
from explorer.services import Services

TOKEN = "correct-horse-battery-staple"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NAMES = ("jaguar", "crane", "cup", "photos", "run1", "1-0.jpg")
LOCAL = Policy()
GUARDED = Policy(token=TOKEN, hosts=LOOPBACK | {"rosette.example.org"})


@contextmanager
def guarded(dataset: Dataset, policy: Policy, store: Path | None = None) -> Iterator[FlaskClient]:
    decisions = Decisions(dataset, open_store(store)) if store else None
    app = create_app(Services(dataset, decisions))
    protect(app.server, policy, app.csp_hashes())
    with app.server.test_client() as client:
        yield client
    if decisions:
        decisions.store.close()


@pytest.fixture(scope="module")
def open_door(dataset: Dataset) -> Iterator[FlaskClient]:
    with guarded(dataset, LOCAL) as client:
        yield client


@pytest.fixture
def shut(dataset: Dataset) -> Iterator[FlaskClient]:
    with guarded(dataset, GUARDED) as client:
        yield client


def addresses(client: FlaskClient) -> list[tuple[str, str]]:
    """One address for every rule and method of the server."""
    values = {"run": "run1", "row": "9", "place": "0", "cluster": "1", "name": "csv"}
    return [
        (method, re.sub(r"<(?:[^:>]*:)?(\w+)>", lambda m: values.get(m[1], "x"), rule.rule))
        for rule in client.application.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]


def login(client: FlaskClient, token: str = TOKEN, **form: str) -> TestResponse:
    return client.post("/login", data={"token": token, **form}, headers=HTML)


# -- the token ---------------------------------------------------------------------------------


def test_without_the_token_every_address_answers_401_and_names_nothing(shut: FlaskClient) -> None:
    known = [*addresses(shut), ("GET", "/class/jaguar"), ("GET", "/assets/10-core.js")]
    assert len(known) > 50
    for headers in (HTML, {}):
        for method, path in known:
            answer = shut.open(path, method=method, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert "Set-Cookie" not in answer.headers
            said = answer.get_data(as_text=True) + str(answer.headers)
            said = said.replace(f'value="{path}"', "")  # what the stranger said himself
            assert not [name for name in NAMES if name in said], (method, path)


def test_the_login_page_loads_and_runs_nothing(shut: FlaskClient) -> None:
    answer = shut.get("/login", headers=HTML)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in answer.get_data(as_text=True)


def test_the_token_in_the_address_becomes_a_cookie_and_goes_from_the_address(
    shut: FlaskClient,
) -> None:
    answer = shut.get(f"/class/%3Cb%3Ecup%3C%2Fb%3E?item=3&token={TOKEN}&q=a%26b", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/class/%3Cb%3Ecup%3C/b%3E?item=3&q=a%26b"
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    assert TOKEN not in cookie
    assert shut.get("/_dash-layout").status_code == 200
    assert shut.get("/img/run1/9").status_code == 200


def test_the_form_lets_in_and_leads_back(shut: FlaskClient) -> None:
    page = shut.get("/map?colour=label", headers=HTML).get_data(as_text=True)
    target = re.search(r'name="next" value="([^"]*)"', page)
    assert target is not None
    answer = login(shut, next=target[1])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/map?colour=label")
    assert shut.get("/").status_code == 200
    assert shut.get("/login").status_code == 303  # nothing to ask for any more


def test_a_program_may_send_the_token_as_a_header(shut: FlaskClient) -> None:
    right = shut.get("/api/run1/find?q=jag", headers={"Authorization": f"Bearer {TOKEN}"})
    assert right.get_json()["n_labels"] == 1
    assert shut.get("/", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize(
    "wrong", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é", "\ud800", "\x00", "日本" * 9]
)
def test_a_wrong_token_is_refused(shut: FlaskClient, wrong: str) -> None:
    sent = wrong.encode("utf-8", "surrogatepass")
    for answer in (
        shut.get("/", query_string="token=" + "".join(f"%{byte:02X}" for byte in sent)),
        shut.post("/login", data={"token": wrong.encode("utf-8", "replace").decode()}),
    ):
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("value", ["", TOKEN, "x", "0" * 64])
def test_a_made_up_cookie_is_refused(shut: FlaskClient, value: str) -> None:
    shut.set_cookie(Door(TOKEN).cookie, value)
    assert shut.get("/").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/x",
        "https://evil.example/",
        "/\\evil.example",
        "/ok\\..\\",
        "/\t/evil.example",
        "\n/x",
        "javascript:alert(1)",
        "/" + "x" * 3000,
        "/x\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_nobody_is_led_elsewhere(shut: FlaskClient, target: str) -> None:
    assert local(target) == "/"
    assert login(shut, next=target).headers["Location"] == "/"


def test_an_address_that_begins_with_two_slashes_stays_here(shut: FlaskClient) -> None:
    asked = {"PATH_INFO": "//evil.example/x"}
    answer = shut.get(f"/?token={TOKEN}", environ_overrides=asked)
    assert answer.headers["Location"] == "/evil.example/x"


def test_what_a_stranger_says_is_no_html(shut: FlaskClient) -> None:
    page = shut.get('/"><script>alert(1)</script>', headers=HTML).get_data(as_text=True)
    assert "<script" not in page
    assert 'value="/%22%3E%3Cscript%3Ealert%281%29%3C/script%3E"' in page


def test_the_cookie_differs_by_token_and_is_the_same_after_a_restart() -> None:
    first, again, other = Door(TOKEN), Door(TOKEN), Door(TOKEN + "!")
    assert (first.key, first.cookie) == (again.key, again.cookie)
    assert first.key != other.key
    assert first.cookie != other.cookie
    assert TOKEN not in repr(first)
    assert TOKEN not in repr(GUARDED)


def test_behind_tls_the_cookie_is_secure(shut: FlaskClient) -> None:
    plain = shut.get(f"/?token={TOKEN}").headers["Set-Cookie"]
    tls = shut.get(f"/?token={TOKEN}", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" not in plain
    assert "Set-Cookie" not in tls.headers or "Secure" in tls.headers["Set-Cookie"]


def test_guessing_is_slowed_down_and_forgiven(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    failures = Failures(limit=3, window=60, clock=lambda: now[0])
    assert [failures.add("10.0.0.1") for _ in range(5)] == [False, False, True, False, False]
    assert failures.wait("10.0.0.1") == 60
    assert failures.wait("10.0.0.2") == 0
    now[0] = 60.0
    assert failures.wait("10.0.0.1") == 0
    assert failures.add("10.0.0.1") is False


def test_after_ten_wrong_tokens_even_the_right_one_waits(
    shut: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [login(shut, "wrong") for _ in range(30)]
    assert [a.status_code for a in answers] == [401] * 9 + [429] * 21
    assert int(answers[-1].headers["Retry-After"]) in range(1, 61)
    assert login(shut).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert shut.get(f"/?token={TOKEN}", environ_base=elsewhere).status_code == 303
    assert len(caplog.records) == 1  # the log does not grow with the attempts
    assert TOKEN not in caplog.text


def test_the_memory_of_failures_is_bounded() -> None:
    failures = Failures(most=50)
    for n in range(500):
        failures.add(f"2001:db8:{n:x}::1")
    assert len(failures) == 50


def test_an_ipv6_network_is_one_address() -> None:
    assert network("2001:db8::1") == network("2001:db8::2:3") == "2001:db8::/64"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("192.0.2.1") == "192.0.2.1"
    assert len(network("x" * 1000)) == 64


def test_pictures_behind_a_token_are_kept_by_nobody_in_between(shut: FlaskClient) -> None:
    shut.get(f"/?token={TOKEN}")
    assert shut.get("/img/run1/9").headers["Cache-Control"].startswith("private")
    assert shut.get("/api/run1/item/9").headers["Cache-Control"] == "no-store"


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
    policy = policy_for("127.0.0.1", allow=["rosette.example.org"])
    with guarded(dataset, policy) as client:
        ours = {"Origin": "https://rosette.example.org"}
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
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


def test_no_script_of_ours_is_inline_and_none_is_made_from_text() -> None:
    policy = content_policy(["'sha256-abc='"], ())
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == "script-src 'self' 'sha256-abc='"
    assert "unsafe-eval" not in policy
    assert "http" not in policy  # nothing is loaded from another machine
    assert "*" not in policy


def test_each_inline_script_of_the_page_has_its_hash(dataset: Dataset) -> None:
    import base64
    import hashlib

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


def test_the_login_form_takes_little(shut: FlaskClient) -> None:
    assert login(shut, "x" * 10_000).status_code == 413


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


# -- behind a proxy ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/rosette/api/run1/item/9", "/api/run1/item/9"])
def test_a_prefix_may_be_taken_off_by_the_proxy_or_here(dataset: Dataset, path: str) -> None:
    with guarded(dataset, Policy(prefix="/rosette")) as client:
        assert client.get(path).get_json()["row"] == 9
        assert client.get("/rosette").status_code == 200
        assert client.get("/rosettex/api/run1/item/9").mimetype == "text/html"  # the page


def test_login_below_a_prefix(dataset: Dataset) -> None:
    with guarded(dataset, Policy(token=TOKEN, prefix="/rosette")) as client:
        page = client.get("/rosette/map", headers=HTML)
        assert page.status_code == 401
        assert 'action="/rosette/login"' in page.get_data(as_text=True)
        answer = client.post("/rosette/login", data={"token": TOKEN, "next": "/map"})
        assert answer.headers["Location"] == "/rosette/map"
        assert "Path=/rosette/" in answer.headers["Set-Cookie"]


def test_a_prefix_that_only_a_header_claims_is_not_believed(shut: FlaskClient) -> None:
    claimed = {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil", **HTML}
    assert "evil" not in shut.get("/login", headers=claimed).get_data(as_text=True)
    answer = shut.get(f"/map?token={TOKEN}", headers=claimed)
    assert answer.headers["Location"] == "/map"
    assert "Path=/;" in answer.headers["Set-Cookie"] + ";"


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
        {"prefix": "/a\r\n"}, {"prefix": "/"},
    ],
    ids=str,
)  # fmt: skip
def test_a_policy_that_can_not_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Policy(**wrong)


def test_the_form_of_a_large_token_is_not_a_fault(shut: FlaskClient) -> None:
    assert shut.post("/login", data=b"\xff\xfe=%zz&token=%ff").status_code == 401
