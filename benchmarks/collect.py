"""How many images of a rare kind are found in a pool, from the few that are known.

    python benchmarks/collect.py [--bench ../shared/bench] [--seeds 0-4] [--first 20]

Data sets are composed of photos (``compose.py``): some labels hide a second, rarer kind, of which
most photos are not in the set. For each such kind its few items are asked about, and the pool is
all photos that are not in the set. Counted is the share of the first images of the list that are of
this kind, at most as many as the pool has of it; beside it that of the images nearest to the mean
of those asked about, and that of an order by chance. Embeddings of MobileNetV2. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

from parts.sets import module  # noqa: E402

FEWEST = 5  # photos of a kind in the pool, or it says little


def one_set(compose: Any, seed: int, first: int) -> list[dict[str, float]]:
    """Return the figures of each hidden kind of one data set."""
    from embeddings.arrays import unit_rows
    from embeddings.retrieval import worth_collecting

    rows, pack = compose("photos", seed)
    X, kinds = pack["embeddings"].astype(np.float32), pack["kinds"]
    inside = np.array([place for place, *_ in rows])
    labels = np.array([label for _, label, *_ in rows])
    pool = np.setdiff1d(np.arange(len(X)), inside)
    found = []
    for label in np.unique(labels):
        names, counts = np.unique(kinds[inside[labels == label]], return_counts=True)
        if len(names) < 2:
            continue
        rare = names[counts.argmin()]
        there = int((kinds[pool] == rare).sum())
        if there < FEWEST:
            continue
        is_asked = (labels == label) & (kinds[inside] == rare)
        asked, known = X[inside[is_asked]], X[inside[~is_asked]]
        n = min(first, there)
        worth = worth_collecting(asked, [X[pool]], [known], most=n)
        centre = unit_rows(X[pool]) @ unit_rows(asked).mean(axis=0)
        nearest = np.argsort(-centre, kind="stable")[:n]
        found.append(
            {
                "asked": len(asked),
                "list": float((kinds[pool[worth.places]] == rare).mean()),
                "nearest_to_mean": float((kinds[pool[nearest]] == rare).mean()),
                "by_chance": there / len(pool),
            }
        )
    return found


def main() -> int:
    """Run the benchmark."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    p.add_argument("--seeds", default="0-4")
    p.add_argument("--first", type=int, default=20)
    asked = p.parse_args()
    if not (asked.bench / "compose.py").is_file():
        print(f"needs compose.py in {asked.bench}", file=sys.stderr)
        return 0
    compose = module(asked.bench / "compose.py").compose
    first, _, last = asked.seeds.partition("-")
    found = [
        one
        for seed in range(int(first), int(last or first) + 1)
        for one in one_set(compose, seed, asked.first)
    ]
    means = {name: round(float(np.mean([one[name] for one in found])), 3) for name in found[0]}
    print(json.dumps({"kinds": len(found), "first": asked.first, **means}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
