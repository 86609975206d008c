"""On the Map, what is ticked is what is decided: no more, no less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from embeddings.decisions import open_store
from tests.e2e.conftest import Chromium, served, visit
from tests.explorer.conftest import build_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return build_workspace(tmp_path / "ws").path


@pytest.fixture
def address(workspace: Path) -> Iterator[str]:
    with served(workspace) as url:
        yield url


def decided(workspace: Path) -> dict[str, str]:
    with open_store(workspace) as store:
        current = store.current()
    return dict(zip(current["file"], current["decision"], strict=True))


def tiles(page: Page) -> list[str]:
    """Return the files of the gallery's tiles, in order, once they are known by name."""
    expect(page.locator("#picked-gallery .t").first).not_to_have_attribute("aria-label", "image 1")
    names: list[str] = page.locator("#picked-gallery .t").evaluate_all(
        "tiles => tiles.map(tile => tile.getAttribute('aria-label'))"
    )
    return names


def test_three_ticked_of_a_lasso_are_three_decided(
    people: Chromium, address: str, workspace: Path
) -> None:
    with visit(people, address + "/map?label=crane") as one:
        page = one.page
        expect(page.locator("#picked-title")).to_contain_text("6 of 6 ticked")
        names = tiles(page)
        page.get_by_role("button", name="Tick none").click()
        expect(page.locator("#picked-title")).to_contain_text("0 of 6 ticked")
        for n in (0, 2, 4):
            page.locator("#picked-gallery .t .ck").nth(n).click()
        expect(page.locator("#picked-title")).to_contain_text("3 of 6 ticked")
        page.keyboard.press("x")
        expect(page.get_by_role("status")).to_contain_text("3 images")
    assert decided(workspace) == {names[n]: "remove" for n in (0, 2, 4)}


def test_what_is_unticked_is_left_alone(people: Chromium, address: str, workspace: Path) -> None:
    with visit(people, address + "/map?label=crane") as one:
        page = one.page
        expect(page.locator("#picked-title")).to_contain_text("6 of 6 ticked")
        names = tiles(page)
        page.locator("#picked-gallery .t .ck").nth(1).click()
        expect(page.locator("#picked-title")).to_contain_text("5 of 6 ticked")
        page.keyboard.press("u")
        expect(page.get_by_role("status")).to_contain_text("5 images")
    assert names[1] not in decided(workspace)
    assert len(decided(workspace)) == 5
