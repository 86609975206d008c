"""A data set whose names want to be HTML, script and formulas."""

from __future__ import annotations

from pathlib import Path

from embeddings.decisions import Context, open_store
from embeddings.workspace import Workspace
from explorer.data import Dataset, Decisions
from tests.explorer.conftest import build_workspace

HTML = "<img src=x onerror=\"window.pwned=1\"><a href='mailto:evil'>y"
FORMULA = "=cmd|' !A0"


def build_hostile(path: Path) -> Workspace:
    """A label and its files of each kind; decisions with such notes by such reviewers."""
    ws = build_workspace(path, {"jaguar": HTML, "crane": FORMULA, "car": f"{FORMULA}{HTML}"})
    photos = Path(ws.info.root)
    (photos / "car").rename(photos / f"{FORMULA}{HTML}")
    dataset = Dataset(path)
    with open_store(path) as store:
        decisions = Decisions(dataset, store)
        for rows, note in (([0, 1], HTML), ([14, 15], FORMULA)):
            decisions.decide(
                rows, "relabel", to_label=note, note=note, reviewer=note,
                context=Context(HTML, 0, "run1"), expected=None,
            )  # fmt: skip
        store.assign([HTML], HTML, by=FORMULA)
    return ws
