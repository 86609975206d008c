"""Anything may be asked: no address, method, query or body leads to a fault or out of the data set.

``ROSETTE_FUZZ=20000`` asks that often; by default a few hundred questions are enough to hold what
longer runs have shown. ``ROSETTE_FUZZ_REPORT=FILE`` writes as JSON how many were asked of each kind
and how they were answered.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, got_request_exception
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from embeddings.decisions import open_store
from explorer.data import Dataset, Decisions, Services
from explorer.security import Policy
from explorer.server import create_app
from tests.explorer.conftest import build_workspace

ASKED = int(os.environ.get("ROSETTE_FUZZ", "400"))
CANARY = "CANARY-9f3c1e"  # stands in files that nobody may be given
OUTSIDE = (CANARY.encode(), b"root:x:0:0", b"schema_version")
CALLBACK = "/_dash-update-component"


@dataclass
class Fuzzed:
    """A server to be asked, and what went wrong in it."""

    client: FlaskClient
    callbacks: dict[str, Any]
    raised: list[BaseException] = field(default_factory=list)
    kinds: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: int = 0

    @property
    def statuses(self) -> Counter[int]:
        """How often each status was answered, whatever was asked."""
        return sum(self.kinds.values(), Counter())

    def ask(self, kind: str, method: str, path: str, **more: Any) -> None:
        """Ask, and look at the answer; what is wrong with it is counted as well as raised."""
        try:
            self._ask(kind, method, path, **more)
        except AssertionError:
            self.faults += 1
            raise

    def report(self) -> dict[str, Any]:
        """Return what was asked and answered."""
        return {
            "questions": self.statuses.total(),
            "faults": self.faults,
            "statuses": dict(sorted(self.statuses.items())),
            "kinds": {kind: dict(sorted(told.items())) for kind, told in self.kinds.items()},
        }

    def _ask(self, kind: str, method: str, path: str, **more: Any) -> None:
        self.raised.clear()
        answer = self.client.open(path, method=method, **more)
        content = unpacked(answer)
        self.kinds[kind][answer.status_code] += 1
        if self.raised:
            raise AssertionError(f"{method} {path}") from self.raised[0]
        assert answer.status_code < 500, answer.status
        assert b"Traceback" not in content
        assert not [found for found in OUTSIDE if found in content]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def unpacked(answer: TestResponse) -> bytes:
    """Return the bytes of an answer, an archive's files among them."""
    content = answer.get_data()
    answer.close()
    if answer.mimetype != "application/zip":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    build_workspace(folder / "ws")
    for place in (
        folder,
        folder / "ws",
        folder / "ws" / "photos",
        folder / "ws" / "photos" / "car",
    ):
        (place / "canary.txt").write_text(CANARY)
        (place / "canary.jpg").write_text(CANARY)
    (folder / "ws" / "photos" / "jaguar").symlink_to(folder)
    dataset = Dataset(folder / "ws")
    with open_store(folder / "ws") as store:
        services = Services(dataset, Decisions(dataset, store))
        app = create_app(services, Policy(max_body=100_000, behind_proxy=True))
        with app.server.test_client() as client:
            client.get("/")  # Dash makes itself ready
            callbacks = {k: v for k, v in app.callback_map.items() if "callback" in v}
            one = Fuzzed(client, callbacks)

            def heard(sender: Flask, exception: BaseException) -> None:
                one.raised.append(exception)

            with got_request_exception.connected_to(heard, app.server):
                yield one
            if "ROSETTE_FUZZ_REPORT" in os.environ:
                Path(os.environ["ROSETTE_FUZZ_REPORT"]).write_text(json.dumps(one.report()))


# -- what is asked -------------------------------------------------------------------------------

