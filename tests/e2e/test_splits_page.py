"""What a person sees on the Splits page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Response, expect


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_labels_stand_ranked_with_their_images(
    browser: Browser, url: str, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 860},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def answered(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    page.on("console", heard)
    page.on("response", answered)
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "1 of 3 labels hides two kinds of thing"
    )
    cards = page.get_by_role("article")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("jaguar")
    expect(cards.first).to_contain_text("Two kinds")
    expect(cards.first.locator("img")).to_have_count(6)
    page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0
    # a label is text, whatever stands in it
    expect(page.get_by_text("<b>cup</b>")).to_be_visible()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", background)[:3])) < 200 or scheme == "light"
    assert complaints == []
    context.close()


def test_the_theme_is_switched_and_remembered(browser: Browser, url: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="Switch between light and dark").click()
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    context.close()


def test_the_keyboard_reaches_the_content_first(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.close()
