"""The layout of maps that is built in, beside ``umap-learn``: time, and how far neighbours stay.

::

    python benchmarks/layout.py
    python benchmarks/layout.py --photos ../shared/data/photos_mobilenetv2.npz --items 400 1280

Both get the same neighbours and the same start (the principal axes), on one core. Trustworthiness
(Venna & Kaski 2001; scikit-learn's) says whether those who are near on the map were near before.
``umap-learn`` runs with its own number of epochs; importing and compiling are not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from embeddings.records import Layout  # noqa: E402

LAYOUTS: Final[tuple[Layout, ...]] = ("built-in", "umap-learn")
KINDS: Final = 8


def made_up(n: int, width: int = 384) -> NDArray[np.float32]:
    """Return (n, width) embeddings of some kinds."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(KINDS, 24))
    low = centres[rng.integers(0, KINDS, n)] + 0.6 * rng.normal(size=(n, 24))
    return (low @ rng.normal(size=(24, width)) + rng.normal(size=(n, width))).astype(np.float32)


def of_photos(file: Path, n: int) -> NDArray[np.float32]:
    """Return up to n of the embeddings in a file."""
    with np.load(file) as data:
        X = data["embeddings"].astype(np.float32)
    return X[np.random.default_rng(0).permutation(len(X))[:n]]


def measured(X: NDArray[np.float32], layout: Layout, rounds: int) -> dict[str, Any]:
    """Return the best time of some rounds, and the trustworthiness of the map."""
    from sklearn.manifold import trustworthiness

    from embeddings.projection import label_map

    seconds = []
    for _ in range(rounds):
        clock = time.perf_counter()
        drawn = label_map(X, seed=0, layout=layout)
        seconds.append(time.perf_counter() - clock)
    kept = trustworthiness(X, drawn.xy, n_neighbors=15, metric="cosine")
    return {"ms": round(1000 * min(seconds), 1), "trustworthiness": round(float(kept), 4)}


def main() -> None:
    """Run it, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, nargs="+", default=[100, 400, 1280, 2500])
    parser.add_argument("--photos", type=Path, help="an .npz with embeddings")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for layout in LAYOUTS:
        measured(made_up(100), layout, 1)  # imports and compiles
    rows = []
    for n in asked.items:
        X = of_photos(asked.photos, n) if asked.photos else made_up(n)
        found = {layout: measured(X, layout, asked.rounds) for layout in LAYOUTS}
        ratio = found["umap-learn"]["ms"] / found["built-in"]["ms"]
        rows.append({"items": len(X), **found, "times_as_fast": round(ratio, 1)})
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(json.dumps({"machine": machine, "one core": True, "layouts": rows}, indent=1))


if __name__ == "__main__":
    main()
