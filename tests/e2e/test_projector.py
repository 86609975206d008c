"""The TensorBoard projector in a real browser, reading what we export."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from embeddings.export import flagged, from_workspace
from embeddings.workspace import Workspace
from explorer.cli import main
from tests.e2e.conftest import Demo
from tests.embeddings.export.formats.test_tensorboard import tensorboard

PLUGIN = "/data/plugin/projector/projector_binary.html"


def test_the_projector_draws_our_points(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    out = tmp_path / "projector"
    with pytest.raises(SystemExit) as ended:
        main(["export", str(demo.workspace), str(out), "--to", "tensorboard", "--scope", "flagged"])
    assert not ended.value.code
    source = from_workspace(Workspace.open(demo.workspace))
    n = int(flagged(source).sum())
    with tensorboard(out) as address:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address + PLUGIN)
        expect(page.get_by_text(f"Points: {n}").first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Dimension: 384").first).to_be_visible()
        page.close()
