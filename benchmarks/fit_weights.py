"""Fit the models by which cuts, suggestions and merges are judged, and print what they are worth.

    python benchmarks/fit_weights.py SETS… [--arrays emb …] [--seeds 0-7] [--uneven 8-13]
                                     [--rows ROWS] [--write]

SETS are ``.npz`` files with ``labels`` (n,), the finest kinds known, and one or more arrays of
embeddings (n, d). Data sets are composed of each (``parts/training.py``), and of normal clouds;
every cut, suggestion and pair of labels that ``find_splits`` would weigh becomes a row with what
is true of it. ``--rows`` keeps the rows in a folder, so that a run can go on. Logistic models are
fitted on all rows; what they are worth is measured on sets that were left out, one after another.
``--write`` puts them where ``embeddings.splits`` reads them. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from parts.training import Made, clouds, compose  # noqa: E402

from embeddings.splits import fitting  # noqa: E402

RIGHT_AT = 0.8  # F1 of a cut with the rarer kind from which it is right
UNEVEN = "uneven-"  # in the name of a job whose set is one of small labels
STRENGTH = 1.0  # inverse of the penalty on the standardised weights


def rows_of(made: Made, name: str) -> dict[str, list[dict[str, Any]]]:
    """Return what is known of each cut, suggestion and pair of one data set, with the truth."""
    found = fitting.evidence_of(made.X, made.label)
    out: dict[str, list[dict[str, Any]]] = {"two kinds": [], "suggestion": [], "merge": []}
    for cut in found.cuts:
        truth = cut.label in made.hidden
        row = {"set": name, "label": cut.label, "x": cut.features, "hidden": truth, "f1": 0.0}
        if truth:
            row["f1"] = _f1(made, cut.items[cut.inside], cut.items[~cut.inside], cut.label)
        out["two kinds"].append(row)
    for offer in found.offers:
        one, purity = _mostly(made, offer.items)
        other, other_purity = _mostly(made, offer.target)
        right = one == other and min(purity, other_purity) > 0.5
        out["suggestion"].append({"set": name, "x": offer.features, "right": right})
    for pair in found.pairs:
        same = _mostly(made, pair.a)[0] == _mostly(made, pair.b)[0]
        out["merge"].append({"set": name, "x": pair.features, "right": same})
    return out


WEIGHTS_FILE = ROOT / "embeddings/splits/scoring/weights.json"


def _mostly(made: Made, items: NDArray[np.intp]) -> tuple[str, float]:
    kinds = Counter(made.kind[items[~made.slip[items]]].tolist()).most_common(1)
    return (kinds[0][0], kinds[0][1] / len(items)) if kinds else ("", 0.0)


def _f1(made: Made, part: NDArray[np.intp], rest: NDArray[np.intp], label: str) -> float:
    """Return the F1 of the better side with the rarer kind, slips left out."""
    own = np.flatnonzero((made.label == label) & ~made.slip)
    kinds = Counter(made.kind[own].tolist())
    rare = min(kinds, key=lambda k: kinds[k])
    total = kinds[rare]
    best = 0.0
    for side in (part, rest):
        side = side[~made.slip[side]]
        hit = int((made.kind[side] == rare).sum())
        best = max(best, 2 * hit / max(total + len(side), 1))
    return best


def gather(args: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    every: dict[str, list[dict[str, Any]]] = {"two kinds": [], "suggestion": [], "merge": []}
    for number, make in _jobs(args):
        kept = args.rows / f"{number}.pkl" if args.rows else None
        if kept and kept.is_file():
            rows = pickle.loads(kept.read_bytes())  # our own file
        else:
            started = time.perf_counter()
            made, name = make()
            rows = rows_of(made, name)
            print(f"{number}: {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(pickle.dumps(rows))
        for part, some in rows.items():
            every[part] += [{**row, "job": number} for row in some]
    return every


def _jobs(args: argparse.Namespace) -> list[tuple[str, Any]]:
    def composed(file: Path, array: str, seed: int, uneven: bool) -> tuple[Made, str]:
        pack = np.load(file)
        labels = pack["labels"].astype(str)
        known = ~np.isin(labels, args.without.get(file.stem, []))
        return compose(pack[array][known], labels[known], seed, uneven=uneven), file.stem

    jobs: list[tuple[str, Any]] = []
    for file in args.sets:
        for seed, uneven in [(s, False) for s in args.seeds] + [(s, True) for s in args.uneven]:
            for place, array in enumerate(args.arrays):
                if place and seed % 2:
                    continue  # half as many of the further embeddings
                key = f"{file.stem}-{array}-{UNEVEN if uneven else ''}{seed}"
                what = (file, array, 1000 * seed + 7, uneven)
                jobs.append((key, lambda what=what: composed(*what)))
    for seed in range(8 * len(args.seeds)):
        jobs.append((f"clouds-{seed}", lambda s=seed: (clouds(s), f"clouds {s % 5}")))
    return jobs


def fit(X: NDArray[np.float64], y: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic model with a penalty on standardised weights; return plain weights."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(X)
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit(scaler.transform(X), y)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def left_out(X: NDArray[np.float64], y: NDArray[np.bool_], sets: NDArray[Any]) -> NDArray[Any]:
    """Return the logit of each row from a model that did not see its set."""
    logit = np.zeros(len(X))
    for name in np.unique(sets):
        weights, intercept = fit(X[sets != name], y[sets != name])
        logit[sets == name] = X[sets == name] @ weights + intercept
    return logit


def measured(score: NDArray[Any], truth: NDArray[np.bool_]) -> dict[str, Any]:
    from sklearn.metrics import log_loss, roc_auc_score

    bins = []
    for low in np.arange(0, 1, 0.1):
        at = (score >= low) & (score < low + 0.1 + (low > 0.85))
        if at.any():
            bins.append([round(low, 1), int(at.sum()), round(float(score[at].mean()), 3),
                         round(float(truth[at].mean()), 3)])  # fmt: skip
    named = score >= 0.5
    return {
        "n": len(score), "true": int(truth.sum()),
        "auroc": round(float(roc_auc_score(truth, score)), 4),
        "log_loss": round(float(log_loss(truth, np.clip(score, 1e-4, 1 - 1e-4))), 4),
        "constant_log_loss": round(float(log_loss(truth, np.full(len(truth), truth.mean()))), 4),
        "precision": round(float(truth[named].mean()), 4) if named.any() else None,
        "recall": round(float(named[truth].mean()), 4),
        "bins": bins,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cuts:
    """The cuts of all sets: ``X`` (n, f), their ``sets`` and ``labels``, and what is true of them.

    ``jobs`` are the data sets composed of a set; ``right`` are cuts between the two kinds of a
    label, ``hidden`` those of labels that hold two.
    """

    X: NDArray[np.float64]
    sets: NDArray[np.str_]
    jobs: NDArray[np.str_]
    labels: NDArray[np.str_]
    hidden: NDArray[np.bool_]
    right: NDArray[np.bool_]


def two_kinds(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fit on cuts, then bring the best cut of a label to a probability."""
    X, sets, jobs = _columns(rows)
    hidden = np.array([r["hidden"] for r in rows])
    right = hidden & (np.array([r["f1"] for r in rows]) >= RIGHT_AT)
    cuts = Cuts(X, sets, np.array(jobs), np.array([r["label"] for r in rows]), hidden, right)
    steps, best = _of_labels(cuts)
    slopes, offset = fit(steps, hidden[best])
    weights, intercept = fit(X, right)
    score = 1 / (1 + np.exp(-left_out(steps, hidden[best], sets[best])))
    names = list(fitting.CUT_FEATURES)
    model = _model(names, weights, intercept) | {
        "slope": round(float(slopes[0]), 4), "against_usual": round(float(slopes[1]), 4),
        "offset": round(offset, 4),
    }  # fmt: skip
    real = ~np.char.startswith(sets[best], "clouds")
    figures = {
        "sets left out": measured(score[real], hidden[best][real]),
        "clouds": measured(score[~real], hidden[best][~real]),
        "without": _without(cuts),
        "by set": {
            str(s): measured(score[sets[best] == s], hidden[best][sets[best] == s])
            for s in np.unique(sets[best])
            if 0 < hidden[best][sets[best] == s].sum() < (sets[best] == s).sum()
        },
    }
    return model, figures


