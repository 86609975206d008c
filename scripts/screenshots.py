"""Take the pictures of the documentation: every page of the demo, both themes, two widths.

    python scripts/screenshots.py [--demo demo]

Writes docs/images/*.jpg and docs/images/jaguar.webp, a short animation of the jaguar story.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e.conftest import ARGUMENTS, chromium, served  # noqa: E402

OUT = ROOT / "docs" / "images"
PAGES = {
    "splits": "/splits", "class": "/class/jaguar", "queue": "/queue", "map": "/map",
    "review": "/review",
}  # fmt: skip
SIZES = {"1440": (1440, 900), "390": (390, 844)}
STORY_WIDTH = 960  # px


def settle(page: Page) -> None:
    """Wait until nothing more will come."""
    page.wait_for_selector("#main h1", state="attached")
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "[...document.querySelectorAll('.graphbox')].every(b => b.dataset.ready)"
    )
    page.wait_for_timeout(400)


def pages(browser: Browser, url: str) -> None:
    """Take every page in both themes and both widths."""
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            context.add_init_script("localStorage.setItem('rosette-visited', 'yes')")
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(url + path)
                settle(page)
                shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                shot.save(OUT / f"{name}-{size}-{scheme}.jpg", quality=82, optimize=True)
            context.close()


def story(browser: Browser, url: str) -> None:
    """Take the jaguar story: the ranking, both sides, one decision, and back."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    frames: list[tuple[Image.Image, int]] = []

    def take(duration: int) -> None:
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        height = round(shot.height * STORY_WIDTH / shot.width)
        frames.append((shot.resize((STORY_WIDTH, height), Image.Resampling.LANCZOS), duration))

    page.goto(url + "/splits")
    settle(page)
    take(2200)
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(300)
    take(1200)
    page.get_by_role("link", name="jaguar", exact=True).click()
    settle(page)
    take(2600)
    page.locator(".col.cB .vgrid .t").nth(1).click()
    page.get_by_role("complementary", name="One image").wait_for()
    settle(page)
    take(2600)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Relabel 39 images").click()
    page.get_by_role("button", name="Undo").first.wait_for()
    page.wait_for_timeout(400)
    take(2600)
    page.keyboard.press("z")
    page.wait_for_timeout(800)
    take(1800)
    images = [image for image, _ in frames]
    images[0].save(
        OUT / "jaguar.webp", save_all=True, append_images=images[1:],
        duration=[duration for _, duration in frames], loop=0, quality=70, method=6,
    )  # fmt: skip
    context.close()


def main() -> None:
    """Take all of them, on a copy of the demo, so that no decision of it is kept."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--demo", type=Path, default=ROOT / "demo")
    a = p.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = Path(folder) / "workspace"
        shutil.copytree(a.demo / "workspace", workspace)
        (workspace / "decisions.sqlite").unlink(missing_ok=True)
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS + sandbox)
        with served(workspace) as url:
            pages(browser, url)
            story(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
