"""What a second look finds of hidden kinds that a classifier trained on the labels no longer sees.

    python benchmarks/second_look.py [--pack finetuned_seed0.npz] [--first ft5 ft12] [--second emb]

The pack holds ``labels``, ``kinds`` and ``types`` (pure or hidden) of n items, and an array of
embeddings for each name given. Each is judged alone and with the second look. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

from parts.sets import module  # noqa: E402


def figures(score: Any, pack: dict[str, Any], report: Any) -> dict[str, Any]:
    """Return what the scoring program says of a report."""
    columns = zip(pack["labels"], pack["kinds"], pack["types"], strict=True)
    truth = [
        {"file": f"a/{n}", "label": str(a), "kind": str(b), "type": str(t)}
        for n, (a, b, t) in enumerate(columns)
    ]
    items = [{"file": f"a/{n}", "cluster": int(k)} for n, k in enumerate(report.cluster)]
    classes = [
        {"label": f.label, "split_score": f.split_score, "is_split": int(f.is_split)}
        for f in report.labels
    ]
    found = score.score(truth, items, classes)
    kept = ("auroc", "verdict_precision", "verdict_recall", "ari_hidden", "pure_whole")
    return {
        **{name: round(float(found[name]), 3) for name in kept},
        "said": [f"{f.label}: {f.second_look}" for f in report.labels if f.second_look],
    }


def main() -> int:
    """Run the benchmark."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = ROOT.parent / "shared"
    p.add_argument("--pack", type=Path, default=shared / "data" / "finetuned_seed0.npz")
    p.add_argument("--bench", type=Path, default=shared / "bench", help="holds score.py")
    p.add_argument("--first", nargs="+", default=["ft5", "ft12"])
    p.add_argument("--second", default="emb")
    asked = p.parse_args()
    if not asked.pack.is_file() or not (asked.bench / "score.py").is_file():
        print(f"needs {asked.pack}, and score.py in {asked.bench}", file=sys.stderr)
        return 0
    from embeddings import find_splits

    score = module(asked.bench / "score.py")
    pack = dict(np.load(asked.pack))
    result: dict[str, Any] = {}
    second = pack[asked.second].astype(np.float32)
    for name, X, other in (
        (asked.second, second, None),
        *((first, pack[first].astype(np.float32), None) for first in asked.first),
        *((f"{f} + second", pack[f].astype(np.float32), second) for f in asked.first),
    ):
        began = time.monotonic()
        report = find_splits(X, pack["labels"], second=other)
        result[name] = figures(score, pack, report) | {"seconds": round(time.monotonic() - began)}
        print(f"{name}: {result[name]}", file=sys.stderr)
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
