"""The report to send: whole in one file, and nothing in it that could do anything."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from embeddings.decisions import open_store
from explorer.data import Dataset, Decisions
from explorer.reports import html_report, html_report_of
from explorer.reports.html.maps import part_map
from explorer.reports.html.page import page
from explorer.reports.html.pictures import album
from explorer.reports.html.records import Card, Part, Report
from tests.explorer.conftest import build_workspace
from tests.explorer.hostile import FORMULA, HTML, build_hostile

VOID = {"meta", "link", "img", "br"}
HARMLESS = {"html", "head", "meta", "title", "link", "style", "body", "header", "main", "section",
            "article", "div", "p", "h1", "h2", "h3", "h4", "ul", "li", "span", "b", "br", "img",
            "svg", "path"}  # fmt: skip


class Read(HTMLParser):
    """What a browser would see: tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID and tag != "path":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def said(self) -> str:
        return " ".join(" ".join(self.text).split())


def check_harmless(html: str) -> Read:
    read = Read(html)
    assert set(read.tags) <= HARMLESS
    assert read.open == []
    for tag, name, value in read.attributes:
        assert not name.startswith("on")
        assert name != "style"  # the policy would refuse it
        if name in ("src", "href"):
            assert value.startswith("data:"), (tag, name)
    return read


def test_it_holds_the_ranking_with_pictures_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    build_workspace(tmp_path)
    html = html_report_of(tmp_path)
    read = check_harmless(html)
    said = read.said()
    assert "1 of 4 labels hides two kinds of thing" in said
    assert said.index("jaguar") < said.index("crane")
    assert "B 4 images, does not belong, looks like car" in said
    assert read.tags.count("img") > 0
    assert read.tags.count("svg") == 2
    assert "labels of one kind" in said


def test_the_policy_allows_its_own_style_alone(tmp_path: Path) -> None:
    build_workspace(tmp_path)
    html = html_report_of(tmp_path)
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    [policy] = [v for t, n, v in Read(html).attributes if n == "content" and "default-src" in v]
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script-src" not in policy
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_without_images_there_are_none(tmp_path: Path) -> None:
    build_workspace(tmp_path)
    read = check_harmless(html_report_of(tmp_path, images=False))
    assert "img" not in read.tags
    assert "jaguar" in read.said()


def test_what_was_decided_is_told(tmp_path: Path) -> None:
    build_workspace(tmp_path)
    dataset = Dataset(tmp_path)
    with open_store(tmp_path) as store:
        decisions = Decisions(dataset, store)
        odd = dataset.items_at([9, 10, 11])
        store.decide(odd, "relabel", to_label="car", reviewer="Mara")
        store.decide(dataset.items_at([0]), "remove", reviewer="Mara")
        decisions.follow()
    said = Read(html_report_of(tmp_path)).said()
    assert "jaguar: 3 relabelled to car, 1 removed" in said
    assert "4 images decided" in said


def test_names_that_want_to_be_html_stay_text(tmp_path: Path) -> None:
    build_hostile(tmp_path)
    read = check_harmless(html_report_of(tmp_path))
    assert HTML in "".join(read.text)
    assert FORMULA in "".join(read.text)


@given(st.text())
def test_any_text_is_only_text(text: str) -> None:
    part = Part(0, "A", 3, True, text, text, ())
    card = Card(text, 3, 0.5, "two kinds", text, text, (part,), "", (text,))
    report = Report(
        name=text, run=text, heading=text, facts=(text,), cards=(card,), whole=((text, 1),),
        singles=(), n_singles=0, health=((text, text),), decided=(text,), notes=(text,),
    )  # fmt: skip
    check_harmless(page(report))


def test_a_map_stays_in_its_frame() -> None:
    rng = np.random.default_rng(0)
    for xy in (rng.normal(size=(500, 2)), np.zeros((3, 2)), np.array([[0, 0], [9, 0]])):
        numbers = np.arange(len(xy), dtype=np.int32) % 3 - 1
        svg = part_map(xy.astype(np.float32), numbers, [0, 1], 4.0)
        found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
        assert found is not None
        for x, y in re.findall(r"M(-?\d+) (-?\d+)", svg):
            assert 0 <= int(x) <= int(found[1])
            assert 0 <= int(y) <= int(found[2])


@pytest.mark.parametrize("n_cards", [1, 100, 400, 5000])
def test_more_labels_have_fewer_and_smaller_pictures(tmp_path: Path, n_cards: int) -> None:
    build_workspace(tmp_path)
    dataset = Dataset(tmp_path)
    now, later = album(dataset, n_cards, images=True), album(dataset, n_cards * 10, images=True)
    assert now.per_part >= later.per_part
    assert now.side >= later.side


def test_pictures_end_where_the_file_would_grow_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_workspace(tmp_path)
    monkeypatch.setattr("explorer.reports.html.pictures.MOST_BYTES", 1)
    html = html_report(Dataset(tmp_path), None)
    read = check_harmless(html)
    assert read.tags.count("img") == 1
    assert "pictures were left out, to keep this file small" in read.said()


def test_the_app_gives_it_as_a_file(client: FlaskClient) -> None:
    answer = client.get("/export/run1/report.html?images=no")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.html"'
    check_harmless(answer.get_data(as_text=True))
    assert client.get("/export/another/report.html").status_code == 404
