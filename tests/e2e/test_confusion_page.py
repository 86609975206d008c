"""The Confusion page with ten labels and with a thousand, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from embeddings import columns as c
from embeddings.label_errors import CHECKED
from tests.e2e.conftest import Chromium, Visit, served, visit
from tests.explorer.conftest import build_workspace


def confusing(path: Path, n_labels: int) -> Path:
    """Write a run of ten images a label; of each second label three look like the one before."""
    ws = build_workspace(path)
    items, classes = ws.items(), ws.classes()
    names = [f"label {n:04d}" for n in range(n_labels)]
    given = np.repeat(np.array(names, dtype=object), 10)
    looks = given.copy()
    for n in range(1, n_labels, 2):
        looks[10 * n : 10 * n + 3] = names[n - 1]
    rows = pd.concat([items.iloc[:1]] * len(given), ignore_index=True)
    rows = rows.assign(
        **{c.LABEL: given, CHECKED: looks, c.CLUSTER: 0, c.SUSPICION: 0.1},
        **{c.FILE: [f"{label}/{n}.jpg" for n, label in enumerate(given)]},
        **{c.SHA256: [f"{n:064x}" for n in range(len(given))]},
    )
    first = classes.iloc[-1:]
    labels = pd.concat([first] * n_labels, ignore_index=True).assign(**{c.LABEL: names, c.SIZE: 10})
    clusters = pd.concat([ws.clusters().iloc[-1:]] * n_labels, ignore_index=True)
    frames = {"items": rows, "classes": labels, "clusters": clusters.assign(**{c.LABEL: names})}
    ws.write_run("run2", frames)
    return ws.path


@pytest.fixture(scope="module", params=[10, 1000])
def confused(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, str]]:
    n: int = request.param
    with served(confusing(tmp_path_factory.mktemp("confused") / "ws", n)) as address:
        yield n, address


def ready(one: Visit) -> None:
    """Wait until the matrix on show is the one whose cells the page holds, and can be clicked."""
    one.page.wait_for_function(
        "(box => box && box.dataset.ready && box.dataset.ready === box.dataset.key)"
        "(document.getElementById('confusion-box'))"
    )


def click_cell(one: Visit, x: int, y: int) -> None:
    one.page.locator(f'#confusion-box .x[data-x="{x}"][data-y="{y}"]').click()


def test_a_cell_is_mended_beside_the_matrix(people: Chromium, confused: tuple[int, str]) -> None:
    n, address = confused
    with visit(people, address + "/confusion?show=all") as one:
        page = one.page
        ready(one)
        expect(page.locator("h1")).to_have_text(
            f"{3 * n // 2:,} of {10 * n:,} images look like another label"
        )
        if n > 60:  # groups first: a cell leads to the labels in it
            expect(page.locator(".heatpanel")).to_contain_text("1,000 labels in")
            click_cell(one, 0, 0)
            expect(page).to_have_url(re.compile(r"/confusion\?groups=0$"))
            expect(page.locator(".heatpanel")).to_contain_text("All groups")
            ready(one)
        cells = page.evaluate("JSON.parse(document.getElementById('confusion-box').dataset.cells)")
        assert cells["level"] == "labels"
        y, x = next((y, x) for y, x, count in cells["cells"] if count == 3)
        click_cell(one, x, y)
        given, looks = cells["names"][y], cells["names"][x]
        pair = page.get_by_role("region", name="One pair")
        expect(pair.get_by_role("heading", level=2)).to_have_text(f"3 {given} look like {looks}")
        expect(pair.locator(".t[role=option]")).to_have_count(3)
        pair.locator(".t .ck").first.click()
        pair.get_by_role("button", name=f"Relabel 2 to {looks}").click()
        expect(page.get_by_role("status")).to_contain_text(f"2 images are now {looks}")
        page.keyboard.press("z")
        expect(page.get_by_role("status")).to_contain_text("Undone for 2 images")


def test_the_matrix_works_by_keyboard(people: Chromium, confused: tuple[int, str]) -> None:
    with visit(people, confused[1] + "/confusion?q=0003") as one:  # a deep link
        page = one.page
        ready(one)
        box = page.get_by_role("application")
        page.get_by_label("Order").focus()
        page.keyboard.press("Tab")
        while not box.evaluate("box => box === document.activeElement"):
            page.keyboard.press("Tab")
        said = page.locator("#said")
        expect(said).to_have_text("label 0003 look like label 0002: 3 images")
        page.keyboard.press("Home")
        expect(said).to_have_text("label 0003: 3 images taken for others")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Images labelled label 0003, taken for others")
        page.go_back()
        ready(one)
        expect(page.locator(".pairline")).to_have_count(1)


def test_the_name_of_a_column_leads_to_what_is_taken_for_it(
    people: Chromium, confused: tuple[int, str]
) -> None:
    with visit(people, confused[1] + "/confusion?q=0003") as one:
        ready(one)
        one.page.locator("#confusion-box .cn", has_text="label 0002").click()
        expect(one.page.locator("h1")).to_have_text(
            "Images that look like label 0002, where the label differs"
        )
