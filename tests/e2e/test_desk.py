"""Tasks of a reviewer in a real browser, with the clicks and keys that each may take.

The table in docs/desk.md says the same figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Chromium, Visit, visit
from tests.e2e.test_journeys import lasso

FRAME = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)]  # of a map, nearly all of it


@dataclass
class Hands:
    """Counts what a reviewer does: ``clicks`` and drags, and ``keys``, each letter being one."""

    page: Page
    clicks: int = 0
    keys: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def click(self, selector: str, n: int = 0) -> None:
        self.page.locator(selector).nth(n).click()
        self.clicks += 1

    def says(self, words: str) -> None:
        expect(self.page.locator("#slot")).to_contain_text(words)

    def took(self, *, clicks: int = 0, keys: int = 0) -> None:
        assert (self.clicks, self.keys) == (clicks, keys)


@pytest.fixture
def desk(people: Chromium, address: str) -> Iterator[Hands]:
    """The queue; whatever is decided in a test is taken back at its end."""
    with visit(people, f"{address}/queue") as one:
        expect(one.page.locator(".f.open")).to_have_count(1)
        yield Hands(one.page)
        one.page.evaluate(
            "async () => { while (await rosette.post('undo', {}).catch(() => null)); }"
        )
        # the last undo has nothing to undo, and what a test cut off is told
        one.complaints = [
            said for said in one.complaints if not ("409" in said or "ERR_FAILED" in said)
        ]


def case(desk: Hands, kind: str, n: int = 0) -> None:
    """Open the first finding of a kind, which is no part of the task."""
    desk.page.locator(f".chip[data-kind={kind}]").click()
    expect(desk.page.locator(f".f.open.k-{kind}")).to_have_count(1)
    for _ in range(n):
        desk.page.keyboard.press("j")


def visited(desk: Hands, address: str, path: str) -> None:
    desk.page.goto(address + path)
    Visit(desk.page).drawn()


def test_the_worst_label(desk: Hands, address: str) -> None:
    visited(desk, address, "/")
    desk.click("article h2 a")
    expect(desk.page.locator("h1")).to_contain_text("“jaguar” is two kinds")
    desk.took(clicks=1)


def test_a_suggestion_is_accepted_and_the_next_opens(desk: Hands) -> None:
    case(desk, "split")
    desk.press("y")
    desk.says("4 images are now car")
    expect(desk.page.locator(".f.done").first).to_contain_text("jaguar → car, 4 images")
    expect(desk.page.locator(".f.open")).to_contain_text("tea_cup is five kinds of thing")
    desk.took(keys=1)


def test_all_but_one_are_relabelled(desk: Hands) -> None:
    case(desk, "split")
    desk.click(".f.open .ticks .t .ck", 1)
    expect(desk.page.locator(".f.open .primary")).to_contain_text("Relabel 3 images")
    desk.press("y")
    desk.says("3 images are now car")
    desk.took(clicks=1, keys=1)


def test_a_new_label_is_made(desk: Hands) -> None:
    case(desk, "split")
    desk.press("r")
    desk.type("XJ")
    expect(desk.page.locator(".opt[aria-selected=true]")).to_contain_text("Create “XJ”")
    desk.press("Enter", "y")
    desk.says("4 images are now XJ")
    desk.took(keys=5)


def test_a_twin_of_a_label_is_not_made_by_accident(desk: Hands) -> None:
    case(desk, "split")
    desk.press("r")
    desk.type("Tea cup")
    expect(desk.page.locator(".pop .spell")).to_contain_text("tea_cup exists with 5 images")
    desk.press("Enter", "y")
    desk.says("4 images are now tea_cup")


def test_a_split_is_kept_as_it_is(desk: Hands) -> None:
    case(desk, "split")
    desk.press("n")
    desk.says("4 images kept as labelled")
    desk.took(keys=1)


def test_five_kinds_are_seen_at_once(desk: Hands) -> None:
    case(desk, "split", 1)
    kinds = desk.page.locator(".f.open .kinds > li")
    expect(kinds).to_have_count(5)
    assert all(kinds.nth(n).locator("img").first.is_visible() for n in range(5))
    expect(kinds.nth(2).locator(".field")).to_contain_text("espressonew")
    expect(desk.page.locator(".f.open .primary")).to_contain_text("Relabel 2 images in 2 groups")
    desk.press("y")
    desk.says("2 images decided")
    desk.took(keys=1)


def test_suspects_take_little_more_than_a_key_each(desk: Hands) -> None:
    case(desk, "stray")
    desk.press("y")
    expect(desk.page.locator("#strays-left")).to_have_text("5 images look like another label")
    expect(desk.page.locator("#item-panel .name")).to_have_text("0-0.jpg")
    desk.press("y", "y", "n", "y", "x", "Shift+Y")
    desk.says("5 images decided")
    expect(desk.page.locator("#strays-left")).to_have_text("All of them are decided")
    desk.took(keys=7)
    assert (desk.keys - 1) / 5 <= 1.2


def test_the_sure_ones_are_accepted_in_one(desk: Hands, address: str) -> None:
    visited(desk, address, "/strays")
    expect(desk.page.locator("#ticked")).to_contain_text("4 of 5 ticked")
    # what is out of sight is not accepted
    names = desk.page.get_by_label("Name contains")
    names.fill("0-1")
    expect(desk.page.locator("#accept-words")).to_have_text("Accept 1 suggestion")
    names.fill("")
    expect(desk.page.locator("#accept-words")).to_have_text("Accept 4 suggestions")
    desk.page.locator("#strays-gallery .t").first.focus()
    desk.press("Shift+Y")
    desk.says("4 images decided")
    expect(desk.page.locator("#strays-left")).to_have_text("1 image looks like another label")
    desk.took(keys=1)


def test_seven_by_lasso_on_a_label(desk: Hands, address: str) -> None:
    visited(desk, address, "/class/crane")
    lasso(desk.page, "#label-page .graphbox", FRAME)
    desk.clicks += 1
    expect(desk.page.locator("#picked-title")).to_have_text("6 images ticked")
    desk.press("n")
    desk.says("6 images kept as labelled")
    desk.took(clicks=1, keys=1)


def test_some_by_lasso_on_the_map(desk: Hands, address: str) -> None:
    visited(desk, address, "/map?label=crane")
    expect(desk.page.locator("#picked-title")).to_have_text("6 of 6 ticked")
    desk.click("[data-tick=suspects]")
    expect(desk.page.locator("#picked-title")).to_have_text("5 of 6 ticked")
    desk.press("y")
    desk.says("5 images are now car")
    desk.took(clicks=1, keys=1)


@pytest.mark.parametrize("path", ["/queue", "/splits", "/class/car", "/map", "/images?label=car",
                                  "/confusion", "/review", "/strays"])  # fmt: skip
def test_undo_wherever_it_is_told(desk: Hands, address: str, path: str) -> None:
    for row in (0, 1, 2):
        desk.page.evaluate(f"rosette.post('decide', {{rows: [{row}], action: 'keep'}})")
    visited(desk, address, path)
    for _ in range(3):
        desk.press("z")
        desk.says("Undone for 1 image")
        desk.page.evaluate("rosette.clearSlot()")
    desk.took(keys=3)


def test_a_file_and_its_neighbours(desk: Hands, address: str) -> None:
    desk.press("/")
    desk.type("crane 0-3")
    expect(desk.page.locator("#found .hit").first).to_contain_text("crane/0-3.jpg")
    desk.press("Enter")
    expect(desk.page.locator("#item-panel .near").first).to_be_visible()
    desk.took(keys=11)


def test_all_that_look_like_one_image(desk: Hands, address: str) -> None:
    visited(desk, address, "/class/car?item=24")
    expect(desk.page.locator("#item-panel .near").first).to_be_visible()
    desk.press("s")
    expect(desk.page.locator("h1")).to_have_text("Similar to car/0-0.jpg")
    desk.click("#select-all")
    desk.press("x")
    desk.says("left out of exports")
    desk.took(clicks=1, keys=2)


def test_a_confusion_cell_is_mended(desk: Hands, address: str) -> None:
    visited(desk, address, "/confusion?show=all")
    desk.click(".pairline[data-given=car]")
    expect(desk.page.locator("#pair-acts .primary")).to_contain_text("Relabel 3 to tea_cup")
    desk.press("y")
    desk.says("are now tea_cup")
    desk.took(clicks=1, keys=1)


def test_duplicates_are_settled_by_a_rule(desk: Hands) -> None:
    case(desk, "copies")
    expect(desk.page.locator(".f.open .pair .t")).to_have_count(2)
    desk.press("y")
    desk.says("1 image left out of exports")
    desk.took(keys=1)


def test_where_the_model_fails_the_labels_are_right(desk: Hands) -> None:
    case(desk, "slice")
    one = desk.page.locator(".f.open")
    expect(one).to_contain_text("Your model fails on jaguar: dark")
    one.get_by_role("button", name="Save as a set").click()
    desk.says("4 images saved as jaguar: dark")
    desk.press("y")
    desk.says("4 images kept as labelled")
    expect(desk.page.locator(".f.done").first).to_contain_text("jaguar kept as labelled, 4 images")
    desk.took(keys=1)


def test_two_labels_become_one(desk: Hands) -> None:
    case(desk, "merge")
    desk.press("y")
    desk.says("are now crane")
    expect(desk.page.locator(".f.done").first).to_contain_text("car → crane, 5 images")
    desk.took(keys=1)


def test_two_images_side_by_side_and_out(desk: Hands, address: str) -> None:
    visited(desk, address, "/class/crane?item=13")
    expect(desk.page.locator("#item-panel .acts")).to_be_visible()
    desk.press("f", "c")
    expect(desk.page.locator(".full .stage img")).to_have_count(2)
    desk.press("x", "Escape")
    desk.says("1 image left out of exports")
    expect(desk.page.locator(".full")).to_have_count(0)
    desk.took(keys=4)


def test_the_decided_are_exported_alone(desk: Hands, address: str) -> None:
    desk.page.evaluate("rosette.post('decide', {rows: [0], action: 'keep'})")
    visited(desk, address, "/review")
    desk.page.get_by_label("Which images").select_option("decided")
    desk.clicks += 1
    export = desk.page.get_by_role("link", name="Export as csv")
    expect(export).to_have_attribute("href", "/export/run1/csv.zip?scope=decided")
    with desk.page.expect_download() as download:
        export.click()
        desk.clicks += 1
    assert download.value.suggested_filename == "csv.zip"
    desk.took(clicks=2)


def test_what_was_not_saved_waits_and_is_sent_again(desk: Hands) -> None:
    case(desk, "split")
    desk.page.route("**/decide", lambda route: route.abort())
    desk.press("y")
    desk.says("1 decision not saved yet")
    expect(desk.page.locator(".f.wait")).to_contain_text("Not saved yet")
    desk.page.unroute("**/decide")
    desk.page.get_by_role("status").get_by_role("button", name="Try now").click()
    desk.says("4 images are now car")
    expect(desk.page.locator(".f.wait")).to_have_count(0)


def test_the_first_visit_is_shown_around(people: Chromium, address: str) -> None:
    with visit(people, f"{address}/queue", first=True) as one:
        for title in ("Most worth first", "One black button", "Nothing is final"):
            mark = one.page.get_by_role("dialog", name=title)
            expect(mark).to_be_visible()
            mark.get_by_role("button").last.click()
        expect(one.page.locator(".coach")).to_have_count(0)
        one.page.reload()
        expect(one.page.locator(".f.open")).to_have_count(1)
        expect(one.page.locator(".coach")).to_have_count(0)
