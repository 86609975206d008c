"""The benchmarks of wrong labels and of the look at the data run, and skip in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_without_data_there_is_one_line(tmp_path: Path) -> None:
    done = run("label_errors.py", "--data", tmp_path)
    assert done.stdout.count("\n") == 1
    assert "skipped" in done.stdout


def test_it_measures_every_sort_of_wrong_label(tmp_path: Path) -> None:
    pytest.importorskip("cleanlab")
    rng = np.random.default_rng(0)
    (tmp_path / "cifar10n").mkdir()
    for source, n_kinds in (("cifar10n", 9), ("photos", 9)):
        kinds = np.repeat([f"kind {n}" for n in range(n_kinds)], 30)
        centres = np.repeat(rng.normal(size=(n_kinds, 16)), 30, axis=0)
        files = np.array([f"{n}.jpg" for n in range(len(kinds))])
        X = (centres * 2 + rng.normal(size=centres.shape)).astype(np.float16)
        np.savez(tmp_path / f"{source}_mobilenetv2.npz", embeddings=X, kinds=kinds, files=files)
        if source == "cifar10n":
            wrong = np.where(rng.random(len(kinds)) < 0.1, np.roll(kinds, 30), kinds)
            rows = [f"{f},{k},{w},{w},{w}" for f, k, w in zip(files, kinds, wrong, strict=True)]
            text = "\n".join(["file,clean,aggre,worse,random1", *rows])
            (tmp_path / "cifar10n" / "labels.csv").write_text(text, encoding="utf-8")
    done = run("label_errors.py", "--data", tmp_path, "--seeds", "0")
    runs = json.loads(done.stdout)["runs"]
    assert len({row["sort"] for row in runs}) == 6
    ours = [row for row in runs if row["method"] == "rosette"]
    assert min(row["auroc"] for row in ours) > 0.9
    assert "| method |" in done.stderr


def test_the_cost_of_the_look_is_measured_in_processes_of_their_own() -> None:
    done = run("health.py", "--sizes", 60, 120, "--labels", 4, "--width", 16)
    result = json.loads(done.stdout)
    assert [row["items"] for row in result["runs"]] == [60, 120]
    assert result["growth_over_linear"] > 0
