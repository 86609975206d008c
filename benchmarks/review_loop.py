"""What a reviewer's actions are worth, in three orders: errors fixed, and accuracy, by action.

    python benchmarks/review_loop.py [--data FOLDER] [--seeds 0-4] [--out FILE] [--svg FILE]

Two sets with a known truth, whose labels the simulated reviewer puts right:

- ``cifar10n``: small images whose labels people gave in a hurry (42 % wrong), one item at a time
  wrong in its own way;
- ``photos``: labels into which half of another label's kind was merged, many items wrong at once.

A fifth of the items is held out with its true labels; no order ever sees it. Orders are made once,
from the labels as given:

- ``rosette``: the clusters that are in question, most suspicious first, each looked at in one
  action, then single items by suspicion (ties by typicality, least typical first);
- ``rosette, items only``: the same without clusters;
- ``cleanlab``: its label quality from cross-validated probabilities of a logistic regression, worst
  first; ``cleanlab, ridge`` from those of the classifier that accuracy is measured with;
- ``clusters, then cleanlab``: rosette's clusters, then cleanlab's items;
- ``random``.

On an item the reviewer gives the true label, and an item that was right costs an action too. A
cluster is relabelled where at least 80 % of it are of one kind that is not its label, else left for
its items to come one by one; what is wrong in a relabelled cluster stays wrong, and counts.

Prints JSON; progress and Markdown tables go to standard error. ``--svg`` draws the errors fixed.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from parts.curves import picture  # noqa: E402

from embeddings.arrays import unit_rows  # noqa: E402
from embeddings.comparison import fitted, spread_folds  # noqa: E402

STEPS = (0, 5, 10, 20, 50, 100, 200, 500, 1000, 1500, 2000)  # actions at which is measured
HELD_OUT = 5  # one in so many
ALIKE = 0.8  # share of a cluster from which it is relabelled as a whole
MERGED = 10  # labels of photos that half of another kind is merged into
SHARPNESS = 20.0  # of the softmax over the ridge classifier's scores

Action = NDArray[np.intp]  # the items looked at together


@dataclass(frozen=True)
class Task:
    """Items to review, ``given`` and ``truth`` (n,) as numbers of ``names``; a held-out part."""

    X: NDArray[np.float32]
    given: NDArray[np.intp]
    truth: NDArray[np.intp]
    names: NDArray[np.str_]
    held_out: NDArray[np.float32]
    held_out_truth: NDArray[np.intp]


def cifar(data: Path, seed: int) -> Task:
    """CIFAR-10N: ``worse`` labels as given, ``clean`` ones as the truth."""
    pack = np.load(data / "cifar10n_mobilenetv2.npz")
    with (data / "cifar10n" / "labels.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["file"]: row for row in csv.DictReader(handle)}
    said = [rows[str(file)] for file in pack["files"]]
    given, truth = (np.array([row[column] for row in said]) for column in ("worse", "clean"))
    return parted(pack["embeddings"], given, truth, seed)


def photos(data: Path, seed: int) -> Task:
    """Photos of 52 kinds; half of each of ten kinds is under the label of ten others."""
    pack = np.load(data / "photos_mobilenetv2.npz")
    rng = np.random.default_rng(seed)
    truth = pack["kinds"].astype(str)
    given = truth.astype("<U40")
    kinds = rng.permutation(np.unique(truth))
    for into, merged in zip(kinds[:MERGED], kinds[MERGED : 2 * MERGED], strict=True):
        own = rng.permutation(np.flatnonzero(truth == merged))
        given[own[: len(own) // 2]] = into
    return parted(pack["embeddings"], given, truth, seed)


def parted(X: Any, given: NDArray[np.str_], truth: NDArray[np.str_], seed: int) -> Task:
    """Hold a fifth out; equal embeddings stay together."""
    rows = unit_rows(X)
    names, both = np.unique(np.concatenate((given, truth)), return_inverse=True)
    given_at, truth_at = np.split(both.reshape(-1).astype(np.intp), 2)
    _, group = np.unique(rows, axis=0, return_inverse=True)
    out = spread_folds(group.reshape(-1).astype(np.intp), seed, HELD_OUT) == 0
    return Task(rows[~out], given_at[~out], truth_at[~out], names, rows[out], truth_at[out])


def rosette(task: Task, seed: int) -> dict[str, list[Action]]:
    """Clusters in question first, then items by suspicion; and items alone."""
    from embeddings.splits import find_splits

    labels = task.names[task.given]
    report = find_splits(task.X, labels, seed=seed)
    clusters = sorted(
        (f for finding in report.labels for f in finding.clusters if f.is_odd),
        key=lambda f: -f.suspicion,
    )
    whole = [np.flatnonzero((labels == f.label) & (report.cluster == f.cluster)) for f in clusters]
    suspicion = item_suspicion(task, report)
    single = [np.array([row]) for row in np.lexsort((report.typicality, -suspicion))]
    return {"rosette": [*whole, *single], "rosette, items only": single}


def item_suspicion(task: Task, report: Any) -> NDArray[np.float32]:
    """Return the suspicion of each item as ``rosette cluster`` writes it."""
    from embeddings.label_errors import find_label_errors

    return find_label_errors(task.X, task.given, splits=report).combined


def cleanlab_orders(task: Task, seed: int) -> dict[str, list[Action]]:
    """Worst label quality first, from probabilities of two linear classifiers."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression

    _, group = np.unique(task.X, axis=0, return_inverse=True)
    folds = spread_folds(group.reshape(-1).astype(np.intp), seed + 1000)
    kept, given = np.unique(task.given, return_inverse=True)
    probabilities = {name: np.zeros((len(given), len(kept))) for name in ("", ", ridge")}
    # standardised by one figure: rows of length 1 have entries of some 1/sqrt(d)
    scale = 1 / task.X.std()
    for fold in np.unique(folds):
        out = folds == fold
        model = LogisticRegression(C=0.001, max_iter=500)
        model.fit(task.X[~out] * scale, given[~out])
        probabilities[""][out] = model.predict_proba(task.X[out] * scale)
        weights, intercept = fitted(task.X[~out]).weights(given[~out], len(kept))
        scores = np.exp(SHARPNESS * (task.X[out] @ weights + intercept))
        probabilities[", ridge"][out] = scores / scores.sum(axis=1, keepdims=True)
    right = {name: float((p.argmax(axis=1) == given).mean()) for name, p in probabilities.items()}
    print(f"  agreement with the given labels {right}", file=sys.stderr)
    return {
        f"cleanlab{name}": [
            np.array([row]) for row in np.argsort(get_label_quality_scores(given, p), kind="stable")
        ]
        for name, p in probabilities.items()
    }


