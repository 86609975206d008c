"""Strangers at the door: without the token nothing is answered, and nothing is named."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from explorer.components import assets_folder
from explorer.components.links import MENU
from explorer.data import Dataset
from explorer.security import Policy, policy_for
from explorer.security.door import Door, local
from explorer.security.failures import Failures, network
from explorer.security.policy import LOOPBACK
from explorer.security.sessions import Sessions
from tests.explorer.guarding import TOKEN, addresses, guarded, led_to

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NAMES = ("jaguar", "crane", "cup", "photos", "run1", "1-0.jpg")
GUARDED = Policy(token=TOKEN, hosts=LOOPBACK | {"rosette.example.org"})


@pytest.fixture
def shut(dataset: Dataset) -> Iterator[FlaskClient]:
    with guarded(dataset, GUARDED) as client:
        yield client


def login(client: FlaskClient, token: str = TOKEN, **form: str) -> TestResponse:
    return client.post("/login", data={"token": token, **form}, headers=HTML)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@pytest.fixture(params=["behind a door", "on every address", "below a proxy's prefix"])
def strange(
    request: pytest.FixtureRequest, dataset: Dataset, tmp_path: Path
) -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    """The app as strangers reach it, decisions and all, and what their browsers send."""
    policy, headers = GUARDED, {}
    if request.param == "on every address":
        policy, headers = policy_for("0.0.0.0"), {"Host": "192.168.1.5:8050"}
    elif request.param == "below a proxy's prefix":
        policy = policy_for("127.0.0.1", behind_proxy=True)
        headers = {"X-Forwarded-Prefix": "/rosette", "X-Forwarded-Host": "192.168.1.5"}
    with guarded(dataset, policy, tmp_path) as client:
        yield client, headers


def test_without_the_token_every_address_answers_401_and_names_nothing(
    strange: tuple[FlaskClient, dict[str, str]],
) -> None:
    shut, sent = strange
    rules = {path for _, path in addresses(shut)}
    assert {"/img/run1/9", "/_dash-layout", "/assets/x", "/export/run1/csv.zip"} <= rules
    pages = {f"/{name}" for name, _ in MENU}
    files = {f"/assets/{file.name}" for file in assets_folder().iterdir()}
    known = (rules | pages | files | {"/class/jaguar", "/", "/robots.txt"}) - {"/login"}
    names = {*NAMES, shut.application.import_name, "Traceback", "Werkzeug", "Dash"}
    asked = 0
    for headers in ({**sent, **HTML}, {**sent, "Content-Type": "application/json"}):
        for method, path in itertools.product(METHODS, sorted(known)):
            answer = shut.open(path, method=method, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert "Set-Cookie" not in answer.headers
            said = answer.get_data(as_text=True) + str(answer.headers)
            said = said.replace(f'value="{path}"', "")  # what the stranger said himself
            assert not [name for name in names if name in said], (method, path)
            asked += 1
    assert asked > 1000
    page = shut.get("/login", headers={**sent, **HTML})
    assert page.status_code == 200
    assert not [name for name in NAMES if name in page.get_data(as_text=True)]


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
    asked = f"/class/%3Cb%3Ecup%3C%2Fb%3E?item=3&token={TOKEN}&q=a%26b"
    answer = shut.get(asked, headers=HTML)
    assert answer.status_code == 303
    assert led_to(answer, f"http://localhost{asked}") == "/class/%3Cb%3Ecup%3C/b%3E?item=3&q=a%26b"
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
    assert (answer.status_code, led_to(answer)) == (303, "/map?colour=label")
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


def test_a_second_visit_with_the_token_in_the_address_redirects_too(shut: FlaskClient) -> None:
    shut.get(f"/?token={TOKEN}")
    for token in (TOKEN, "wrong", ""):
        answer = shut.get(f"/map?token={token}&q=1", headers=HTML)
        assert (answer.status_code, led_to(answer)) == (303, "/map?q=1")
    assert shut.get("/map?q=1").status_code == 200


def test_no_page_tells_another_where_it_was(shut: FlaskClient) -> None:
    # but the form, whose `Origin` would be null
    assert shut.get("/login").headers["Referrer-Policy"] == "same-origin"
    assert login(shut).headers["Referrer-Policy"] == "no-referrer"
    for path in ("/", "/_dash-layout", "/img/run1/9", "/assets/10-core.js", "/none"):
        with shut.get(path) as answer:
            assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_logging_out_ends_the_session_and_clears_what_the_browser_holds(
    shut: FlaskClient,
) -> None:
    shut.get(f"/?token={TOKEN}")
    name = Door(TOKEN).cookie
    kept = shut.get_cookie(name)
    assert kept is not None
    picture = shut.get("/img/run1/9")
    assert picture.headers["Cache-Control"] == "private, no-cache"
    assert '"logout"' in shut.get("/_dash-layout").get_data(as_text=True)
    answer = shut.post("/logout", json={})
    assert (answer.status_code, led_to(answer)) == (303, "/login")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert shut.get_cookie(name) is None
    assert shut.get("/").status_code == 401
    # whoever copied the cookie has nothing any more, nor who kept the picture
    shut.set_cookie(name, kept.value)
    for path in ("/", "/img/run1/9"):
        asked = shut.get(path, headers={"If-None-Match": picture.headers["ETag"]})
        assert asked.status_code == 401
    shut.delete_cookie(name)
    login(shut)
    assert shut.get("/img/run1/9").status_code == 200


def test_only_a_post_of_ones_own_page_logs_out(shut: FlaskClient) -> None:
    shut.get(f"/?token={TOKEN}")
    assert shut.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    shut.get("/logout")
    assert shut.get("/_dash-layout").status_code == 200


def test_one_session_ends_and_not_the_others() -> None:
    sessions = Sessions(b"key")
    mine, yours = sessions.begin(), sessions.begin()
    sessions.end(mine)
    sessions.end("made up")
    assert not sessions.holds(mine)
    assert sessions.holds(yours)
    assert Sessions(b"key").holds(yours)
    assert not Sessions(b"other").holds(yours)
    assert not any(sessions.holds(wrong) for wrong in ("", "x", yours[:-1], yours + "0", "é" * 96))


def test_the_memory_of_ended_sessions_is_bounded_and_none_comes_back() -> None:
    sessions = Sessions(b"key", most=3)
    ended = [sessions.begin() for _ in range(4)]
    for one in ended:
        sessions.end(one)
    assert not any(sessions.holds(one) for one in ended)
    assert sessions.holds(sessions.begin())


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
    assert led_to(login(shut, next=target)) == "/"


def test_an_address_that_begins_with_two_slashes_stays_here(shut: FlaskClient) -> None:
    asked = dict.fromkeys(("PATH_INFO", "REQUEST_URI"), "//evil.example/x")
    answer = shut.get(f"/?token={TOKEN}", environ_overrides=asked)
    assert led_to(answer, "http://localhost//evil.example/x") == "/evil.example/x"


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


@pytest.mark.parametrize(
    ("behind_proxy", "proto", "secure"),
    [(True, "https", True), (True, "http", False), (False, "https", False)],
)
def test_behind_tls_the_cookie_is_secure(
    dataset: Dataset, behind_proxy: bool, proto: str, secure: bool
) -> None:
    policy = Policy(token=TOKEN, behind_proxy=behind_proxy)
    with guarded(dataset, policy) as client:
        answer = client.get(f"/?token={TOKEN}", headers={"X-Forwarded-Proto": proto})
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure


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


def test_the_form_of_a_large_token_is_not_a_fault(shut: FlaskClient) -> None:
    assert shut.post("/login", data=b"\xff\xfe=%zz&token=%ff").status_code == 401


def test_the_login_form_takes_little(shut: FlaskClient) -> None:
    assert login(shut, "x" * 10_000).status_code == 413


def test_login_below_a_prefix(dataset: Dataset) -> None:
    with guarded(dataset, Policy(token=TOKEN, prefix="/rosette")) as client:
        page = client.get("/rosette/map", headers=HTML)
        assert page.status_code == 401
        assert 'action="/rosette/login"' in page.get_data(as_text=True)
        answer = client.post("/rosette/login", data={"token": TOKEN, "next": "/map"})
        assert led_to(answer) == "/rosette/map"
        assert "Path=/rosette/" in answer.headers["Set-Cookie"]


def test_a_prefix_that_only_a_header_claims_is_not_believed(shut: FlaskClient) -> None:
    said = shut.get("/login", headers={"X-Forwarded-Prefix": "/evil", **HTML})
    assert "evil" not in said.get_data(as_text=True)
    claimed = {"X-Script-Name": "/evil", **HTML}
    assert "evil" not in shut.get("/login", headers=claimed).get_data(as_text=True)
    answer = shut.get(f"/map?token={TOKEN}", headers=claimed)
    assert led_to(answer) == "/map"
    assert "Path=/;" in answer.headers["Set-Cookie"] + ";"
