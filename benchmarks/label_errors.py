"""How well single wrong labels are found, beside cleanlab on the same probabilities.

    python benchmarks/label_errors.py [--seeds 0-9] [--out label_errors.json]

Three sorts of wrong labels, each with the truth:

* CIFAR-10N: labels that people gave (columns ``aggre``, ``worse``, ``random1``);
* subclusters: of a kind that has a label of its own, 50, 25, 10 or 5 % of another label, all in
  one heap, for twelve pairs of photo kinds (three of CIFAR-10);
* random: every tenth photo has any label.

Everybody sees the same held-out probabilities, those of the product's own linear classifier scaled
to the likelihood of the given labels; cleanlab's default on logistic regression stands beside.
Prints JSON; tables go to standard error. ``--data`` is a folder with the packs; without it there is
one line that says so.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SHARES = (0.5, 0.25, 0.10, 0.05)
PAIRS = 12
PRODUCT, SPLITS, ALL = "rosette", "rosette, with splits", "rosette, splits added up"


@dataclass(frozen=True)
class Noisy:
    """A data set with the truth: ``X`` (n, d), ``labels`` and ``truth`` (n,)."""

    sort: str
    seed: int
    X: NDArray[np.float32]
    labels: NDArray[np.str_]
    truth: NDArray[np.str_]


def people(data: Path) -> Iterator[Noisy]:
    """Yield CIFAR-10N with the labels that people gave."""
    pack = np.load(data / "cifar10n_mobilenetv2.npz")
    with (data / "cifar10n" / "labels.csv").open(newline="") as handle:
        rows = {row["file"]: row for row in csv.DictReader(handle)}
    ordered = [rows[str(file)] for file in pack["files"]]
    X = pack["embeddings"].astype(np.float32)
    truth = np.array([row["clean"] for row in ordered])
    for column in ("aggre", "worse", "random1"):
        labels = np.array([row[column] for row in ordered])
        yield Noisy(f"CIFAR-10N {column}", 0, X, labels, truth)


def subclusters(data: Path, source: str, seed: int) -> Noisy:
    """Move some of a kind together under the label of another, and leave the rest its own."""
    pack = np.load(data / f"{source}_mobilenetv2.npz")
    kinds = pack["kinds"].astype(str)
    rng = np.random.default_rng(seed)
    names = rng.permutation(np.unique(kinds))
    labels = kinds.copy()
    for number in range(min(PAIRS, len(names) // 3)):
        one, other = names[2 * number : 2 * number + 2]
        share = SHARES[number % len(SHARES)]
        theirs = rng.permutation(np.flatnonzero(kinds == other))
        wanted = round(float((kinds == one).sum()) * share / (1 - share))
        labels[theirs[: min(max(3, wanted), len(theirs) // 2)]] = one
    sort = "subclusters, photos" if source == "photos" else "subclusters, CIFAR-10"
    return Noisy(sort, seed, pack["embeddings"].astype(np.float32), labels, kinds)


def at_random(data: Path, seed: int, rate: float = 0.1) -> Noisy:
    """Give every tenth photo any label."""
    pack = np.load(data / "photos_mobilenetv2.npz")
    truth = pack["kinds"].astype(str)
    rng = np.random.default_rng(seed)
    labels = truth.copy()
    chosen = rng.random(len(truth)) < rate
    labels[chosen] = rng.choice(np.unique(truth), chosen.sum())
    return Noisy("random, photos", seed, pack["embeddings"].astype(np.float32), labels, truth)


def probabilities(data: Noisy) -> NDArray[np.float64]:
    """Return held-out probabilities (n, labels), columns by name."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax, softmax

    from embeddings.cross_check import HeldOut, deal_folds, given_as_soft

    names, given = np.unique(data.labels, return_inverse=True)
    folds = deal_folds(given, np.arange(len(given)), 0)
    held = HeldOut(data.X, folds, len(names))
    found = held.scores(given_as_soft(given), given, candidates=len(names))
    scores = np.empty(found.value.shape)
    np.put_along_axis(scores, found.label.astype(np.intp), found.value, axis=1)
    rows = np.arange(len(given))

    def loss(log_scale: float) -> float:
        return -float(log_softmax(np.exp(log_scale) * scores, axis=1)[rows, given].mean())

    best = minimize_scalar(loss, bounds=(-4, 3), method="bounded")
    result: NDArray[np.float64] = softmax(np.exp(best.x) * scores, axis=1)
    return result


def regression(data: Noisy) -> NDArray[np.float64]:
    """Return held-out probabilities of scikit-learn's logistic regression."""
    import warnings

    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=300))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cross_val_predict(model, data.X, data.labels, cv=5, method="predict_proba")
    return np.asarray(found)


