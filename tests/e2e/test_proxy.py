"""The whole app below a path of a reverse proxy, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Chromium, served, visit
from tests.explorer.conftest import build_workspace
from tests.explorer.proxying import proxied


@pytest.mark.parametrize(
    ("options", "strips"),
    [(["--prefix", "/rosette/"], False), (["--behind-proxy"], True)],
    ids=["prefix", "behind-proxy"],
)
def test_people_work_below_a_prefix(
    people: Chromium, tmp_path: Path, options: list[str], strips: bool
) -> None:
    build_workspace(tmp_path / "ws")
    headers = {"X-Forwarded-Prefix": "/rosette"} if strips else {}
    with served(tmp_path / "ws", *options) as told:
        port, query = urlsplit(told).port or 0, urlsplit(told).query
        with (
            proxied(port, prefix="/rosette", strips=strips, headers=headers) as proxy,
            visit(people, f"{proxy.address}/rosette/splits?{query}") as one,
        ):
            page = one.page
            assert page.url == f"{proxy.address}/rosette/splits"  # the token is gone from it
            one.drawn()
            page.get_by_role("link", name="jaguar").first.click()
            page.wait_for_url("**/rosette/class/jaguar")
            odd = page.get_by_role("region", name="Cluster B")
            expect(odd).to_contain_text("looks like car")
            one.drawn()
            sizes = page.evaluate(
                "[...document.querySelectorAll('.gallery img')].map(i => i.naturalWidth)"
            )
            assert len(sizes) == 13
            assert all(sizes)
            page.keyboard.press("b")
            page.keyboard.press("y")
            expect(page.locator("#slot")).to_contain_text("4 images are now car")
            odd.get_by_role("option").first.click()
            expect(page.locator("#item-panel img.big")).to_be_visible()
            page.keyboard.press("]")
            page.wait_for_url("**/rosette/class/crane")
            page.go_back()
            page.wait_for_url("**/rosette/class/jaguar**")
            visited = {"m": "map", "o": "overview", "c": "confusion", "q": "queue", "r": "review"}
            for key, name in visited.items():
                page.keyboard.press("Escape")
                page.keyboard.press("g")
                page.keyboard.press(key)
                page.wait_for_url(f"**/rosette/{name}")
                one.drawn()
                shown = "queue" if name == "review" else name
                expect(page.locator(f".nav [data-page={shown}]")).to_have_attribute(
                    "aria-current", "page"
                )
            with page.expect_download() as export:
                page.get_by_role("link", name="Export as csv").click()
            assert export.value.suggested_filename == "csv.zip"
            page.reload()  # the address alone leads there too
            expect(page.get_by_role("region", name="History")).to_contain_text("car")
            page.keyboard.press("/")
            page.keyboard.type("cup")
            hit = page.locator("#found").get_by_role("option").first
            expect(hit).to_have_attribute("href", re.compile(r"^/rosette/class/%3Cb%3Ecup"))
            outside = [asked for asked in proxy.asked if " /rosette/" not in asked]
            cookies = page.context.cookies()
            assert {cookie["path"] for cookie in cookies} == {"/rosette/"}
            assert len(cookies) == 2
    assert outside == []
