"""Deciding in a real browser: few actions, taken back, and safe as soon as the toast is there."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from embeddings.decisions import open_store
from tests.e2e.conftest import Chromium, Demo, served, visit

COMMAND = [sys.executable, "-m", "explorer", "open"]


@pytest.fixture
def workspace(demo: Demo, tmp_path: Path) -> Path:
    """A copy, so that decisions stay in one test."""
    folder = tmp_path / "ws"
    shutil.copytree(demo.workspace, folder)
    (folder / "decisions.sqlite").unlink(missing_ok=True)
    return folder


@pytest.fixture(scope="module")
def port() -> str:
    """A port for one server after the other: Chromium keeps its compiled scripts by address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


@pytest.fixture
def address(workspace: Path, port: str) -> Iterator[str]:
    with served(workspace, "--port", port) as url:
        yield url


def test_relabelled_undone_redone_and_there_after_a_kill(people: Chromium, workspace: Path) -> None:
    command = [*COMMAND, str(workspace), "--no-browser", "--port", "0", "--reviewer", "Mara"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[3]
            with visit(people, url) as one:
                page = one.page
                page.get_by_role("link", name="jaguar", exact=True).click()
                page.get_by_role("button", name="Relabel 39 images").click()
                toast = page.get_by_role("status")
                expect(toast).to_contain_text("39 images are now car")
                expect(page.get_by_text("39 images, 39 decided")).to_be_visible()
                page.keyboard.press("z")
                expect(toast).to_contain_text("Undone for 39 images")
                expect(page.get_by_text("39 images, 39 decided")).to_be_hidden()
                page.keyboard.press("Shift+Z")
                expect(toast).to_contain_text("39 images are now car")
                server.send_signal(signal.SIGKILL)
                server.wait()
                one.complaints.clear()  # the server is gone, and the page may say so
        finally:  # else a test that fails waits for it for ever
            server.kill()
    with open_store(workspace) as store:
        current = store.current()
        assert len(current) == 39
        assert set(current["decision"]) == {"relabel: car"}
        assert set(current["reviewer"]) == {"Mara"}
    with served(workspace) as url, visit(people, url + "/class/jaguar") as one:
        expect(one.page.get_by_text("39 images, 39 decided")).to_be_visible()


def test_from_the_list_of_splits_in_one_action(people: Chromium, address: str) -> None:
    with visit(people, address) as one:
        page = one.page
        card = page.get_by_role("article").filter(has_text="jaguar")
        waiting = page.get_by_role("link", name="Queue")
        n = int(waiting.locator("i").inner_text())
        card.get_by_role("button", name="Relabel B to car").click()
        expect(page.get_by_role("status")).to_contain_text("39 images are now car")
        expect(card).to_contain_text("39 of 130 decided")
        expect(waiting.locator("i")).to_have_text(f"{n - 1}")
        waiting.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{n - 1} findings left")
        page.get_by_role("link", name="History and export").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("39 images are decided")
        history = page.get_by_role("region", name="History")
        expect(history).to_contain_text("39 in jaguar relabelled to car")
        history.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is decided yet")
        expect(waiting.locator("i")).to_have_text(f"{n}")
        with page.expect_download() as download:
            page.get_by_role("link", name="Export as csv").click()
        assert download.value.suggested_filename == "csv.zip"


def test_two_reviewers_see_each_other(people: Chromium, address: str) -> None:
    with (
        visit(people, address + "/class/jaguar") as mara,
        visit(people, address + "/class/jaguar") as otto,
    ):
        for one, name in ((mara, "Mara"), (otto, "Otto")):
            one.page.evaluate("name => localStorage.setItem('rosette-reviewer', name)", name)
            expect(one.page.locator("#bar-what")).to_have_text("All 39 in B")
        mara.page.keyboard.press("y")
        expect(mara.page.get_by_role("status")).to_contain_text("39 images are now car")
        otto.page.keyboard.press("x")
        toast = otto.page.get_by_role("status")
        expect(toast).to_contain_text("Mara decided")
        otto.complaints.clear()  # the refusal is an answer of 409
        toast.get_by_role("button", name="Use mine").click()
        expect(toast).to_contain_text("39 images left out of exports")
        expect(mara.page.locator(".col.cB .tag").first).to_have_text("left out", timeout=15_000)


def test_a_selection_is_saved_and_linked_to(people: Chromium, address: str) -> None:
    with visit(people, address + "/class/bat?select=1") as one:
        page = one.page
        expect(page.locator("#bar-what")).to_have_text("All 24 in B")
        page.get_by_text("More", exact=True).click()
        page.get_by_role("button", name="Save under a name…").click()
        page.get_by_label("Name", exact=True).fill("clubs")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("24 images saved as clubs")
        page.goto(address + "/map?selection=clubs")
        expect(page.locator("#picked-title")).to_have_text("24 of 24 ticked")


def test_on_the_map_a_label_is_found_filtered_and_decided(people: Chromium, address: str) -> None:
    with visit(people, address + "/map") as one:
        page = one.page
        one.drawn()
        page.keyboard.press("/")
        page.keyboard.type("jag")
        page.get_by_role("option", name="jaguar").first.click()
        expect(page.locator("#picked-title")).to_have_text("130 of 130 ticked")
        expect(page).to_have_url(re.compile(r"/map\?label=jaguar"))
        page.keyboard.press("Escape")
        expect(page.locator("#picked-title")).to_be_hidden()
        one.drawn()
        main = page.get_by_role("button", name="larger group")
        main.click()
        expect(main).to_have_attribute("aria-pressed", "false")
        visible = "document.querySelector('.js-plotly-plot').data.filter(t => t.visible === false)"
        assert page.evaluate(f"{visible}.map(t => t.name)") == ["larger group"]
        page.goto(address + "/map?label=mouse")
        expect(page.locator("#picked-title")).to_have_text("125 of 125 ticked")
        page.keyboard.press("u")
        expect(page.get_by_role("status")).to_contain_text("125 images marked not sure")
        expect(page.locator("#picked-gallery .tag").first).to_have_text("not sure")
        page.get_by_label("Colour by").select_option("decision")
        expect(page.locator(".entries")).to_contain_text("not sure125")


def test_one_image_is_decided_in_its_panel(people: Chromium, address: str) -> None:
    with visit(people, address + "/class/jaguar") as one:
        page = one.page
        page.get_by_role("region", name="Cluster B").get_by_role("option").first.click()
        panel = page.get_by_role("complementary", name="One image")
        panel.get_by_label("Then go to the next").uncheck()
        panel.get_by_role("button", name="Yes, car").click()
        expect(page.get_by_role("status")).to_contain_text("1 image is now car")
        expect(panel.locator(".facts")).to_contain_text("→ car")
        expect(page.get_by_text("39 images, 1 decided")).to_be_visible()


def test_a_label_is_picked_by_a_part_of_it_or_created(people: Chromium, address: str) -> None:
    with visit(people, address + "/class/jaguar") as one:
        page = one.page
        expect(page.locator("#bar-what")).to_have_text("All 39 in B")
        page.keyboard.press("r")
        options = page.get_by_role("dialog", name="Choose a label").get_by_role("option")
        page.keyboard.type("ca")
        expect(options).to_have_text(["car110", "Create “ca”new"])
        page.get_by_role("combobox", name="Label", exact=True).fill("Trucks")
        expect(options).to_have_text(["truck96", "Create “Trucks”new"])  # the twin comes first
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#bar-label")).to_contain_text("Trucks")
        page.keyboard.press("y")
        expect(page.get_by_role("status")).to_contain_text("39 images are now Trucks")
        page.keyboard.press("z")  # the keys are the gallery's again
        expect(page.get_by_role("status")).to_contain_text("Undone for 39 images")


def test_enter_waits_for_the_hits_of_what_was_typed(people: Chromium, address: str) -> None:
    with visit(people, address + "/splits") as one:
        page = one.page
        one.drawn()
        held: list[Route] = []
        page.route("**/find?q=jagu", lambda route: held.append(route))
        page.keyboard.press("/")
        page.keyboard.type("cr")
        expect(page.locator("#found .hit").first).to_contain_text("crane")
        with page.expect_request("**/find?q=jagu"):
            page.locator("#find").fill("jagu")
        page.keyboard.press("Enter")  # the hits of "cr" are still there
        expect(page).to_have_url(re.compile("/splits"))
        held[0].continue_()
        expect(page).to_have_url(re.compile("/class/jaguar"))
