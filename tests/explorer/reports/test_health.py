"""Health and confusions in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from embeddings import columns as c
from embeddings.label_errors import CHECKED, EXPLAINED
from tests.explorer.cli.test_main import run
from tests.explorer.conftest import build_workspace


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which the odd jaguars look like cars; checked."""
    ws = build_workspace(tmp_path_factory.mktemp("looks") / "ws")
    items = ws.items()
    looks = items[c.LABEL].astype(object).to_numpy(copy=True)
    looks[9:13], looks[-1] = "car", None
    items = items.assign(
        **{CHECKED: looks, EXPLAINED: np.isin(np.arange(len(items)), range(9, 13))}
    )
    ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
    return ws.path


def test_health_says_what_to_do_first(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("report", "--health", checked, capsys=capsys)
    assert (code, "rosette check" in err) == (1, True)
    assert run("check", checked, capsys=capsys)[0] == 0
    code, out, _ = run("report", "--health", checked, capsys=capsys)
    assert code == 0
    assert "The largest label, jaguar" in out
    assert "jaguar/cut.jpg: the file is cut short" in " ".join(out.split())
    told = json.loads(run("report", "--health", "--json", checked, capsys=capsys)[1])
    unreadable = next(f for f in told["findings"] if f["kind"] == "unreadable")
    assert (unreadable["count"], unreadable["files"]) == (1, ["jaguar/cut.jpg"])


def test_confusions_are_a_table(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run("report", "--confusion", checked, capsys=capsys)[1]
    assert "4 of 29 images look like another label" in out
    assert "      4    31%  jaguar → car (a split)" in out
    told = json.loads(run("report", "--confusion", "--json", checked, capsys=capsys)[1])
    assert {"label": "jaguar", "looks_like": "car", "images": 4} in told["cells"]
    recall = {row["label"]: row["recall"] for row in told["metrics"]}
    assert recall["jaguar"] == pytest.approx(9 / 13)


@pytest.mark.parametrize("by", ["model", "nobody"])
def test_who_cannot_be_asked(checked: Path, by: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("report", "--confusion", "--by", by, checked, capsys=capsys)
    assert code == 2
    assert "--by check" in err
