"""What a person sees on the Splits page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Chromium, visit


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_labels_stand_ranked_with_their_images(
    people: Chromium, url: str, width: int, scheme: str
) -> None:
    with visit(people, url, width=width, scheme=scheme) as one:
        page = one.page
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "1 of 4 labels hides two kinds of thing"
        )
        cards = page.get_by_role("article")
        expect(cards).to_have_count(2)
        expect(cards.first).to_contain_text("jaguar")
        expect(cards.first).to_contain_text("Two kinds")
        expect(cards.first.locator("img")).to_have_count(6)
        page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        # a label is text, whatever stands in it
        expect(page.get_by_text("<b>cup</b>")).to_be_visible()
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, re.findall(r"\d+", background)[:3])) < 200 or scheme == "light"


def test_filters_stand_in_the_address(people: Chromium, url: str) -> None:
    with visit(people, url) as one:
        page = one.page
        page.get_by_role("link", name="One kind 2").click()
        expect(page.get_by_role("article")).to_have_count(0)
        expect(page).to_have_url(re.compile(r"show=one"))
        page.get_by_role("searchbox", name="Name contains").fill("CUP")
        expect(page.locator(".line")).to_have_count(1)
        page.get_by_label("Sort").select_option("name")
        expect(page).to_have_url(re.compile(r"show=one&q=CUP&sort=name"))
        page.reload()
        expect(page.locator(".line")).to_have_count(1)
        expect(page.get_by_label("Sort")).to_have_value("name")
        page.get_by_role("searchbox", name="Name contains").fill("nobody")
        page.get_by_role("link", name="Show all labels").click()
        expect(page.get_by_role("article")).to_have_count(2)


def test_the_theme_is_switched_and_remembered(people: Chromium, url: str) -> None:
    with visit(people, url) as one:
        one.page.get_by_role("button", name="Switch between light and dark").click()
        root = one.page.locator("html")
        expect(root).to_have_attribute("data-theme", "dark")
        one.page.reload()
        expect(root).to_have_attribute("data-theme", "dark")


def test_the_keyboard_reaches_the_content_first(people: Chromium, url: str) -> None:
    with visit(people, url) as one:
        expect(one.page.get_by_role("heading", level=1)).to_be_visible()
        one.page.keyboard.press("Tab")
        expect(one.page.locator(".skip")).to_be_focused()
