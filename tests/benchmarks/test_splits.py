"""The benchmark of the split detector runs on a bench folder of its own making."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "benchmarks" / "splits.py"

COMPOSE = """
import numpy as np

def compose(source, seed):
    rng = np.random.default_rng(seed)
    kinds = np.repeat([f"kind {n:02d}" for n in range(12)], 24)
    X = np.repeat(rng.normal(size=(12, 32)), 24, axis=0) + 0.7 * rng.normal(size=(288, 32))
    rows = [(n, kinds[n].replace("01", "00").replace("03", "02"), kinds[n],
             "hidden" if n < 96 else "pure") for n in range(288)]
    return rows, {"embeddings": X.astype("float16"), "kinds": kinds}
"""
SCORE = """
def score(truth, items, classes):
    assert len(truth) == len(items)
    said = {row["label"]: row["is_split"] for row in classes}
    right = [said[row["label"]] == (row["type"] == "hidden") for row in truth]
    return dict.fromkeys(
        ("auroc", "verdict_precision", "minority_f1", "pure_whole"), sum(right) / len(right)
    )
"""
BASELINES = """
import numpy as np

def pca(x):
    return np.arange(len(x)) % 2, 0.5
"""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    for name, text in (("compose", COMPOSE), ("score", SCORE), ("baselines", BASELINES)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_it_measures_and_goes_on_from_what_is_there(bench: Path) -> None:
    out = bench / "out.json"
    first = run("--bench", bench, "--seeds", "0-1", "--out", out)
    result = json.loads(first.stdout)
    photos = result["sources"]["photos"]
    assert photos["sets"] == 2
    assert photos["compared"]["auroc"]["figure"] > photos["compared"]["auroc"]["baseline"]
    assert photos["suggestions"]["right"] == photos["suggestions"]["found"] == 2
    assert "| product |" in first.stderr
    assert sum(row["labels"] for row in result["reliability"]) == 20
    again = run("--bench", bench, "--seeds", "0-1", "--out", out)
    assert "photos 0: product" in first.stderr
    assert "photos 0: product" not in again.stderr
    assert json.loads(again.stdout) == result


def test_without_a_bench_folder_it_says_what_it_needs(tmp_path: Path) -> None:
    done = run("--bench", tmp_path / "none")
    assert "compose.py" in done.stdout
    assert len(done.stdout.splitlines()) == 1
