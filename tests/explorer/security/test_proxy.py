"""Below a path of a reverse proxy: every address, the cookie, the login; whose word is taken."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import plotly.utils
import pytest

from embeddings.decisions import Context, open_store
from explorer.components import at, frame
from explorer.components.links import MENU
from explorer.data import Dataset, Decisions, Services
from explorer.security import Policy
from explorer.server import create_app, page_at, start
from tests.explorer.guarding import TOKEN, guarded, led_to
from tests.explorer.proxying import Proxy, proxied

FORWARDED = {
    "X-Forwarded-Prefix": "/rosette",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "data.example.org",
    "X-Forwarded-For": "192.0.2.7",
}
JUPYTER = {"X-Forwarded-Prefix": "/rosette", "X-Forwarded-Context": "/rosette"}
HTML = {"Accept": "text/html"}


# -- the prefix ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/rosette/api/run1/item/9", "/api/run1/item/9"])
def test_a_prefix_may_be_taken_off_by_the_proxy_or_here(dataset: Dataset, path: str) -> None:
    with guarded(dataset, Policy(prefix="/rosette")) as client:
        assert client.get(path).get_json()["row"] == 9
        assert client.get("/rosettex/api/run1/item/9").mimetype == "text/html"  # the page


def test_the_cookie_is_sent_below_the_prefix_only_so_the_page_is_there(dataset: Dataset) -> None:
    with guarded(dataset, Policy(token=TOKEN, prefix="/rosette")) as client:
        answer = client.get(f"/rosette?token={TOKEN}")
        assert answer.status_code == 307
        assert led_to(answer) == f"/rosette/?token={TOKEN}"


def test_the_page_itself_asks_below_the_prefix(dataset: Dataset) -> None:
    with guarded(dataset, Policy(prefix="/rosette")) as client:
        page = client.get("/rosette/").get_data(as_text=True)
    named = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(named) > 20
    assert [one for one in named if not one.startswith("/rosette/")] == []
    assert 'data-prefix="/rosette"' in page
    config = re.search(r'<script id="_dash-config"[^>]*>(.*?)</script>', page)
    assert config is not None
    assert json.loads(config[1])["requests_pathname_prefix"] == "/rosette/"


ADDRESS = re.compile(r'"(/[^"]*)"|url\(([^)]*)\)')
NOT_AN_ADDRESS = {"/", "/img", "/map"}  # a key, a slash between words


@pytest.mark.parametrize(
    "pathname",
    [*(f"/{name}" for name, _ in MENU), "/class/jaguar", "/images", "/changes", "/nowhere"],
)
def test_every_link_and_picture_of_every_page_is_below_the_prefix(
    dataset: Dataset, tmp_path: Path, pathname: str
) -> None:
    with open_store(tmp_path) as store:
        decisions = Decisions(dataset, store)
        decisions.decide(
            [9, 10], "relabel", to_label="car", reviewer="a", note="",
            context=Context("jaguar", 1, "run1"), expected=None,
        )  # fmt: skip
        store.assign(["jaguar"], "a & b", by="a")
        at_hand = Services(dataset, decisions)
        app = create_app(at_hand, Policy())
        with app.server.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/rosette"}):
            assert at("/x") == "/rosette/x"
            page, _ = page_at(at_hand, pathname, "")
            parts = [frame(at_hand), page]
    text = json.dumps(parts, cls=plotly.utils.PlotlyJSONEncoder)
    named = {a or b for a, b in ADDRESS.findall(text)} - NOT_AN_ADDRESS
    assert any(one.startswith("/rosette/") for one in named)
    assert [one for one in sorted(named) if not one.startswith("/rosette/")] == []


def test_the_title_is_text(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Services(dataset), Policy())
    app.title = '</title><img src=x onerror="alert(1)">'
    page = app.server.test_client().get("/").get_data(as_text=True)
    assert "<img" not in page


# -- whose word ----------------------------------------------------------------------------------


def test_no_header_is_believed_without_being_told_to(dataset: Dataset) -> None:
    forwarded = {k: v for k, v in FORWARDED.items() if k != "X-Forwarded-Prefix"}
    with guarded(dataset, Policy(token=TOKEN)) as client:
        answer = client.get(f"/map?token={TOKEN}", headers=forwarded)
        assert led_to(answer) == "/map"
        assert "Path=/;" in answer.headers["Set-Cookie"]
        assert "Secure" not in answer.headers["Set-Cookie"]
        assert 'data-prefix=""' in client.get("/", headers=forwarded).get_data(as_text=True)


@pytest.mark.parametrize("header", ["X-Forwarded-Prefix", "X-Forwarded-Context"])
def test_a_proxy_with_a_prefix_that_nobody_told_of_is_said_to_be_one(
    dataset: Dataset, header: str
) -> None:
    """The page would say "Loading…" for ever: its scripts are not where it asks for them."""
    with guarded(dataset, Policy()) as client:
        answer = client.get("/", headers={header: "/user/x/proxy/8062"})
        assert answer.status_code == 400
        assert "--behind-proxy" in answer.get_data(as_text=True)
        assert client.get("/", headers={header: "/"}).status_code == 200


def test_a_trusted_proxys_headers_are(dataset: Dataset) -> None:
    policy = Policy(token=TOKEN, behind_proxy=True, hosts=frozenset({"data.example.org"}))
    with guarded(dataset, policy) as client:
        answer = client.get(f"/map?token={TOKEN}", headers=FORWARDED)
        assert led_to(answer, "https://data.example.org/rosette/map") == "/rosette/map"
        for part in ("Secure", "Path=/rosette/", "HttpOnly", "SameSite=Strict"):
            assert part in answer.headers["Set-Cookie"]
        assert client.get("/login").status_code == 403  # past the proxy: not a name of ours
        page = client.get("/login", headers={**FORWARDED, **HTML}).get_data(as_text=True)
        assert 'action="/rosette/login"' in page
        ours = {"Origin": "https://data.example.org", "Authorization": f"Bearer {TOKEN}"}
        asked: Any = {"json": {"rows": [9]}, "headers": {**FORWARDED, **ours}}
        assert client.post("/api/run1/selection", **asked).status_code == 200


def test_the_last_word_is_the_proxys(dataset: Dataset) -> None:
    """What a client sends in the headers stands before what the proxy adds."""
    policy = Policy(token=TOKEN, behind_proxy=True, hosts=frozenset({"data.example.org"}))
    headers = {name: f"/evil, {value}" for name, value in FORWARDED.items()}
    with guarded(dataset, policy) as client:
        answer = client.get(f"/map?token={TOKEN}", headers=headers)
        assert led_to(answer, "https://data.example.org/rosette/map") == "/rosette/map"


@pytest.mark.parametrize(
    "claimed", ["evil.example", "//evil.example", "/a/../b", "/a b", "/<script>", "/" + "a" * 300]
)
def test_a_prefix_that_is_none_is_refused(dataset: Dataset, claimed: str) -> None:
    with guarded(dataset, Policy(behind_proxy=True)) as client:
        answer = client.get("/", headers={"X-Forwarded-Prefix": claimed})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


def test_wrong_tokens_are_counted_by_visitor(dataset: Dataset) -> None:
    with guarded(dataset, Policy(token=TOKEN, behind_proxy=True)) as client:
        theirs = {"X-Forwarded-For": "192.0.2.9"}
        for _ in range(12):
            refused = client.get("/?token=wrong", headers=theirs)
        assert refused.status_code == 429
        other = client.get(f"/?token={TOKEN}", headers={"X-Forwarded-For": "192.0.2.7"})
        assert other.status_code == 303


def test_a_proxy_that_changes_the_host_needs_no_name_where_browsers_say_who_asks(
    dataset: Dataset,
) -> None:
    """As Chromium, Firefox and Safari do over TLS and on localhost."""
    asked: Any = {"Origin": "https://data.example.org", "Sec-Fetch-Site": "same-origin"}
    with guarded(dataset, Policy(prefix="/rosette")) as client:
        for site, status in (("same-origin", 200), ("same-site", 403), ("cross-site", 403)):
            headers = {**asked, "Sec-Fetch-Site": site}
            answer = client.post("/api/run1/selection", json={"rows": [9]}, headers=headers)
            assert answer.status_code == status


# -- through a real proxy and the real server ----------------------------------------------------


@contextmanager
def behind(workspace: Path, policy: Policy, **proxy: Any) -> Iterator[Proxy]:
    server, url = start(workspace, host="127.0.0.1", port=0, policy=policy)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with proxied(urlsplit(url).port or 0, prefix="/rosette", **proxy) as one:
        yield one
    server.close()


def asked(proxy: Proxy, path: str, cookie: str = "") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(proxy.address).netloc, timeout=30)
    connection.request("GET", path, headers={**HTML, "Cookie": cookie})
    return connection.getresponse()


@pytest.mark.parametrize(
    ("policy", "strips", "headers"),
    [
        (Policy(token=TOKEN, prefix="/rosette"), False, {}),
        (Policy(token=TOKEN, prefix="/rosette", behind_proxy=True), True, JUPYTER),
        (Policy(token=TOKEN, behind_proxy=True), True, JUPYTER),
        (Policy(token=TOKEN, prefix="/rosette"), True, {}),
        (
            Policy(token=TOKEN, behind_proxy=True),
            True,
            {**FORWARDED, "X-Forwarded-Host": "localhost"},
        ),
    ],
    ids=["passed on", "jupyter, told too", "jupyter", "taken off", "said by the proxy"],
)
def test_through_a_proxy(
    dataset: Dataset, policy: Policy, strips: bool, headers: dict[str, str]
) -> None:
    more = {"strips": strips, "headers": headers, "rewrites": headers is JUPYTER}
    with behind(dataset.workspace.path, policy, **more) as proxy:
        assert asked(proxy, "/rosette/img/run1/9").status == 401
        let_in = asked(proxy, f"/rosette/class/jaguar?token={TOKEN}")
        assert (let_in.status, let_in.headers["Location"]) == (303, "./../class/jaguar")
        cookie = let_in.headers["Set-Cookie"]
        assert "Path=/rosette/" in cookie
        assert ("Secure" in cookie) is ("X-Forwarded-Proto" in headers)
        cookie = cookie.split(";")[0]
        page = asked(proxy, "/rosette/class/jaguar", cookie)
        scripts = re.findall(r'src="([^"]*)"', page.read().decode())
        assert scripts
        for path in (*scripts, "/rosette/img/run1/9", "/rosette/_dash-layout"):
            assert asked(proxy, path, cookie).status == 200, path
