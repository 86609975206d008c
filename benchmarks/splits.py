"""How well splits are found in composed data sets, beside the usual recipes and single signals.

    python benchmarks/splits.py [--source photos] [--seeds 0-9] [--slow] [--out splits.json]

A composed set merges pairs of kinds under one label and keeps the truth. ``--bench`` is a folder
with three programs: ``compose.py`` makes the sets, ``score.py`` scores what was said of them, and
``baselines.py`` holds the recipes. A machine without them gets one line that says so.

Measured on every set: the product on embeddings alone, single signals (only their ranking and
their best cut, since the weights were found for all signals together), and the label suggested
where half of the second kinds also have a label of their own. ``--source varied`` makes sets of
photos whose labels differ in size and share more than ``compose.py`` lets them. ``--slow`` adds
what needs UMAP, a minute a set: the product with candidates, as ``rosette run`` has them, and two
more recipes.

Prints JSON; progress and Markdown tables go to standard error. With ``--out`` every run is written
when it is done, runs that are there and still fresh are not repeated, and the tables speak of all
that the file holds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from parts.sets import VARIED, Composed, composed, module, with_own_labels  # noqa: E402
from parts.tables import (  # noqa: E402
    CLUSTERED,
    PRODUCT,
    RECIPES,
    SUGGESTED,
    reliability,
    summary,
    tables,
)

# figures of a cut that are kept; the others weigh nothing
SIGNALS = {
    "affinity alone": ("affinity",),
    "valleys alone": ("valley", "valley_rest"),
    "coherence alone": ("coherence", "coherence_rest"),
    "gap alone (valleys, coherence)": ("valley", "valley_rest", "coherence", "coherence_rest"),
    "all but affinity": ("valley", "valley_rest", "coherence", "coherence_rest", "smallness"),
    "all but coherence": ("affinity", "valley", "valley_rest", "smallness"),
    "all signals": (
        "affinity", "valley", "valley_rest", "coherence", "coherence_rest", "smallness",
    ),
}  # fmt: skip
FOUND_AT = 0.5  # F1 from which a cluster counts as the second kind

Outcome = tuple[list[dict[str, Any]], list[dict[str, Any]]]  # rows of items.csv and classes.csv


def product(data: Composed, *, clustered: bool) -> Outcome:
    """Say what the product says, with or without candidates from UMAP and HDBSCAN."""
    from embeddings.splits import candidate_cuts, find_splits

    given = None
    if clustered:
        names = np.unique(data.labels)
        given = {str(name): candidate_cuts(data.X[data.labels == name], seed=0) for name in names}
    report = find_splits(data.X, data.labels, candidates=given)
    items = [{"file": f"a/{n}", "cluster": int(c)} for n, c in enumerate(report.cluster)]
    classes = [
        {"label": f.label, "split_score": f.split_score, "is_split": f.is_split}
        for f in report.labels
    ]
    return items, classes


def recipe(cluster: Callable[[Any], tuple[Any, float]], data: Composed) -> Outcome:
    """Say what a recipe says that looks at one label at a time, on rows of length 1."""
    X = data.X / np.linalg.norm(data.X, axis=1, keepdims=True)
    items, classes = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in np.unique(data.labels):
            own = np.flatnonzero(data.labels == name)
            found, value = cluster(X[own])
            items += [
                {"file": f"a/{n}", "cluster": int(c)} for n, c in zip(own, found, strict=True)
            ]
            split = len({int(c) for c in found} - {-1}) > 1
            classes.append({"label": str(name), "split_score": value, "is_split": split})
    return items, classes


def signal(kept: Iterable[str], data: Composed) -> dict[str, float]:
    """Rank labels by some of the figures only; how well, and how good the best cut is."""
    from sklearn.metrics import roc_auc_score

    from embeddings.arrays import shared_space
    from embeddings.splits import STRENGTH_WEIGHTS, StrengthWeights, strongest_cuts

    nothing = StrengthWeights(**dict.fromkeys(StrengthWeights.__dataclass_fields__, 0.0))
    weights = replace(nothing, **{name: getattr(STRENGTH_WEIGHTS, name) for name in kept})
    names, group = np.unique(data.labels, return_inverse=True)
    space = shared_space(data.X, group, np.ones(len(group), dtype=bool))
    hidden, strengths, found = [], [], []
    for number in range(len(names)):
        own = group == number
        cuts = strongest_cuts(space[own], weights=weights)
        hidden.append(data.types[own][0] == "hidden")
        strengths.append(float(cuts.strength[0]) if cuts else -np.inf)
        if hidden[-1]:
            second = data.kinds[own] == rarest(data.kinds[own])
            sides = (cuts.inside[0], ~cuts.inside[0]) if cuts else ()
            found.append(max((f1(second, side) for side in sides), default=0.0))
    return {"auroc": float(roc_auc_score(hidden, strengths)), "minority_f1": float(np.mean(found))}


def rarest(kinds: NDArray[np.str_]) -> str:
    """Return the kind with the fewest items."""
    names, counts = np.unique(kinds, return_counts=True)
    return str(names[counts.argmin()])


def f1(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Return the F1 of a cluster as a kind."""
    return 2 * float((truth & found).sum()) / float(truth.sum() + found.sum())


