"""The notebooks of the documentation: run whole, with the output that is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.notebooks import FOLDER, as_page, executed

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_three() -> None:
    assert [file.stem for file in NOTEBOOKS] == [
        "decisions-to-a-better-model", "first-findings", "your-own-classifier",
    ]  # fmt: skip


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_does_what_its_page_shows(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kept = json.loads(file.read_text(encoding="utf-8"))
    done = executed(kept)
    shown = [cell.get("outputs") for cell in kept["cells"]]
    assert [cell.get("outputs") for cell in done["cells"]] == shown, "run scripts/notebooks.py"
    assert sum(bool(outputs) for outputs in shown) >= 3
    assert file.with_suffix(".md").read_text(encoding="utf-8") == as_page(kept, file.stem)
