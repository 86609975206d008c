"""The embedded model beside its teacher: nearest neighbours, splits found, speed.

    python benchmarks/embedded_model.py [--shared ../shared] [--speed-only]

It needs photos of known kinds, CIFAR-10 images with clean labels and the teacher; a machine without
them gets one line that says so. Prints JSON.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TEACHER = "models/mobilenetv2_imagenette10.keras"
SEEDS = range(20, 25)
# A third of the kinds, drawn by random.Random(0): no photo of them was seen in training.
HELD_OUT = (
    "anchor", "ant", "brontosaurus", "buddha", "cannon", "crocodile", "dalmatian",
    "flamingo_head", "lamp", "metronome", "okapi", "panda", "pizza", "rhino", "stegosaurus",
    "water_lilly", "wrench",
)  # fmt: skip
HELD_OUT_SEEDS = range(20, 40)  # few labels a set, so more sets
FIGURES = (
    "auroc",
    "verdict_precision",
    "verdict_recall",
    "ari_hidden",
    "minority_f1",
    "pure_whole",
)


def module(file: Path) -> ModuleType:
    """Import a program that stands outside the project."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def embed(extractor: Any, files: Sequence[Path], batch_size: int = 64) -> NDArray[np.float32]:
    """Return (n, width) float32."""
    from embeddings.engines import WorkItem, stream
    from embeddings.images import prepare

    items = [WorkItem(str(file), file) for file in files]
    done = stream(items, extractor, decode=prepare, batch_size=batch_size)
    return np.stack([e.embedding for e in done if e.embedding is not None])


def neighbours_right(X: NDArray[np.float32], kinds: NDArray[Any], k: int = 10) -> float:
    """Return how often the vote of the ``k`` nearest others (cosine) names an item's own kind."""
    X = X.astype(np.float32)
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    codes = np.unique(kinds, return_inverse=True)[1]
    alike = X @ X.T
    np.fill_diagonal(alike, -np.inf)
    nearest = np.argpartition(-alike, k, axis=1)[:, :k]
    votes = [np.bincount(codes[row], minlength=codes.max() + 1).argmax() for row in nearest]
    return float(np.mean(np.asarray(votes) == codes))


def splits_found(
    bench: Path, X: NDArray[np.float32], pack: dict[str, Any], seeds: Sequence[int], only: Any
) -> dict[str, float]:
    """Return the mean figures over sets composed of the kinds in ``only``."""
    from embeddings.splits import find_splits

    compose, score = module(bench / "compose.py"), module(bench / "score.py")
    keep = np.isin(pack["kinds"], only)
    scores = []
    with tempfile.TemporaryDirectory() as folder:
        np.savez(
            Path(folder) / "photos_mobilenetv2.npz",
            embeddings=X[keep], kinds=pack["kinds"][keep], files=pack["files"][keep],
        )  # fmt: skip
        for seed in seeds:
            rows, own = compose.compose("photos", seed, root=Path(folder))
            labels = np.array([row[1] for row in rows], dtype=object)
            found = find_splits(own["embeddings"][[row[0] for row in rows]], labels)
            names = [f"a/{n}" for n in range(len(rows))]
            truth = [
                {"file": name, "label": row[1], "kind": row[2], "type": row[3]}
                for name, row in zip(names, rows, strict=True)
            ]
            items = [{"file": n, "cluster": c} for n, c in zip(names, found.cluster, strict=True)]
            classes = [
                {"label": f.label, "split_score": f.split_score, "is_split": f.is_split}
                for f in found.labels
            ]
            scores.append(score.score(truth, items, classes))
    return {name: round(float(np.mean([s[name] for s in scores])), 4) for name in FIGURES}


def speed(extractors: dict[str, Any], batch_size: int = 32, rounds: int = 7) -> dict[str, float]:
    """Return images/s of each, medians of interleaved rounds, decoding excluded."""
    rng = np.random.default_rng(0)
    rates: dict[str, list[float]] = {name: [] for name in extractors}
    pixels = {
        name: rng.integers(0, 256, (batch_size, e.input_size, e.input_size, 3), dtype=np.uint8)
        for name, e in extractors.items()
    }
    for name, extractor in extractors.items():
        extractor.extract(pixels[name])
    for _ in range(rounds):
        for name, extractor in extractors.items():
            started, n = time.perf_counter(), 0
            while time.perf_counter() - started < 1:
                extractor.extract(pixels[name])
                n += batch_size
            rates[name].append(n / (time.perf_counter() - started))
    return {name: round(float(np.median(r)), 1) for name, r in rates.items()}


def measure(shared: Path, name: str, extractor: Any) -> dict[str, Any]:
    """Return the figures of one model."""
    data = shared / "data"
    packs = {s: dict(np.load(data / f"{s}_mobilenetv2.npz")) for s in ("photos", "cifar10n")}
    X = {
        source: embed(extractor, [data / source / str(file) for file in pack["files"]])
        for source, pack in packs.items()
    }
    photos = packs["photos"]
    held = np.isin(photos["kinds"], HELD_OUT)
    return {
        "model": name,
        "cifar10n_10nn": round(neighbours_right(X["cifar10n"], packs["cifar10n"]["kinds"]), 4),
        "photos_10nn": round(neighbours_right(X["photos"], photos["kinds"]), 4),
        "held_out_10nn": round(neighbours_right(X["photos"][held], photos["kinds"][held]), 4),
        "splits": splits_found(
            shared / "bench", X["photos"], photos, SEEDS, np.unique(photos["kinds"])
        ),
        "splits_held_out": splits_found(
            shared / "bench", X["photos"], photos, HELD_OUT_SEEDS, HELD_OUT
        ),
    }


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    p.add_argument("--speed-only", action="store_true", help="nothing but images/s")
    a = p.parse_args()
    if not (a.shared / TEACHER).is_file():
        print(f"embedded_model: skipped, {a.shared} holds no photos and no teacher (--shared).")
        return
    from embeddings import backbones

    models = {
        name: backbones.load(m)
        for name, m in (("embedded", "embedded"), ("teacher", str(a.shared / TEACHER)))
    }
    rates = speed(models)
    result: dict[str, Any] = {
        "benchmark": "embedded model",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "images_per_second": rates,
        "times_the_teacher": round(rates["embedded"] / rates["teacher"], 2),
    }
    if not a.speed_only:
        result["models"] = [measure(a.shared, name, e) for name, e in models.items()]
        ours, theirs = (m["cifar10n_10nn"] for m in result["models"])
        result["cifar10n_share_of_teacher"] = round(ours / theirs, 4)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
