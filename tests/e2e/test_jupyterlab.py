"""The app below the cell of a real JupyterLab, at the root of its host and as a hub serves it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from embeddings.decisions import open_store
from tests.explorer.conftest import build_workspace

NEEDED = ("jupyterlab", "jupyter_server_proxy", "ipykernel")
ROOT = Path(__file__).resolve().parents[2]
CODE = "import explorer\n\nshown = explorer.show('ws', height=700)\nshown"

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in NEEDED),
    reason="needs JupyterLab: make test-notebook",
)


def write_notebook(file: Path, *cells: str) -> None:
    """Write a notebook of cells that were not run."""
    described = [
        {"cell_type": "code", "id": f"cell{n}", "source": source, "metadata": {}, "outputs": [],
         "execution_count": None}
        for n, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": described, "metadata": {"kernelspec": kernel}}
    file.write_text(json.dumps({**notebook, "nbformat": 4, "nbformat_minor": 5}))


@contextmanager
def jupyterlab(folder: Path, base_url: str) -> Iterator[str]:
    """Start a JupyterLab in a folder with nobody's settings; give the address of its notebook."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.base_url={base_url}"]
    # Dash brings an extension that JupyterLab wants to build first, and asks with a dialog
    command += ["--LabApp.news_url=None", "--LabApp.core_mode=True"]
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "RUNTIME", "DATA")}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    log = folder / "jupyterlab.log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, stdout=said, stderr=said, env={**os.environ, **own, "PYTHONPATH": path}
        ) as server,
    ):
        try:
            address = f"http://127.0.0.1:{port}{base_url}"
            _wait_for(f"{address}api/status?token={token}", server, log)
            yield f"{address}lab/tree/first.ipynb?token={token}&reset"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text()[-2000:])


def run_first_cell(page: Page) -> None:
    """Run the cell, once the kernel of the notebook is there."""
    cell = page.locator(".jp-CodeCell").first
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=120_000)
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


@pytest.mark.parametrize("base_url", ["/", "/user/mara/"])
def test_the_app_works_below_its_cell(browser: Browser, tmp_path: Path, base_url: str) -> None:
    build_workspace(tmp_path / "ws")
    write_notebook(tmp_path / "first.ipynb", CODE, "shown.stop()")
    with (
        jupyterlab(tmp_path, base_url) as address,
        browser.new_context(viewport={"width": 1440, "height": 900}) as context,
    ):
        page = context.new_page()
        page.goto(address)
        run_first_cell(page)
        frame = page.locator(".jp-OutputArea iframe")
        expect(frame).to_have_attribute(
            "src", re.compile(rf"^{base_url}proxy/\d+/"), timeout=60_000
        )
        app = frame.content_frame
        app.get_by_role("link", name="jaguar").first.click(timeout=60_000)
        expect(app.get_by_role("heading", level=1)).to_contain_text("two kinds")
        app.get_by_role("button", name="Relabel 4 images").click()
        expect(app.get_by_role("status")).to_contain_text("4 images are now car")
        assert app.locator(".gallery img").first.evaluate("image => image.naturalWidth") > 0
    with open_store(tmp_path / "ws") as store:
        assert set(store.current()["decision"]) == {"relabel: car"}