def review(task: Task, order: Sequence[Action], steps: Sequence[int]) -> list[dict[str, float]]:
    """Follow an order, and measure at each step."""
    model = fitted(task.X)
    labels = task.given.copy()
    decided = np.zeros(len(labels), dtype=bool)
    wrong_at_first = int((labels != task.truth).sum())
    rows: list[dict[str, float]] = []
    actions, at, clusters, relabelled = 0, 0, 0, 0

    def measure() -> None:
        said = model.predict(task.held_out, labels, len(task.names))
        wrong = int((labels != task.truth).sum())
        rows.append(
            {
                "actions": actions,
                "clusters": clusters,
                "clusters_relabelled": relabelled,
                "decided": int(decided.sum()),
                "fixed": wrong_at_first - wrong,
                "wrong": wrong,
                "accuracy": float((said == task.held_out_truth).mean()),
            }
        )

    for step in steps:
        while actions < step and at < len(order):
            items = order[at][~decided[order[at]]]
            at += 1
            if not len(items):
                continue
            actions += 1
            kinds, counts = np.unique(task.truth[items], return_counts=True)
            kind, alike = kinds[counts.argmax()], counts.max() / len(items)
            if len(items) > 1:
                clusters += 1
                if kind == task.given[items[0]] or alike < ALIKE:
                    continue  # its items come one by one
                relabelled += 1
            labels[items] = kind
            decided[items] = True
        if actions < step:
            break  # everything is decided
        measure()
    return rows