def suggestions(data: Composed, own: dict[str, str]) -> dict[str, float]:
    """Count suggested labels: right ones where there is one, and those made where there is none.

    Returns
    -------
    ``found``: clusters that hold a kind with a label of its own; ``right`` of them have it
    suggested. ``strange``: suspicious clusters of kinds that no other label shows; ``misled`` of
    them have a label suggested.
    """
    from embeddings.splits import find_splits

    report = find_splits(data.X, data.labels)
    counts = dict.fromkeys(("found", "right", "strange", "misled"), 0.0)
    for finding in report.labels:
        here = data.labels == finding.label
        for cluster in finding.clusters:
            inside = report.cluster[here] == cluster.cluster
            names, sizes = np.unique(data.kinds[here][inside], return_counts=True)
            kind = str(names[sizes.argmax()])
            if kind in own and own[kind] != finding.label:
                if f1(data.kinds[here] == kind, inside) >= FOUND_AT and finding.n_clusters > 1:
                    counts["found"] += 1
                    counts["right"] += cluster.suggested_label == own[kind]
            elif cluster.is_odd and kind not in own:
                counts["strange"] += 1
                counts["misled"] += cluster.suggested_label is not None
    return counts


class Runs:
    """Runs that are done, kept in a file so that a benchmark that was stopped goes on."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.rows: list[dict[str, Any]] = []
        if file is not None and file.is_file():
            self.rows = json.loads(file.read_text(encoding="utf-8"))["runs"]

    def has(self, **key: Any) -> bool:
        """Say whether a run is there that was made by the code as it is."""
        return any(all(row[k] == v for k, v in key.items()) for row in self.rows)

    def add(self, row: dict[str, Any]) -> None:
        """Keep a run in place of an older one of the same name."""
        name = ("source", "seed", "method")
        self.rows = [r for r in self.rows if any(r[k] != row[k] for k in name)] + [row]
        if self.file is not None:
            partial = self.file.with_suffix(".partial")
            partial.write_text(json.dumps({"runs": self.rows}, indent=1), encoding="utf-8")
            partial.replace(self.file)


def fingerprint(files: Iterable[Path]) -> str:
    """Return a hash of the code behind a run."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def measure(args: argparse.Namespace, runs: Runs) -> None:
    """Do the runs that are not there."""
    compose, score = module(args.bench / "compose.py"), module(args.bench / "score.py")
    recipes = module(args.bench / "baselines.py")
    packages = ("arrays", "neighbors", "projection", "cross_check", "splits")
    files = [f for name in packages for f in sorted((ROOT / "embeddings" / name).rglob("*.py"))]
    ours = fingerprint(files)
    theirs = fingerprint([args.bench / "baselines.py"])

    def scored(data: Composed, outcome: Outcome) -> dict[str, Any]:
        types = dict(zip(data.labels.tolist(), data.types.tolist(), strict=True))
        scores = [(row["split_score"], types[row["label"]] == "hidden") for row in outcome[1]]
        return {"figures": score.score(data.truth(), *outcome), "scores": scores}

    todo: dict[str, tuple[str, Callable[[Composed], dict[str, Any]]]] = {
        PRODUCT: (ours, lambda data: scored(data, product(data, clustered=False))),
    }
    if args.slow:
        todo[CLUSTERED] = (ours, lambda data: scored(data, product(data, clustered=True)))
    for name, kept in SIGNALS.items():
        todo[name] = (ours, lambda data, kept=kept: {"figures": signal(kept, data)})
    for name in RECIPES if args.slow else ("pca",):
        run = getattr(recipes, name)
        todo[name] = (theirs, lambda data, run=run: scored(data, recipe(run, data)))
    for seed in args.seeds:
        plain = composed(compose, args.source, seed)
        if args.source != VARIED:
            todo[SUGGESTED] = (
                ours,
                lambda _, seed=seed: {
                    "figures": suggestions(*with_own_labels(compose, args.source, seed))
                },
            )
        for name, (code, do) in todo.items():
            key = {"source": args.source, "seed": seed, "method": name, "code": code}
            if runs.has(**key):
                continue
            started = time.perf_counter()
            row = key | do(plain)
            row["figures"]["seconds"] = time.perf_counter() - started
            runs.add(row)
            print(f"{args.source} {seed}: {name}", file=sys.stderr, flush=True)


def span(text: str) -> range:
    """Read "0-9" or "3"."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    p.add_argument("--source", default="photos", choices=["photos", "cifar10n", VARIED])
    p.add_argument("--seeds", type=span, default=range(10), help="for example 0-9")
    p.add_argument("--slow", action="store_true", help="also what needs UMAP, a minute a set")
    p.add_argument("--out", type=Path, help="keep runs in this file, and go on from it")
    args = p.parse_args()
    if not (args.bench / "compose.py").is_file():
        print(f"splits: skipped, {args.bench} holds no compose.py to make data sets (--bench).")
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    runs = Runs(args.out)
    measure(args, runs)
    result = {
        "benchmark": "splits",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "sources": summary(runs.rows),
        "reliability": reliability([row for row in runs.rows if row["method"] == PRODUCT]),
    }
    print(tables(result), file=sys.stderr)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
