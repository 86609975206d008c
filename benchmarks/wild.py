"""How findings hold on data as people have it: slips, planted second kinds, noise, real sets.

    python benchmarks/wild.py [SETS.npz ...] [--array embeddings] [--seeds 0-4] [--bench FOLDER]
                              [--steps]

``--bench`` is a folder with ``compose.py`` and ``score.py`` (see ``splits.py``): composed photos
with 0, 2, 4 and 8 % of single slips. ``SETS`` are files of real embeddings: ``labels`` (n,), an
array of embeddings (n, d), and where they are known the finer ``kinds`` (n,) of each label. In each
of them pairs of labels are merged at 50, 20 and 8 %, with the second kind's own label there and
not. Noise and normal clouds need no file. ``--steps`` scores the slips with single steps of the
method left out, each by itself; what each group of features is worth, prints ``fit_weights.py``.

Prints JSON; progress goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from parts.sets import module  # noqa: E402
from splits import f1, span  # noqa: E402

LEVELS = (0.0, 0.02, 0.04, 0.08)
SHARES = (0.5, 0.2, 0.08)
FEWEST_OF_A_HOST = 40  # items of a label that a second kind is planted in
FEWEST_PLANTED = 4
FOLLOWS_AT, STYLE_BELOW = 0.5, 0.2  # adjusted Rand index of clusters and finer kinds
ITEMS_A_LABEL = 60  # of noise and clouds


def slips(bench: Path, seeds: range) -> dict[str, Any]:
    """Score composed photos with single slips, by the bench's own program."""
    from embeddings.label_errors import find_label_errors
    from embeddings.splits import find_splits

    compose, score = module(bench / "compose.py"), module(bench / "score.py")
    told: dict[str, Any] = {}
    for level in LEVELS:
        found: dict[str, list[float]] = defaultdict(list)
        for seed in seeds:
            rows, pack = compose.compose("photos", seed)
            if level:
                rows = compose.slipped(rows, pack, level, seed)
            X = pack["embeddings"][[row[0] for row in rows]].astype(np.float32)
            labels = np.array([row[1] for row in rows])
            report = find_splits(X, labels)
            errors = find_label_errors(X, labels, splits=report)
            for name, value in score.score(*_tables(rows, report, errors)).items():
                if isinstance(value, int | float):
                    found[name].append(float(value))
            print(f"slips {level}, seed {seed}", file=sys.stderr, flush=True)
        told[str(level)] = {name: round(float(np.mean(v)), 4) for name, v in found.items()}
    return told


def steps(bench: Path, seeds: range) -> dict[str, Any]:
    """Score composed photos with single steps of the method left out."""
    from embeddings.splits import surroundings
    from embeddings.splits.evidence import strays

    def nothing(*args: Any) -> NDArray[np.bool_]:
        return np.zeros(len(args[1]), dtype=bool)  # the second is the label of each item

    left_out = {
        "strays are set aside": (surroundings, "find_strays"),
        "alike strays are a kind": (strays, "_in_groups"),
        "many strays of a label are a kind": (strays, "_in_crowds"),
    }
    told = {}
    for step, (room, name) in left_out.items():
        with patch.object(room, name, nothing):
            told[step] = slips(bench, seeds)
    return told


def _tables(rows: Any, report: Any, errors: Any) -> tuple[list[dict[str, Any]], ...]:
    truth = []
    for n, row in enumerate(rows):
        one = {"file": f"{row[1]}/{n}.jpg", "label": row[1], "kind": row[2], "type": row[3]}
        if len(row) > 4:
            one |= {"slip": row[4], "true_label": row[5]}
        truth.append(one)
    items = [
        {
            "file": one["file"], "cluster": int(report.cluster[n]),
            "suspicion": float(errors.suspicion[n]),
            "suggested_label": errors.suggested[n] or "",
        }
        for n, one in enumerate(truth)
    ]  # fmt: skip
    classes = [
        {"label": f.label, "split_score": f.split_score, "is_split": f.is_split}
        for f in report.labels
    ]
    clusters = [
        {"label": f.label, "cluster": part.cluster, "suggested_label": part.suggested_label or ""}
        for f in report.labels
        for part in f.clusters
    ]
    return truth, items, classes, clusters


