"""One box: labels and files, what the model sees, what was decided, and pictures."""

from __future__ import annotations

import base64

from axe_playwright_python.sync_playwright import Axe

from tests.drawn_words import DrawnRun
from tests.e2e.conftest import Chromium, served, visit

BROKEN = base64.b64encode(b"\x89PNG\r\n\x1a\n and no more").decode()
PASTE = """content => {
  const bytes = Uint8Array.from(atob(content), sign => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "mine.png", {type: "image/png"}));
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
}"""


def test_a_word_of_the_model_leads_to_its_images(people: Chromium, url: str) -> None:
    with visit(people, f"{url}/splits") as one:
        one.drawn()
        one.page.fill("#find", "vehicles")
        hit = one.page.locator("#found .hit")
        hit.wait_for()
        assert "seen by the model in 29 images" in hit.inner_text()
        assert (
            Axe().run(one.page, options={"resultTypes": ["violations"]}).response["violations"]
            == []
        )
        one.page.keyboard.press("Enter")
        one.page.wait_for_selector("#images-page h1")
        one.drawn()
        assert one.page.inner_text("h1") == "Images in which the model sees vehicles"


def test_what_a_pasted_picture_came_to_is_told(people: Chromium, url: str) -> None:
    with visit(people, f"{url}/splits") as one:
        one.drawn()
        one.page.evaluate(PASTE, BROKEN)
        one.page.wait_for_function(
            "(document.querySelector('#found [role=status]') || {}).textContent && "
            "!document.querySelector('#found [role=status]').textContent.startsWith('Looking')"
        )
        assert "The picture can't be read" in one.page.inner_text("#found")
        one.complaints = [said for said in one.complaints if "400" not in said]


def test_a_sentence_leads_to_the_images_that_it_fits(people: Chromium, drawn: DrawnRun) -> None:
    with served(drawn.ws.path) as url, visit(people, f"{url}/splits") as one:
        one.drawn()
        one.page.fill("#find", "a photo of a sports car")
        hit = one.page.locator("#found .hit")
        hit.wait_for()
        assert "images that it fits best, by clip-tiny" in hit.inner_text()
        assert Axe().run(one.page).response["violations"] == []
        one.page.keyboard.press("Enter")
        one.page.wait_for_selector("#images-page h1")
        one.drawn()
        assert one.page.inner_text("h1") == "Images that “a photo of a sports car” fits"
        assert Axe().run(one.page).response["violations"] == []