def _of_labels(cuts: Cuts) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return each label's best cut: its logit beside the usual one of its data set, and its row.

    Each logit comes from a model that did not see the set.
    """
    logit = left_out(cuts.X, cuts.right, cuts.sets)
    keys = np.char.add(np.char.add(cuts.jobs, "/"), cuts.labels)
    order = np.argsort(-logit, kind="stable")
    best = order[np.unique(keys[order], return_index=True)[1]]
    usual = np.zeros(len(best))
    for job in np.unique(cuts.jobs[best]):
        here = cuts.jobs[best] == job
        usual[here] = np.median(logit[best][here])
    return np.stack((logit[best], usual), axis=1), best


def _without(cuts: Cuts) -> dict[str, Any]:
    """Measure what each group of features is worth: the figures of models fitted without it."""
    told = {}
    for group, features in {**fitting.FEATURE_GROUPS, "usual of the data set": ()}.items():
        kept = [n for n, name in enumerate(fitting.CUT_FEATURES) if name not in features]
        steps, best = _of_labels(replace(cuts, X=cuts.X[:, kept]))
        if not features:
            steps = steps[:, :1]
        truth, sets = cuts.hidden[best], cuts.sets[best]
        score = 1 / (1 + np.exp(-left_out(steps, truth, sets)))
        real = ~np.char.startswith(sets, "clouds")
        figures = measured(score[real], truth[real])
        told[group] = {name: figures[name] for name in ("auroc", "log_loss", "precision", "recall")}
    return told


def plain(rows: list[dict[str, Any]], names: tuple[str, ...]) -> tuple[dict[str, Any], Any]:
    X, sets, _ = _columns(rows)
    right = np.array([r["right"] for r in rows])
    logit = left_out(X, right, sets)
    slope, offset = fit(logit[:, None], right)
    weights, intercept = fit(X, right)
    model = _model(list(names), weights, intercept)
    model |= {"slope": round(float(slope[0]), 4), "offset": round(offset, 4)}
    return model, measured(1 / (1 + np.exp(-(slope[0] * logit + offset))), right)


def _columns(rows: list[dict[str, Any]]) -> tuple[NDArray[np.float64], NDArray[Any], list[str]]:
    return (
        np.stack([r["x"] for r in rows]),
        np.array([r["set"] for r in rows]),
        [r["job"] for r in rows],
    )


def _model(names: list[str], weights: NDArray[np.float64], intercept: float) -> dict[str, Any]:
    told = {n: round(float(w), 5) for n, w in zip(names, weights, strict=True)}
    return {"weights": told, "intercept": round(intercept, 5)}


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("sets", nargs="+", type=Path)
    p.add_argument("--arrays", nargs="+", default=["emb"])
    p.add_argument("--seeds", type=_seeds, default=_seeds("0-7"))
    p.add_argument("--uneven", type=_seeds, default=_seeds("8-13"), help="of small labels")
    p.add_argument("--rows", type=Path)
    p.add_argument("--without", type=json.loads, default={}, help="JSON: set → labels left out")
    p.add_argument("--write", action="store_true")
    args = p.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warnings.simplefilter("ignore")
    rows = gather(args)
    models, figures = {}, {}
    models["two kinds"], figures["two kinds"] = two_kinds(rows["two kinds"])
    for part, names in (
        ("suggestion", fitting.SUGGESTION_FEATURES),
        ("merge", fitting.MERGE_FEATURES),
    ):
        # small labels say little of what another label mainly is: they would make all unsure
        models[part], figures[part] = plain(
            [r for r in rows[part] if UNEVEN not in r["job"]], names
        )
    if args.write:
        told = {"made by": "benchmarks/fit_weights.py", "models": models}
        (ROOT / "embeddings/splits/scoring/weights.json").write_text(
            json.dumps(told, indent=1) + "\n"
        )
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
