"""The list of pages: every folder has one, every address one, and the bar names only those."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import explorer.pages
from explorer.components.links import MENU
from explorer.pages import PAGES, Page, page_named

FOLDERS = sorted(p.parent.name for p in Path(explorer.pages.__file__).parent.glob("*/page.py"))
REDRAWN = [page for page in PAGES if page.redraw is not None]


def test_every_folder_is_on_the_list() -> None:
    here = Path(explorer.pages.__file__).parent
    assert sorted(p.name for p in here.iterdir() if (p / "layout.py").is_file()) == FOLDERS
    assert len(PAGES) == len(FOLDERS)


def test_an_address_is_one_page() -> None:
    paths = [path for page in PAGES for path in (page.path, *page.also)]
    assert len(set(paths)) == len(paths)
    for name, _ in MENU:
        assert page_named(f"/{name}") is not None
    assert page_named("/") is page_named("/splits")
    assert page_named("/class/a/b") is page_named("/class/jaguar")
    assert page_named("/nowhere") is None
    assert page_named("/splits/more") is None


def posted(page: Page[Any], address: dict[str, str], shown: str) -> dict[str, Any]:
    """Return what the browser sends when the address of a page changed."""
    assert page.redraw is not None
    outputs = [{"id": i, "property": p} for i, p in page.redraw.outputs]
    names = [f"{i}.{p}" for i, p in page.redraw.outputs]
    inputs = [{"id": "url", "property": "data", "value": address}]
    inputs += [{"id": i, "property": p, "value": None} for i, p in page.redraw.inputs]
    return {
        "output": names[0] if len(names) == 1 else f"..{'...'.join(names)}..",
        "outputs": outputs[0] if len(outputs) == 1 else outputs,
        "inputs": inputs,
        "state": [{"id": "shown", "property": "data", "value": shown}],
        "changedPropIds": ["url.data"],
    }


def changed(client: FlaskClient, page: Page[Any], shown: str) -> set[str]:
    """Return the components that change when the address of a page does."""
    body = posted(page, {"pathname": page.path, "search": ""}, shown)
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code in (200, 204)
    return set(answer.get_json()["response"]) if answer.status_code == 200 else set()


@pytest.mark.parametrize("page", REDRAWN, ids=lambda page: page.path)
def test_what_follows_the_address_of_a_page(page: Page[Any], client: FlaskClient) -> None:
    assert page.redraw is not None
    # there are no decisions here, and so no page that reviews them
    parts = set() if page.path == "/review" else {i for i, _ in page.redraw.outputs}
    assert changed(client, page, page.path) == parts
    assert changed(client, page, "/elsewhere") == set()
