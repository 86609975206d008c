"""The report to send, opened from the disk with the network off."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from explorer.reports import html_report_of
from tests.explorer.hostile import build_hostile


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_offline_asks_for_nothing_and_reads_well(
    browser: Browser, tmp_path: Path, scheme: str
) -> None:
    build_hostile(tmp_path / "ws")
    file = tmp_path / "report.html"
    file.write_text(html_report_of(tmp_path / "ws"), encoding="utf-8")
    context = browser.new_context(offline=True, color_scheme="dark" if scheme == "dark" else None)
    opened, asked, heard = context.new_page(), [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("pageerror", lambda error: heard.append(str(error)))
    opened.goto(file.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert heard == []
    assert opened.locator("article").count() == 2
    assert opened.evaluate("[...document.images].every(i => i.complete && i.naturalWidth)")
    assert opened.evaluate("window.pwned") is None
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    for width in (390, 1440):
        opened.set_viewport_size({"width": width, "height": 900})
        assert opened.evaluate(wide)
    context.close()
    # axe is a script, which the policy of the file refuses: for it alone the policy is lifted
    looked = browser.new_context(bypass_csp=True, color_scheme="dark" if scheme == "dark" else None)
    page = looked.new_page()
    page.goto(file.as_uri())
    assert Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"] == []
    looked.close()