WAYS_OUT = (
    "..", "../..", "../canary.txt", "..%2f..%2fcanary.txt", "....//canary.txt", "%2e%2e/canary.txt",
    "..\\canary.txt", "/etc/passwd", "//etc/passwd", "file:///etc/passwd", "jaguar/canary.txt",
    "car/canary.jpg", "workspace.json", "../workspace.json", "\x00", "canary.txt\x00.jpg", "~root",
    "C:\\canary.txt", "{{7*7}}", "'; DROP TABLE decisions; --", "<script>", "%", "%zz", "%ff%fe",
    "\ud800", "\u202e", "é", "é", "😀", "nan", "inf", "-1", "1e999", "9" * 400, "run1", "",
)  # fmt: skip
KNOWN = (
    "jaguar", "car", "crane", "<b>cup</b>", "run1", "csv", "tensorboard", "all", "flagged",
    "label:jaguar", "label:nobody", "selection:x", "large", "keep", "remove", "unsure", "relabel",
    "label", "findings", "/", "/map", "/splits", "/review", "/class/jaguar", "?colour=label",
    "?show=two&sort=name&least=3&low=0.1&high=0.9&q=a&done=no", "?least=nan&low=-inf", "reviewer",
)  # fmt: skip
texts = st.one_of(st.sampled_from(WAYS_OUT), st.sampled_from(KNOWN), st.text(max_size=40))
numbers = st.one_of(
    st.integers(-3, 40),
    st.sampled_from([2**31, 2**53, 2**63, -(2**63), 2**64, 10**30]),
    st.integers(),
)
words = st.one_of(texts, numbers.map(str))
scalars = st.one_of(
    st.none(), st.booleans(), numbers, st.floats(), texts, st.text(st.characters(), max_size=5)
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(texts, inner, max_size=5)),
    max_leaves=12,
)
FIELDS = (
    "rows", "action", "label", "cluster", "to_label", "note", "reviewer", "expected", "batch",
    "name",
)  # fmt: skip
rows = st.lists(st.one_of(numbers, scalars), max_size=8)
actions = st.builds(
    lambda known, more: {**known, **more},
    st.fixed_dictionaries(
        {
            "rows": rows,
            "action": st.one_of(st.sampled_from(["keep", "remove", "unsure", "relabel"]), scalars),
        },
    ),
    st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4),
)
addresses = st.fixed_dictionaries({"pathname": texts, "search": texts})
queries = st.dictionaries(
    st.sampled_from(["q", "exact", "size", "scope", "since", "item", "colour", "token", "x"]),
    words,
    max_size=3,
)
methods = st.sampled_from(["GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
posts = st.one_of(anything, actions, actions)


def quoted(text: str) -> str:
    """Return a part of an address; what is quoted in it already stays so."""
    return quote(text, safe="/%:\\", errors="surrogatepass")


def encoded(value: object) -> bytes:
    """Return JSON as Python and careless programs write it: NaN, and halves of characters."""
    return json.dumps(value).encode()


@st.composite
def paths(draw: st.DrawFn, rules: list[Any]) -> str:
    """An address that fits a rule of the server, or nearly."""
    rule = draw(st.sampled_from(rules))
    out = []
    for is_dynamic, name in rule._trace:
        if not is_dynamic:
            out.append(name.lstrip("|"))
        elif name == "run":
            out.append(draw(st.one_of(st.just("run1"), st.just("run1"), words)))
        elif name in ("row", "place", "cluster"):
            out.append(str(draw(st.one_of(st.integers(-2, 40), words))))
        else:
            out.append(draw(words))
    return "/" + quoted("".join(out)).lstrip("/")


common: Any = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
many = settings(max_examples=max(ASKED // 5, 1), **common)


@many
@given(data=st.data())
def test_no_address_is_a_fault(fuzzed: Fuzzed, data: st.DataObject) -> None:
    path = data.draw(paths(list(fuzzed.client.application.url_map.iter_rules())))
    method, query = data.draw(methods), data.draw(queries)
    asked = "&".join(f"{name}={quoted(value)}" for name, value in query.items())
    body: dict[str, Any] = {}
    if method not in ("GET", "HEAD", "OPTIONS"):
        body = {"data": encoded(data.draw(posts)), "content_type": "application/json"}
    fuzzed.ask("addresses", method, path, query_string=asked, **body)


WRITTEN = ("decide", "undo", "redo", "assign", "selections", "selection", "selection.csv")


@many
@given(what=st.sampled_from(WRITTEN), body=posts)
@example("decide", {"rows": [10**30], "action": "keep"})
@example("decide", {"rows": [1], "action": "keep", "note": "\ud800"})
@example("decide", {"rows": [1], "action": "relabel", "to_label": "x" * 90_000})
@example("decide", {"rows": [1], "action": "keep", "expected": 2**64})
@example("undo", {"batch": 2**64})
@example("selection", {"rows": [float("nan"), 1]})
@example("selections", {"rows": [1], "name": "\x00"})
@example("selections", {"rows": [1], "name": "../../canary"})
def test_no_body_is_a_fault(fuzzed: Fuzzed, what: str, body: object) -> None:
    fuzzed.ask(
        "bodies", "POST", f"/api/run1/{what}", data=encoded(body), content_type="application/json"
    )


@many
@given(
    what=st.sampled_from([CALLBACK, *(f"/api/run1/{what}" for what in WRITTEN)]),
    body=st.one_of(st.binary(max_size=60), anything.map(encoded)),
    kind=st.sampled_from(["application/json", "application/json; charset=latin-1", "text/plain"]),
)
@example(CALLBACK, b"[" * 50_000, "application/json")
@example(CALLBACK, b"1" * 50_000, "application/json")
@example(CALLBACK, b'{"a":' * 20_000, "application/json")
@example("/api/run1/decide", b"\xef\xbb\xbf{}", "application/json")
def test_no_bytes_are_a_fault(fuzzed: Fuzzed, what: str, body: bytes, kind: str) -> None:
    fuzzed.ask("bytes", "POST", what, data=body, content_type=kind)


@st.composite
def questions(draw: st.DrawFn, callbacks: dict[str, Any]) -> dict[str, Any]:
    """A question to a callback: nearly always one that it has, with values that nobody sends."""
    output = draw(st.sampled_from(sorted(callbacks)))
    entry = callbacks[output]

    def value_of(place: dict[str, str]) -> Any:
        if place["id"] == "url":
            return draw(st.one_of(addresses, anything))
        if place["id"] == "shown":
            return draw(st.one_of(st.sampled_from(["/", "/splits", "/map", "/review"]), scalars))
        return draw(anything)

    def places(given: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [
            {"id": place["id"], "property": place["property"], "value": value_of(place)}
            for place in given
        ]

    several = output.startswith("..")
    names = output[2:-2].split("...") if several else [output]
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    question = {
        "output": output,
        "outputs": outputs if several else outputs[0],
        "inputs": places(entry["inputs"]),
        "state": places(entry["state"]),
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in entry["inputs"]],
    }
    spoilt = draw(st.one_of(st.none(), st.none(), st.none(), st.sampled_from(sorted(question))))
    if spoilt:
        question[spoilt] = draw(anything)
    return question


@many
@given(data=st.data())
def test_no_question_to_a_callback_is_a_fault(fuzzed: Fuzzed, data: st.DataObject) -> None:
    question = data.draw(questions(fuzzed.callbacks))
    fuzzed.ask(
        "callbacks", "POST", CALLBACK, data=encoded(question), content_type="application/json"
    )


HEADERS = (
    "Host", "Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Cookie", "Authorization",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix",
    "X-Forwarded-Proto", "Forwarded", "Range", "If-Range", "If-None-Match", "If-Modified-Since",
    "Accept", "Accept-Encoding", "Accept-Language", "Content-Encoding", "Content-Length",
    "Transfer-Encoding", "X-HTTP-Method-Override", "Upgrade", "Expect",
)  # fmt: skip
SAID = (
    "localhost", "evil.example", "null", "cross-site", "same-origin", "navigate", "/rosette",
    "/rosette, /x", "https", "192.0.2.7", "::1", "bytes=0-10", "bytes=5-1,-3,9999-", "*", "gzip",
    '"run1-0-0"', "W/", "rosette-theme=dark", "rosette-theme", "Bearer x", "text/html;q=nan",
    "chunked", "websocket", "Thu, 99 Foo 2026", "0", "application/json; charset=x",
)  # fmt: skip
# as a server hands them on: one byte each, no line ends
values = st.one_of(st.sampled_from(SAID), words).map(
    lambda text: re.sub("[\\0\r\n]", "", text.encode("utf-8", "replace").decode("latin-1"))
)


@many
@given(data=st.data())
def test_no_header_is_a_fault(fuzzed: Fuzzed, data: st.DataObject) -> None:
    path = data.draw(paths(list(fuzzed.client.application.url_map.iter_rules())))
    method = data.draw(st.sampled_from(["GET", "GET", "HEAD", "POST"]))
    headers = data.draw(st.dictionaries(st.sampled_from(HEADERS), values, max_size=4))
    body: dict[str, Any] = {}
    if method == "POST":
        body = {"data": b'{"rows": [1]}', "content_type": "application/json"}
    fuzzed.ask("headers", method, path, headers=headers, **body)


def test_the_fuzzer_reaches_what_it_should(fuzzed: Fuzzed) -> None:
    """A fuzzer whose questions are all turned away at the door shows nothing."""
    assert fuzzed.client.get("/img/run1/24?size=large").status_code == 200
    assert fuzzed.client.get("/export/run1/csv.zip").mimetype == "application/zip"
    if fuzzed.statuses:  # the others ran before
        assert fuzzed.statuses[200] > 0.15 * sum(fuzzed.statuses.values())
