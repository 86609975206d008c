"""How often the slice is found on which a model fails, and none named where there is none.

    python benchmarks/slices.py [--sets 30] [--without 40] [--out slices.json]

A set is fifteen kinds of photos. A fifth of one label is made hard in one way (blur, a board before
it, another background, night, or another kind under the label), so hard that the model is right on
half of it at most; predictions are held out by five folds, and in every other set the model was
trained on a few images that were spoilt in the same way. The slice counts as found where a slice
that was named shares half of its images, over those of both; its rank is its place in the list.
Sets without: the same photos with nothing planted, so that the model's own errors are left, and
the same with 8 % of the predictions wrong at random.

Prints JSON; lines go to standard error. ``--data`` is a folder with ``photos_mobilenetv2.npz`` and
``photos/``, ``--model`` the network that embeds what was spoilt.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

from parts.planted_slices import (  # noqa: E402
    HARD,
    RARE_KIND,
    WAYS,
    Planted,
    at_random,
    opened,
    planted,
    without,
)
from parts.slice_rivals import RIVALS  # noqa: E402

SHARED = 0.5  # images of the true slice and a named one, over those of both
FIRST = 3
AT_RANDOM = 0.08


def ours(one: Planted) -> list[NDArray[np.intp]]:
    """Return the slices that the product names, without any group known beforehand."""
    from embeddings.slices import find_slices

    held_out = np.zeros(len(one.labels), dtype=bool)
    found = find_slices(one.labels, one.predicted, X=one.X, trained_on=held_out)
    return [s.items for s in found.failing]


def rank(named: Sequence[NDArray[np.intp]], truth: NDArray[np.bool_]) -> int:
    """Return the place of the true slice among those named, from 1; 0 where it is not there."""
    true = np.flatnonzero(truth)
    for place, items in enumerate(named, start=1):
        both = len(np.intersect1d(items, true))
        if both >= SHARED * (len(items) + len(true) - both):
            return place
    return 0


def measured(sets: Sequence[Planted], find: Callable[[Planted], Any]) -> dict[str, Any]:
    """Return rank of the true slice in each set, and precision of the first ten items named."""
    ranks, precisions = [], []
    for one in sets:
        named = find(one)
        ranks.append(rank(named, one.slice_))
        first = np.concatenate([np.zeros(0, np.intp), *named])[:10]
        precisions.append(float(one.slice_[first].mean()) if len(first) else 0.0)
    within = [0 < r <= FIRST for r in ranks]
    return {
        "first": round(float(np.mean([r == 1 for r in ranks])), 3),
        f"within_{FIRST}": round(float(np.mean(within)), 3),
        "precision_at_10": round(float(np.mean(precisions)), 3),
        "ranks": ranks,
    }


def none_named(sets: Sequence[Planted]) -> float:
    """Return the share of sets in which nothing was named."""
    return round(float(np.mean([not ours(one) for one in sets])), 3)


def main() -> int:
    """Run the benchmark."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = ROOT.parent / "shared"
    p.add_argument("--data", type=Path, default=shared / "data")
    p.add_argument(
        "--model", type=Path, default=shared / "models" / "mobilenetv2_imagenette10.keras"
    )
    p.add_argument("--sets", type=int, default=30)
    p.add_argument("--without", type=int, default=40)
    p.add_argument("--out", type=Path, help="write the JSON to this file too")
    asked = p.parse_args()
    pack_file = asked.data / "photos_mobilenetv2.npz"
    if not pack_file.is_file() or not asked.model.exists():
        print(f"needs {pack_file} with photos/ beside it, and {asked.model}", file=sys.stderr)
        return 0
    from embeddings import backbones

    began = time.monotonic()
    model = backbones.load(str(asked.model))

    def embed(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = [model.extract(pixels[i : i + 32]).embeddings for i in range(0, len(pixels), 32)]
        return np.concatenate(parts)

    pack = {name: values for name, values in np.load(pack_file).items()}  # noqa: C416 - read once
    files = [asked.data / "photos" / str(f) for f in pack["files"]]
    some = range(0, len(files), 32)
    pack["embeddings"] = np.concatenate(
        [embed(np.stack([np.asarray(opened(f)) for f in files[i : i + 32]])) for i in some]
    )
    print(f"embedded after {time.monotonic() - began:.0f} s", file=sys.stderr)
    ways = [*WAYS, RARE_KIND]
    made = [
        planted(pack, asked.data / "photos", ways[seed % len(ways)], seed, embed)
        for seed in range(asked.sets)
    ]
    sets = [one for one in made if 1 - one.wrong[one.slice_].mean() <= HARD]
    natural = [without(pack, 1000 + seed) for seed in range(asked.without)]
    result: dict[str, Any] = {
        "sets": len(sets),
        "not_hard_enough": len(made) - len(sets),
        "rosette": measured(sets, ours),
        "none_named": {
            "the model's own errors": none_named(natural),
            "errors at random": none_named(
                [at_random(one, AT_RANDOM, n) for n, one in enumerate(natural)]
            ),
        },
    }
    for seen in (False, True):
        part = [one for one in sets if one.seen is seen]
        result[f"rosette, {'seen' if seen else 'not seen'} in training"] = measured(part, ours)
    for name, find in RIVALS.items():
        try:
            result[name] = measured(sets, find)
        except ImportError as error:
            result[name] = f"not measured: {error}"
    result["seconds"] = round(time.monotonic() - began)
    text = json.dumps(result, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