def measured(task: Task, seed: int, orders: Sequence[Callable[[Task, int], Any]]) -> dict[str, Any]:
    """Follow all orders on one task."""
    rng = np.random.default_rng(seed)
    made: dict[str, list[Action]] = {}
    seconds: dict[str, float] = {}
    for make in orders:
        begun = time.perf_counter()
        made |= make(task, seed)
        seconds[make.__name__] = round(time.perf_counter() - begun, 1)
    if "cleanlab" in made:
        whole = made["rosette"][: len(made["rosette"]) - len(task.given)]
        made["clusters, then cleanlab"] = [*whole, *made["cleanlab"]]
    made["random"] = [np.array([row]) for row in rng.permutation(len(task.given))]
    clean = fitted(task.X).predict(task.held_out, task.truth, len(task.names))
    return {
        "seed": seed,
        "items": len(task.given),
        "held_out": len(task.held_out),
        "wrong": int((task.given != task.truth).sum()),
        "clusters": len(made["rosette"]) - len(task.given),
        "accuracy_all_right": float((clean == task.held_out_truth).mean()),
        "seconds": seconds,
        "curves": {name: review(task, order, STEPS) for name, order in made.items()},
    }


def means(runs: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, float]]]:
    """Return the curves averaged over the runs, as far as all of them go."""
    out: dict[str, list[dict[str, float]]] = {}
    for name in runs[0]["curves"]:
        points = zip(*(run["curves"][name] for run in runs), strict=False)
        out[name] = [
            {key: round(float(np.mean([p[key] for p in point])), 4) for key in point[0]}
            for point in points
        ]
    return out


def tables(name: str, curves: dict[str, list[dict[str, float]]]) -> str:
    """Write the curves as Markdown: errors fixed, and accuracy in per cent, by action."""
    lines = []
    for title, key in (("errors fixed (net)", "fixed"), ("held-out accuracy, %", "accuracy")):
        lines += [f"\n{name}: {title}\n", "| actions | " + " | ".join(curves) + " |"]
        lines.append("| ---: |" + " ---: |" * len(curves))
        for place, step in enumerate(STEPS):
            cells = []
            for curve in curves.values():
                value = curve[place][key] if place < len(curve) else None
                shown = "" if value is None else f"{value:.0f}" if key == "fixed" else None
                cells.append(f"{100 * float(value or 0):.1f}" if shown is None else shown)
            lines.append(f"| {step} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def drawing(sets: dict[str, dict[str, list[dict[str, float]]]]) -> str:
    """Draw errors fixed by action, one panel per set."""
    panels = {
        f"{name}: errors fixed": {
            order: [(point["actions"], point["fixed"]) for point in curve]
            for order, curve in curves.items()
        }
        for name, curves in sets.items()
    }
    return picture(panels, (0, 10, 100, 500, 2000), "actions (logarithmic)")


def span(text: str) -> range:
    """Read "0-4" or "3"."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    p.add_argument("--seeds", type=span, default=range(5), help="for example 0-4")
    p.add_argument("--sets", nargs="+", default=["cifar10n", "photos"])
    p.add_argument("--out", type=Path)
    p.add_argument("--svg", type=Path)
    args = p.parse_args()
    files = ("cifar10n_mobilenetv2.npz", "cifar10n/labels.csv", "photos_mobilenetv2.npz")
    missing = [name for name in files if not (args.data / name).is_file()]
    if missing:
        print(f"Needs {', '.join(missing)} in {args.data}; nothing measured.")
        return
    orders: list[Callable[[Task, int], Any]] = [rosette]
    notes = []
    if importlib.util.find_spec("cleanlab") is None:
        notes.append("cleanlab is not installed: its order is left out.")
    else:
        orders.append(cleanlab_orders)
    result: dict[str, Any] = {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "item_suspicion": "find_label_errors",
    }
    for name in args.sets:
        runs = []
        for seed in args.seeds:
            task = {"cifar10n": cifar, "photos": photos}[name](args.data, seed)
            print(f"{name} {seed}", file=sys.stderr, flush=True)
            runs.append(measured(task, seed, orders))
        result[name] = {"mean": means(runs), "runs": runs}
        print(tables(name, result[name]["mean"]), file=sys.stderr, flush=True)
    text = json.dumps(result | {"notes": notes}, indent=1)
    print(text)
    if args.svg is not None:
        drawn = {name: result[name]["mean"] for name in args.sets}
        args.svg.write_text(drawing(drawn), encoding="utf-8")
    if args.out is not None:
        args.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore", FutureWarning)
    main()
