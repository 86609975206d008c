"""Labels, file names, notes and reviewers are text in every page and tooltip of a real browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Chromium, served, visit
from tests.explorer.hostile import FORMULA, HTML, build_hostile

LABEL = f"/class/{quote(HTML, safe='')}"
# address → where the name stands as text
PAGES = {
    "/splits": "#main",
    "/queue": "#main",
    "/strays": "#frame",
    LABEL: "#main",
    f"/class/{quote(FORMULA, safe='')}": "#main",
    "/review": "#main",
    f"/images?label={quote(HTML, safe='')}": "#main",
    "/overview": "#main",
    "/confusion": "#frame",
    "/map?colour=label": "#frame",
    "/changes": "#frame",
}


def unharmed(page: Page) -> None:
    """Nothing that a name says has become an element or was run."""
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src='x'], [onerror], [href^='mailto:']").count() == 0
    # Plotly makes links in SVG of what looks like one
    assert page.evaluate("document.querySelectorAll('svg a').length") == 0


def test_names_are_text_everywhere(people: Chromium, tmp_path: Path) -> None:
    build_hostile(tmp_path / "ws")
    with served(tmp_path / "ws") as url, visit(people, url + "/splits") as one:
        page = one.page
        page.on("dialog", lambda dialog: one.complaints.append(f"dialog: {dialog.message}"))
        for address, place in PAGES.items():
            page.goto(url + address)
            one.drawn()
            unharmed(page)
            if address in ("/splits", "/queue", "/review", LABEL):
                expect(page.locator(place)).to_contain_text(HTML)
        page.goto(url + LABEL)
        one.drawn()
        page.locator(".t[role=option]").first.click()  # the panel of one image
        expect(page.locator("#item-panel")).to_contain_text("<img src=x")
        unharmed(page)
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        page.keyboard.press("n")
        expect(page.locator("#slot")).to_contain_text("kept as labelled")
        page.keyboard.press("/")
        page.keyboard.type("<img")
        expect(page.locator("#found")).to_contain_text("<img src=x")
        unharmed(page)
        page.keyboard.press("Escape")
        page.goto(url + "/confusion")
        one.drawn()
        box = page.locator("#confusion-box")
        if box.count():
            frame = box.bounding_box()
            assert frame is not None
            for share in (0.3, 0.5, 0.7):
                page.mouse.move(
                    frame["x"] + frame["width"] * share, frame["y"] + frame["height"] * 0.4
                )
                page.wait_for_function("new Promise(r => requestAnimationFrame(() => r(true)))")
                unharmed(page)
