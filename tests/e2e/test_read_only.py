"""Read-only in a real browser: everything can be looked at, and no key or control decides."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Chromium, served, visit
from tests.explorer.conftest import build_workspace


def test_no_key_or_control_decides(people: Chromium, tmp_path: Path) -> None:
    build_workspace(tmp_path / "ws")
    with (
        served(tmp_path / "ws", "--read-only") as url,
        visit(people, url + "/class/jaguar") as one,
    ):
        page, posted = one.page, []
        page.on("request", lambda asked: posted.append(asked.url) if "/api/" in asked.url else None)
        one.drawn()
        expect(page.get_by_role("note")).to_contain_text("--read-only")
        page.keyboard.press("b")
        bar = page.get_by_role("toolbar", name="With what is ticked")
        bar.get_by_text("More", exact=True).click()
        expect(bar.get_by_role("button")).to_have_text(["Find similarS", "List of files (CSV)"])
        for key in ("y", "n", "x", "u", "r", "z", "Shift+Z"):
            page.keyboard.press(key)
        page.locator(".t[role=option]").first.click()
        expect(page.locator("#item-panel img.big")).to_be_visible()
        assert page.get_by_role("button", name="Label is right").count() == 0
        for address in ("/splits", "/queue", "/strays", "/review", "/map", "/images?label=car"):
            page.goto(url + address)
            one.drawn()
            assert page.get_by_role("button", name="Label is right").count() == 0
            assert page.get_by_role("button", name="Relabel").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto(url + "/map")
        one.drawn()
        # the line above takes its height from the map; one px is the hidden status's
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
        assert not [address for address in posted if address.endswith(("decide", "undo", "redo"))]
        assert page.locator("#slot").inner_text() == ""