def planted(X: NDArray[Any], labels: NDArray[np.str_], seeds: range) -> dict[str, Any]:
    """Merge three pairs of labels of a real set at a time, and count what is found."""
    from embeddings.splits import find_splits

    names, counts = np.unique(labels, return_counts=True)
    large = names[counts >= FEWEST_OF_A_HOST]
    if len(large) < 2 * len(SHARES):
        return {"skipped": f"fewer than {2 * len(SHARES)} labels of {FEWEST_OF_A_HOST} items"}
    found, quality, offered = [], [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        order = rng.permutation(large)
        for own in (False, True):
            given, kept = labels.copy(), np.ones(len(labels), dtype=bool)
            plan = []
            for place, share in enumerate(SHARES):
                host, guest = order[2 * place], order[2 * place + 1]
                spare = rng.permutation(np.flatnonzero(labels == guest))
                wanted = round((labels == host).sum() * share / (1 - share))
                most = len(spare) // 2 if own else len(spare)
                taken = spare[: max(min(wanted, most), FEWEST_PLANTED)]
                given[taken] = host
                kept[spare[len(taken) :]] = own
                plan.append((host, guest, taken))
            at = np.flatnonzero(kept)
            report = find_splits(X[at], given[at])
            named = {f.label: f for f in report.labels}
            for host, guest, taken in plan:
                inside = given[at] == host
                truth = np.isin(at[inside], taken)
                finding = named[host]
                best = max(
                    finding.clusters,
                    key=lambda part: f1(truth, report.cluster[inside] == part.cluster),
                )
                found.append(finding.is_split)
                quality.append(f1(truth, report.cluster[inside] == best.cluster))
                if own:
                    offered.append(best.suggested_label == guest)
    return {
        "planted": len(found),
        "found": int(np.sum(found)),
        "f1_of_found": round(
            float(np.mean([q for q, f in zip(quality, found, strict=True) if f])), 3
        )
        if any(found)
        else None,
        "own_label_suggested": f"{int(np.sum(offered))} of {len(offered)}",
    }


def as_it_is(X: NDArray[Any], labels: NDArray[np.str_], kinds: NDArray[Any] | None) -> Any:
    """Count what is named in a real set, and what follows its finer kinds."""
    from sklearn.metrics import adjusted_rand_score

    from embeddings.splits import find_splits

    report = find_splits(X, labels)
    named = [f for f in report.labels if f.is_split]
    told: dict[str, Any] = {
        "labels": len(report.labels), "two_kinds": len(named),
        "perhaps": sum(f.verdict == "perhaps two" for f in report.labels),
        "styles": sum(bool(f.style) for f in report.labels),
        "strays": int(report.stray.sum()), "merges": sum(m.score >= 0.5 for m in report.merges),
    }  # fmt: skip
    if kinds is None:
        return told
    right = style = 0
    for finding in named:
        inside = labels == finding.label
        several = (np.unique(kinds[inside], return_counts=True)[1] >= 5).sum() > 1
        alike = adjusted_rand_score(kinds[inside], report.cluster[inside]) if several else 0.0
        right += alike >= FOLLOWS_AT
        style += alike < STYLE_BELOW
    return told | {"right": right, "style": style, "half": len(named) - right - style}


def noise(seeds: range) -> dict[str, Any]:
    """Count labels called two kinds where there are none."""
    from embeddings.splits import find_splits

    told = {}
    for name, apart in (("noise", 0.0), ("overlapping", 0.25), ("half apart", 0.6), ("apart", 2.0)):
        wrong = total = 0
        for seed in seeds:
            rng = np.random.default_rng(seed)
            n_labels, width = int(rng.integers(2, 21)), int(rng.choice([8, 32, 128, 384]))
            kind = np.repeat(np.arange(n_labels), ITEMS_A_LABEL)
            X = (
                rng.normal(size=(len(kind), width))
                + apart * rng.normal(size=(n_labels, width))[kind]
            )
            report = find_splits(X.astype(np.float32), kind)
            wrong += sum(f.is_split for f in report.labels)
            total += n_labels
        told[name] = f"{wrong} of {total}"
        print(name, told[name], file=sys.stderr, flush=True)
    return told


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("sets", nargs="*", type=Path)
    p.add_argument("--array", default="embeddings")
    p.add_argument("--seeds", type=span, default=range(5))
    p.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    p.add_argument("--steps", action="store_true", help="with single steps left out, too")
    args = p.parse_args()
    told: dict[str, Any] = {"noise": noise(args.seeds)}
    if (args.bench / "compose.py").is_file():
        told["slips"] = slips(args.bench, args.seeds)
        if args.steps:
            told["slips without a step"] = steps(args.bench, args.seeds)
    else:
        print(f"slips: skipped, {args.bench} holds no compose.py.", file=sys.stderr)
    for file in args.sets:
        pack = np.load(file)
        X, labels = pack[args.array].astype(np.float32), pack["labels"].astype(str)
        kinds = pack["kinds"].astype(str) if "kinds" in pack else None
        told[file.stem] = {
            "as it is": as_it_is(X, labels, kinds),
            "planted": planted(X, labels, args.seeds),
        }
        print(file.stem, told[file.stem], file=sys.stderr, flush=True)
    print(json.dumps({"benchmark": "wild", **told}, indent=1, default=int))


if __name__ == "__main__":
    main()
