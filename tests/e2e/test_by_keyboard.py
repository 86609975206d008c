"""The whole journey without a mouse, and as a screen reader tells it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Chromium, visit

# All that live regions say, in order.
HEARS = """window.heard = []; document.addEventListener('DOMContentLoaded', () =>
  new MutationObserver(() => {
    for (const id of ['slot', 'said']) {
      const words = document.getElementById(id)?.textContent;
      if (words && !window.heard.includes(words)) window.heard.push(words);
    }
  }).observe(document.body, {subtree: true, childList: true, characterData: true}));"""
FOCUSED = """() => {
  const at = document.activeElement;
  return !at || at === document.body ? 'nothing'
    : at.id || at.closest('[aria-label]')?.getAttribute('aria-label') || at.textContent;
}"""


def focused(page: Page, words: str) -> None:
    """Wait until the keys belong to something of this name."""
    page.wait_for_function(f"(words) => ({FOCUSED})().includes(words)", arg=words)


def test_from_the_first_finding_to_the_export(people: Chromium, address: str) -> None:
    with visit(people, f"{address}/overview") as one:
        page, press = one.page, one.page.keyboard.press
        page.add_init_script(HEARS)
        page.reload()
        expect(page.locator("#main h1")).to_be_visible()
        press("Tab")
        focused(page, "Skip to content")

        press("g")
        press("q")
        expect(page.locator(".f.open")).to_have_count(1)
        focused(page, "main")
        said = page.locator("#main").aria_snapshot()
        for part in (
            r'heading "7 findings left" \[level=1\]',
            r'group "Show"',
            r'button "Splits 2"',
            r'region "Findings"',
            r'article "crane and car show one kind"',
            r'button "crane and car show one kind .*" \[expanded\]',
            r'radio "All become crane" \[checked\]',
            r'button "Merge 5 images Y"',
        ):
            assert re.search(part, said), part
        assert not re.search(r"- (button|link|img|checkbox|option|combobox)$", said, re.MULTILINE)

        press("j")
        focused(page, "5 single images")
        press("k")
        focused(page, "crane and car show one kind")
        press("y")
        expect(page.locator("#slot")).to_contain_text("are now crane")
        focused(page, "5 single images")  # the next one
        press("z")
        expect(page.locator("#slot")).to_contain_text("Undone for")
        focused(page, "crane and car show one kind")
        press("n")  # they differ
        expect(page.locator("#slot")).to_contain_text("kept as labelled")

        press("g")
        press("r")
        export = page.get_by_role("link", name="Export as csv")
        expect(export).to_be_visible()
        focused(page, "main")
        for _ in range(100):  # each action of the tests before has a button that undoes it
            if export.evaluate("node => node === document.activeElement"):
                break
            press("Tab")
        expect(export).to_be_focused()
        with page.expect_download() as download:
            press("Enter")
        assert download.value.suggested_filename == "csv.zip"
        heard = page.evaluate("window.heard")
        for words in ("7 findings left", "are now crane", "Undone for", "kept as labelled"):
            assert any(words in one for one in heard), (words, heard)
        page.evaluate("async () => { while (await rosette.post('undo', {}).catch(() => null)); }")
        one.complaints = [said for said in one.complaints if "409" not in said]
