"""Every gallery is sorted, filtered, sized and ticked by the same tools."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Chromium, visit

PLACES = (
    ("/images?label=jaguar", "#slice-gallery", 14),
    ("/class/jaguar", "#label-page [data-cluster='0']", 13),  # one of the label is in no group
    ("/map?label=jaguar", "#picked-gallery", 14),
)


@pytest.mark.parametrize(("path", "gallery", "n"), PLACES, ids=["images", "class", "map"])
def test_one_row_of_tools_for_every_gallery(
    people: Chromium, url: str, path: str, gallery: str, n: int
) -> None:
    with visit(people, url + path) as one:
        tools = one.page.locator("#arrange")
        tiles = one.page.locator(f"{gallery} .t[role=option]")
        expect(tiles.first).to_be_visible()
        tools.get_by_label("Sort by").select_option("least typical")
        least = "jaguar/cut.jpg" if n == 14 else "jaguar/0-8.jpg"
        expect(tiles.first).to_have_attribute("aria-label", least)
        tools.get_by_label("Name contains").fill("jaguar 0-3")
        expect(tiles).to_have_count(1)
        expect(tools.locator(".shown")).to_have_text(f"1 of {n} images")
        # what is out of sight is not ticked any more
        assert one.page.evaluate("rosette.chosen().length") <= 1
        before = tiles.first.bounding_box()
        tools.get_by_label("Tiles").select_option("large")
        expect(tiles.first).not_to_have_css("width", f"{before['width'] if before else 0}px")
        if path.startswith("/images"):
            tools.get_by_role("button", name="Tick all").click()
            expect(one.page.locator("#bar-what")).to_have_text("1 image ticked")
            tools.get_by_role("button", name="Tick none").click()
        tools.get_by_label("Show").select_option("decided")
        expect(tiles).to_have_count(0)
