"""In a real browser: the token leaves the address, no page tells where it was, one can log out."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Request, expect

from tests.e2e.conftest import served
from tests.embeddings.photos import make_photo, make_photos, photo_workspace

TOKEN = "correct-horse-battery-staple"


def test_token_referrer_and_log_out(browser: Browser, tmp_path: Path) -> None:
    ws = photo_workspace(make_photos(tmp_path / "photos", bat=3, crane=2), tmp_path / "ws")
    environment = {**os.environ, "ROSETTE_TOKEN": TOKEN}
    asked: list[Request] = []
    with served(ws.path, environment=environment) as address, browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda one: asked.append(one))
        token_link = address if "token=" in address else f"{address}?token={TOKEN}"
        plain = token_link.partition("?")[0]
        for _ in range(2):  # the second visit redirects too
            page.goto(token_link)
            expect(page.locator("#main .page, #main .head").first).to_be_visible()
            assert "token" not in page.url
        assert len(asked) > 20
        assert not [one.url for one in asked if one.headers.get("referer")]
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_label("Token")).to_be_visible()
        assert not [one for one in context.cookies() if one.get("httpOnly")]
        assert page.evaluate("localStorage.length") == 0
        page.goto(plain)
        expect(page.get_by_label("Token")).to_be_visible()
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_changed_pictures_and_a_folder_that_is_gone(browser: Browser, tmp_path: Path) -> None:
    ws = photo_workspace(make_photos(tmp_path / "photos", bat=3, crane=2), tmp_path / "ws")
    make_photo(tmp_path / "photos" / "bat" / "1.png", 999)
    with served(ws.path) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/class/bat?item=1")
        expect(page.get_by_text("This file holds another picture now.")).to_be_visible()
        page.get_by_role("button", name="Exclude").last.click()
        expect(page.get_by_text("changed since the run")).to_be_visible()
        (tmp_path / "photos").rename(tmp_path / "away")
        page.get_by_role("link", name="Map").click()
        expect(page.locator("#folder")).to_contain_text("rosette relocate")
