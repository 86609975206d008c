"""Measure the split finder on composed data sets, beside the usual recipes and its own parts.

    python benchmarks/splits.py --bench ../shared/bench --source photos --seeds 10 --json out.json
    python benchmarks/splits.py --bench ../shared/bench --composed DIR …

A composed set is a folder with ``truth.csv`` and ``embeddings.npz``, as ``compose.py`` in the bench
folder makes them; without ``--composed`` they are made here, from seeds 0 to n-1. ``score.py`` of
the same folder does the scoring. Means over the sets are printed and, with ``--json``, written
with the figures of every set and a table of how reliable the scores are.

Ablations leave out, or use alone, one signal: only their ranking (AUROC) says something, since
the weights were found for all signals together.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from embeddings.judging import WEIGHTS, Weights
from embeddings.records import SplitReport
from embeddings.splits import find_splits

NO_WEIGHTS = Weights(0, 0, 0, 0, 0, 0, 0)
ABLATIONS = {
    "affinity alone": replace(NO_WEIGHTS, affinity=WEIGHTS.affinity),
    "gap alone": replace(WEIGHTS, affinity=0.0),
    "no valley": replace(WEIGHTS, valley=0.0, valley_rest=0.0),
    "no coherence": replace(WEIGHTS, coherence=0.0, coherence_rest=0.0),
    "no smallness": replace(WEIGHTS, smallness=0.0),
}
BASELINES = ("naive", "george", "pca")
FIGURES = (
    "auroc",
    "verdict_precision",
    "verdict_recall",
    "ari_hidden",
    "minority_f1",
    "minority_f1_0_7pct",
    "pure_whole",
    "seconds",
)


def module_at(path: Path) -> ModuleType:
    """Load a script of the bench folder as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} can't be loaded. Give the folder of compose.py by --bench.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def composed_sets(args: argparse.Namespace) -> Iterator[Path]:
    """Yield folders of composed sets, those given or those made for the purpose."""
    if args.composed:
        yield from args.composed
        return
    for seed in range(args.seeds):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(args.bench / "compose.py"), folder, "--seed", str(seed)]
            command += ["--source", args.source, "--embeddings-only"]
            subprocess.run(command, check=True, capture_output=True)
            yield Path(folder)


def rows_of(report: SplitReport, files: Any, labels: Any) -> tuple[list[Any], list[Any]]:
    """Return the rows of items.csv and classes.csv that ``score.py`` reads."""
    items = [
        {"file": str(file), "cluster": int(c)}
        for file, c in zip(files, report.cluster, strict=True)
    ]
    classes = [
        {"label": f.label, "split_score": f.split_score, "is_split": f.is_split}
        for f in report.labels
    ]
    return items, classes


def product(folder: Path, weights: Weights, clustered: bool) -> tuple[list[Any], list[Any]]:
    """Run the product on one set."""
    pack = np.load(folder / "embeddings.npz")
    X, labels = pack["embeddings"], pack["labels"]
    given = None
    if clustered:
        from embeddings.clustering import candidates

        given = {str(name): candidates(X[labels == name], seed=0) for name in np.unique(labels)}
    report = find_splits(X, labels, candidates=given, weights=weights)
    return rows_of(report, pack["files"], labels)


def baseline(bench: Path, method: str) -> Callable[[Path], tuple[list[Any], list[Any]]]:
    """Return a run of one of the recipes that people use today."""

    def run(folder: Path) -> tuple[list[Any], list[Any]]:
        score = module_at(bench / "score.py")
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, str(bench / "baselines.py"), str(folder), method, out]
            subprocess.run(command, check=True, capture_output=True)
            return score.read(Path(out) / "items.csv"), score.read(Path(out) / "classes.csv")

    return run


def reliability(scores: list[float], truths: list[bool]) -> list[dict[str, float]]:
    """Say, for each tenth of the scores, how many labels have it and how many are truly split."""
    values, hidden = np.array(scores), np.array(truths)
    table = []
    for low in np.arange(0, 1, 0.1):
        inside = (values >= low) & (values < low + 0.1 + (low > 0.85))
        share = float(hidden[inside].mean()) if inside.any() else float("nan")
        table.append({"from": round(float(low), 1), "labels": int(inside.sum()), "split": share})
    return table


def main() -> None:
    """Measure, print the table, write the JSON."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    p.add_argument("--composed", type=Path, nargs="*", help="folders of composed sets")
    p.add_argument("--source", default="photos", choices=["photos", "cifar10n"])
    p.add_argument("--seeds", type=int, default=10)
    p.add_argument("--no-baselines", action="store_true")
    p.add_argument("--no-ablations", action="store_true")
    p.add_argument("--json", type=Path)
    args = p.parse_args()

    score = module_at(args.bench / "score.py")
    methods: dict[str, Callable[[Path], tuple[list[Any], list[Any]]]] = {
        "product": lambda folder: product(folder, WEIGHTS, False),
        "product + UMAP/HDBSCAN": lambda folder: product(folder, WEIGHTS, True),
    }
    if not args.no_ablations:
        for name, weights in ABLATIONS.items():
            methods[name] = lambda folder, weights=weights: product(folder, weights, False)  # type: ignore[misc]
    if not args.no_baselines:
        methods |= {name: baseline(args.bench, name) for name in BASELINES}

    figures: dict[str, list[dict[str, float]]] = {name: [] for name in methods}
    scores: list[float] = []
    truths: list[bool] = []
    for folder in composed_sets(args):
        truth = score.read(folder / "truth.csv")
        types = {row["label"]: row["type"] for row in truth}
        for name, run in methods.items():
            start = time.perf_counter()
            items, classes = run(folder)
            seconds = time.perf_counter() - start
            figures[name].append({**score.score(truth, items, classes), "seconds": seconds})
            if name == "product":
                scores += [row["split_score"] for row in classes]
                truths += [types[row["label"]].startswith("hidden") for row in classes]
    means = {
        name: {
            key: float(np.mean([r[key] for r in runs if key in r]))
            for key in FIGURES
            if any(key in r for r in runs)
        }
        for name, runs in figures.items()
    }
    heads = [key.replace("verdict_", "").replace("minority_", "")[:10] for key in FIGURES]
    print(f"{'':24}" + "".join(f"{h:>12}" for h in heads))
    for name, row in means.items():
        cells = [f"{row[key]:.3f}" if key in row else "-" for key in FIGURES]
        print(f"{name:24}" + "".join(f"{c:>12}" for c in cells))
    table = reliability(scores, truths)
    for row in table:
        print(f"score from {row['from']:.1f}: {row['labels']:4} labels, {row['split']:.2f} split")
    if args.json:
        out = {"source": args.source, "means": means, "sets": figures, "reliability": table}
        args.json.write_text(json.dumps(out, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