def suspicions(data: Noisy) -> Iterator[tuple[str, NDArray[np.floating[Any]], float]]:
    """Yield method, suspicion (n,) and seconds."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    from embeddings.label_errors import find_label_errors
    from embeddings.splits import find_splits

    _, given = np.unique(data.labels, return_inverse=True)
    rows = np.arange(len(given))
    same = probabilities(data)
    yield "self-confidence", 1 - same[rows, given], 0.0
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        for adjusted in (False, True):
            if method == "confidence_weighted_entropy" and adjusted:
                continue  # cleanlab does not offer it
            scores = get_label_quality_scores(
                given, same, method=method, adjust_pred_probs=adjusted
            )
            name = f"cleanlab {method.replace('_', ' ')}{', adjusted' if adjusted else ''}"
            yield name, 1 - scores, 0.0
    issues = find_label_issues(given, same, n_jobs=1)
    yield "cleanlab issues, then self-confidence", issues + (1 - same[rows, given]), 0.0
    other = regression(data)
    yield "cleanlab on logistic regression", 1 - get_label_quality_scores(given, other), 0.0
    started = time.perf_counter()
    alone = find_label_errors(data.X, data.labels)
    yield PRODUCT, alone.suspicion, time.perf_counter() - started
    splits = find_splits(data.X, data.labels)
    told = find_label_errors(data.X, data.labels, splits=splits)
    yield SPLITS, told.suspicion, 0.0
    yield ALL, told.combined, 0.0


def measure(data: Noisy) -> list[dict[str, Any]]:
    """Return a row for each method."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    wrong = data.labels != data.truth
    out = []
    for method, suspicion, seconds in suspicions(data):
        row = {
            "sort": data.sort,
            "seed": data.seed,
            "method": method,
            "auroc": float(roc_auc_score(wrong, suspicion)),
            "average_precision": float(average_precision_score(wrong, suspicion)),
            "seconds": seconds,
        }
        if method == PRODUCT:
            row["bins"] = bins(suspicion, wrong)
            said = suspicion >= 0.5
            row["precision"] = float(wrong[said].mean())
            row["recall"] = float(said[wrong].mean())
        out.append(row)
    return out


def bins(
    suspicion: NDArray[np.floating[Any]], wrong: NDArray[np.bool_]
) -> list[tuple[int, float, int]]:
    """Return items, sum of suspicion and wrong labels in each tenth of the suspicion."""
    tenth = np.minimum((suspicion * 10).astype(int), 9)
    return [
        (
            int((tenth == t).sum()),
            float(suspicion[tenth == t].sum()),
            int(wrong[tenth == t].sum()),
        )
        for t in range(10)
    ]


def tables(rows: list[dict[str, Any]]) -> str:
    """Return Markdown: AUROC / average precision by method and sort, and reliability."""
    sorts = list(dict.fromkeys(row["sort"] for row in rows))
    cells: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        cells[row["method"], row["sort"]].append((row["auroc"], row["average_precision"]))
    lines = [f"| method | {' | '.join(sorts)} |", "| --- |" + " --- |" * len(sorts)]
    for method in dict.fromkeys(row["method"] for row in rows):
        means = [np.mean(cells[method, sort], axis=0) for sort in sorts]
        lines.append(f"| {method} | " + " | ".join(f"{a:.3f} / {p:.3f}" for a, p in means) + " |")
    for sort in sorts:
        own = [row for row in rows if row["sort"] == sort and "bins" in row]
        total = np.sum([row["bins"] for row in own], axis=0)
        lines += ["", f"{sort}: precision {np.mean([r['precision'] for r in own]):.2f}, recall "
                  f"{np.mean([r['recall'] for r in own]):.2f} at 0.5", "",
                  "| suspicion | items | mean | wrong |", "| --- | --- | --- | --- |"]  # fmt: skip
        lines += [
            f"| {t / 10:.1f} to {(t + 1) / 10:.1f} | {int(n)} | {s / n:.2f} | {w / n:.2f} |"
            for t, (n, s, w) in enumerate(total)
            if n
        ]
    return "\n".join(lines)


def span(text: str) -> range:
    """Read "0-9" or "3"."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    p.add_argument("--seeds", type=span, default=range(3), help="for example 0-9")
    p.add_argument("--out", type=Path, help="write the JSON to this file too")
    args = p.parse_args()
    if not (args.data / "cifar10n_mobilenetv2.npz").is_file():
        print(f"label_errors: skipped, {args.data} holds no embeddings with known labels (--data).")
        return
    try:
        import cleanlab  # noqa: F401
    except ImportError:
        print("label_errors: skipped, cleanlab is not installed (extra `bench`).")
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sets = [*people(args.data)]
    sets += [subclusters(args.data, "photos", seed) for seed in args.seeds]
    sets += [subclusters(args.data, "cifar10n", seed) for seed in args.seeds[:5]]
    sets += [at_random(args.data, seed) for seed in args.seeds[:5]]
    rows: list[dict[str, Any]] = []
    for data in sets:
        rows += measure(data)
        print(f"{data.sort} {data.seed}", file=sys.stderr, flush=True)
    result = {"benchmark": "label_errors", "runs": rows}
    print(tables(rows), file=sys.stderr)
    text = json.dumps(result, indent=1)
    if args.out:
        args.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
