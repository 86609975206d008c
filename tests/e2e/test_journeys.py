"""What people do, in a real browser, on the demo data set."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Chromium, Demo, Visit, visit

PAGES = (
    "/",
    "/queue",
    "/strays",
    "/images?like=1",
    "/class/jaguar",
    "/class/tiger",
    "/map",
    "/review",
    "/overview",
    "/images?label=cup",
    "/changes",
    "/confusion",
    "/confusion?show=all",
)


def lasso(page: Page, box: str, places: list[tuple[float, float]]) -> None:
    """Draw a lasso through places given as shares of an element's size."""
    frame = page.locator(box).bounding_box()
    assert frame is not None
    points = [
        (frame["x"] + frame["width"] * x, frame["y"] + frame["height"] * y) for x, y in places
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in [*points[1:], points[0]]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def around(page: Page, box: str, cluster: str) -> list[tuple[float, float]]:
    """Return a lasso around the dots of a cluster on a label's map, as shares of the element."""
    low_x, high_x, low_y, high_y = page.evaluate(
        """([box, token]) => {
          const graph = document.querySelector(box + ' .js-plotly-plot');
          const frame = document.querySelector(box).getBoundingClientRect();
          const {xaxis, yaxis} = graph._fullLayout;
          const trace = graph._fullData.find(t => t.meta === token);
          const xs = Array.from(trace.x, v => xaxis.l2p(v) / frame.width);
          const ys = Array.from(trace.y, v => yaxis.l2p(v) / frame.height);
          return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
        }""",
        [box, cluster],
    )
    m = 0.02
    return [
        (low_x - m, low_y - m), (high_x + m, low_y - m), (high_x + m, high_y + m),
        (low_x - m, high_y + m),
    ]  # fmt: skip


def test_the_demo_names_exactly_the_four(demo: Demo) -> None:
    found = re.findall(r"^Two kinds\s+\d\.\d\d  (.+?),", demo.said, re.MULTILINE)
    assert sorted(found) == ["bat", "crane", "jaguar", "mouse"]
    assert "Perhaps two" not in demo.said
    assert "not photographed" in demo.said


def test_the_jaguars_are_cars(people: Chromium, demo: Demo) -> None:
    with visit(people, demo.url + "/splits?sort=name") as one:
        page = one.page
        page.get_by_role("link", name="jaguar").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("“jaguar” is two kinds of thing")
        odd = page.get_by_role("region", name="Cluster B")
        expect(odd).to_contain_text("looks like car")
        one.drawn()
        page.keyboard.press("Escape")
        lasso(page, "#label-page .graphbox", around(page, "#label-page .graphbox", "--c2"))
        expect(page.locator("#bar-what")).to_have_text("All 39 in B")
        expect(page.locator("#picked-title")).to_have_text("39 images ticked")
        odd.get_by_role("option").first.click()
        panel = page.get_by_role("complementary", name="One image")
        expect(
            panel.get_by_text("Labelled jaguar, but all 8 nearest images are car.")
        ).to_be_visible()
        expect(panel.get_by_role("heading", name="Nearest in car")).to_be_visible()
        neighbour = panel.locator(".near").first.get_by_role("button").first
        neighbour.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("“car” is one kind of thing")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("“jaguar” is two kinds of thing")
        expect(page).to_have_url(re.compile(r"select=1"))
        expect(page.locator("#bar-what")).to_have_text("All 39 in B")
        page.go_back()
        expect(page).to_have_url(re.compile(r"/splits\?sort=name"))


def test_by_keyboard_alone(people: Chromium, demo: Demo) -> None:
    with visit(people, demo.url) as one:
        page = one.page
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("jag")
        expect(page.get_by_role("option", name="jaguar").first).to_have_attribute(
            "aria-selected", "true"
        )
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("“jaguar” is two kinds of thing")
        expect(page.locator("#bar-what")).to_have_text("All 39 in B")
        page.keyboard.press("a")
        expect(page.locator("#bar-what")).to_have_text("All 91 in A")
        page.keyboard.press("Escape")
        expect(page.locator("#decide")).to_be_hidden()
        page.locator(".col.cA .vgrid").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        expect(page.locator("#bar-what")).to_have_text("3 images ticked")
        expect(page.locator("#said")).to_have_text("3 selected")
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        expect(page.locator(".col.cB .vgrid").first).to_be_focused()
        page.keyboard.press("Enter")
        panel = page.get_by_role("complementary", name="One image")
        expect(panel.get_by_role("heading", name="Nearest anywhere")).to_be_visible()
        page.keyboard.press("Escape")
        expect(panel.get_by_role("heading", name="Nearest anywhere")).to_be_hidden()
        page.keyboard.press("]")
        expect(page.get_by_role("heading", level=1)).to_have_text("“bat” is two kinds of thing")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="How to read and work")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        page.keyboard.press("g")
        page.keyboard.press("m")
        expect(page).to_have_url(re.compile(r"/map$"))


def test_a_deep_link_opens_cold(people: Chromium, demo: Demo) -> None:
    with visit(people, demo.url + "/class/jaguar?select=0") as one:
        expect(one.page.locator("#bar-what")).to_have_text("All 91 in A")
        row = one.page.evaluate("Number(document.querySelector('.vgrid img').src.split('/').pop())")
        one.page.goto(f"{demo.url}/class/jaguar?item={row}")
        name = one.page.locator("#item-panel .name")
        expect(name).to_have_attribute("title", re.compile("^jaguar/"))


def test_the_map_of_everything(people: Chromium, demo: Demo) -> None:
    with visit(people, demo.url + "/map") as one:
        page = one.page
        one.drawn()
        expect(page.locator(".entries")).to_contain_text("odd group")
        lasso(page, ".atlas .graphbox", [(0.02, 0.12), (0.98, 0.12), (0.98, 0.88), (0.02, 0.88)])
        expect(page.locator("#picked-title")).to_contain_text("ticked")
        expect(page.locator("#picked-open")).to_contain_text("Open ")
        assert page.locator("#picked-gallery .t").count() < 80  # only what is seen
        with page.expect_download() as download:
            page.get_by_text("More", exact=True).click()
            page.get_by_role("button", name="List of files (CSV)").click()
        assert download.value.suggested_filename == "selection.csv"
        page.get_by_label("Colour by").select_option("label")
        expect(page.locator(".entries")).to_contain_text("jaguar")
        expect(page).to_have_url(re.compile(r"colour=label"))
        page.goto(demo.url + "/map?label=tiger")
        expect(page.locator("#picked-words")).to_have_text("All are labelled tiger.")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "dark")])
def test_every_page_is_calm_and_open_to_all(
    people: Chromium, demo: Demo, path: str, width: int, scheme: str
) -> None:
    with visit(people, demo.url + path, width=width, scheme=scheme) as one:
        settled(one)
        assert one.page.evaluate("window.shifts") < 0.05
        assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        found = Axe().run(one.page, options={"resultTypes": ["violations"]}).response["violations"]
        grave = [v for v in found if v["impact"] in ("serious", "critical")]
        said = [
            f"{v['id']}: {n['target']} {n['failureSummary']}" for v in grave for n in v["nodes"]
        ]
        assert said == []


def settled(one: Visit) -> None:
    expect(one.page.get_by_role("heading", level=1)).to_be_attached()
    one.drawn()
    one.page.wait_for_load_state("networkidle")
