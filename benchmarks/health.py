"""What the look at the data costs: files, pictures, wrong labels, outliers and confusions.

    python benchmarks/health.py [--sizes 10000 100000] [--labels 100] [--width 576]

Every size runs in a process of its own on made-up pictures and embeddings: all thumbnails are
measured in one stream, near-duplicates looked for, labels cross-checked, outliers and confusions
found. Reported are seconds of each part, the peak memory of the process beside what the embeddings
alone take, and how the time of the largest grows against the smallest (1 is linear). Prints JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PACKED = 512
WRONG = 0.05


def write_pictures(folder: Path, n: int, seed: int = 0) -> list[str]:
    """Write n packed thumbnails of coloured clouds, and return their keys."""
    from PIL import Image

    from embeddings.storage import write_thumbnails

    rng = np.random.default_rng(seed)
    keys = [f"{number:064x}" for number in range(n)]
    for start in range(0, n, PACKED):
        part = keys[start : start + PACKED]
        made = []
        for _ in part:
            coarse = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
            buffer = io.BytesIO()
            large = Image.fromarray(coarse).resize((160, 120), Image.Resampling.BICUBIC)
            large.save(buffer, "JPEG", quality=82)
            made.append(buffer.getvalue())
        write_thumbnails(folder / f"{start // PACKED:06d}.arrow", part, made)
    return keys


def made_up(n: int, labels: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Return embeddings of kinds with wrong labels among them."""
    rng = np.random.default_rng(0)
    axes = rng.normal(size=(64, width)).astype(np.float32)
    centres = rng.normal(size=(labels, 64)).astype(np.float32)
    kind = rng.integers(0, labels, n)
    X = np.empty((n, width), dtype=np.float32)
    for start in range(0, n, 8192):
        own = kind[start : start + 8192]
        near = centres[own] + rng.normal(size=(len(own), 64)).astype(np.float32)
        X[start : start + 8192] = near @ axes
        X[start : start + 8192] += rng.normal(size=(len(own), width)).astype(np.float32)
    wrong = rng.random(n) < WRONG
    kind[wrong] = rng.integers(0, labels, wrong.sum())
    return X, np.array([f"label {k:04d}" for k in kind])


def one_size(folder: Path, n: int, labels: int, width: int) -> dict[str, Any]:
    """Run the whole look at n items; seconds of each part."""
    import pandas as pd

    from embeddings.health import assess
    from embeddings.health.looking import measure_all
    from embeddings.label_errors import confusion, find_label_errors, find_outliers, top_confusions

    X, named = made_up(n, labels, width)
    keys = [f"{number:064x}" for number in range(n)]
    items = pd.DataFrame({
        "file": [f"{label}/{number}.jpg" for number, label in enumerate(named)],
        "label": named, "sha256": keys, "status": "ok", "reason": "", "format": "JPEG",
        "width": 640, "height": 480, "grey": False,
    })  # fmt: skip
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def lap(name: str) -> None:
        seconds[name] = round(time.perf_counter() - started - sum(seconds.values()), 2)

    measures = measure_all(folder / "thumbnails", folder / "looks")
    lap("looks")
    health = assess(items, measures, X)
    lap("files and duplicates")
    errors = find_label_errors(X, named, groups=keys)
    lap("label errors")
    out = find_outliers(X, named)
    lap("outliers")
    predicted = np.array(errors.names)[errors.predicted]
    matrix = confusion(named, predicted)
    top_confusions(named, predicted, wrong=errors.wrong)
    lap("confusion")
    return {
        "items": n,
        "labels": labels,
        "seconds": seconds,
        "total_seconds": round(sum(seconds.values()), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "embeddings_mb": X.nbytes >> 20,
        "found": {
            "findings": len(health.findings),
            "wrong": int(errors.wrong.sum()),
            "outliers": int(out.out.sum()),
            "agreement": round(matrix.agreement, 3),
        },
    }


def main() -> None:
    """Measure each size in its own process, and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    p.add_argument("--labels", type=int, default=100)
    p.add_argument("--width", type=int, default=576)
    p.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = p.parse_args()
    if args.folder is not None:
        print(json.dumps(one_size(args.folder, args.sizes[0], args.labels, args.width)))
        return
    runs = []
    for n in sorted(args.sizes):
        with tempfile.TemporaryDirectory() as name:
            write_pictures(Path(name) / "thumbnails", n)
            print(f"health: {n} pictures drawn", file=sys.stderr, flush=True)
            command = [sys.executable, __file__, "--sizes", str(n), "--labels", str(args.labels),
                       "--width", str(args.width), "--folder", name]  # fmt: skip
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            runs.append(json.loads(done.stdout))
    first, last = runs[0], runs[-1]
    times = last["items"] / first["items"]
    growth = last["total_seconds"] / first["total_seconds"] / times
    result = {
        "benchmark": "health",
        "cores": os.cpu_count(),
        "runs": runs,
        "growth_over_linear": round(growth, 3),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
