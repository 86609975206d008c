"""What a Ray cluster costs: the same images by the engine of this machine and by Ray on it.

    python benchmarks/ray_engine.py [--images 768] [--model embedded] [--rounds 3]

Both engines have the same cores, hold the loaded model, and take turns; reported are the medians
of images per second. On one machine Ray can only lose: the ratio is what its processes, the copies
between them and the order kept cost. Beside it stands the processor time that this process alone
needs for an image of another's making (fetch, put in order, write), which bounds how many
workers one driver can serve. Needs the extra ``ray``. Prints JSON; progress goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = str(ROOT)  # for the workers
# Ray runs workers at niceness 15: beside other programs that would compare priorities, not engines.
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - spelt so by Ray
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from embeddings import backbones  # noqa: E402
from embeddings.engines import (  # noqa: E402
    Embedder,
    WorkItem,
    named,
)
from embeddings.records import Extracted, Extractor  # noqa: E402
from embeddings.storage import (  # noqa: E402
    SHARD_SIZE,
    EmbeddingStore,
    ShardRow,
    write_thumbnails,
)

IMAGES_OF_THE_PLAN = 100_000_000


def draw(folder: Path, n: int) -> list[WorkItem]:
    """Draw n JPEGs of 500 × 375 px: coloured clouds."""
    from PIL import Image

    rng = np.random.default_rng(0)
    items = []
    for number in range(n):
        coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        path = folder / f"{number:06d}.jpg"
        coarse.resize((500, 375), Image.Resampling.BICUBIC).save(path, quality=90)
        items.append(WorkItem(f"{number:064x}", path))
    return items


def write(results: Iterator[Extracted], folder: Path, width: int) -> None:
    """Write what comes in shards, as the pipeline does."""
    store = EmbeddingStore(folder / "shards")
    rows: list[Extracted] = []
    for extracted in results:
        rows.append(extracted)
        if len(rows) == SHARD_SIZE:
            _write_shard(rows, store, folder, width)
            rows = []
    if rows:
        _write_shard(rows, store, folder, width)


def _write_shard(rows: list[Extracted], store: EmbeddingStore, folder: Path, width: int) -> None:
    number = store.next_number()
    keys = [e.key for e in rows]
    write_thumbnails(folder / f"{number:06d}.arrow", keys, [e.thumbnail or b"" for e in rows])
    store.write(number, [ShardRow(e.key, e.embedding) for e in rows], width)


def one_round(embedder: Embedder, items: list[WorkItem]) -> tuple[float, float]:
    """Embed and write all items: seconds, and processor seconds of this process."""
    with tempfile.TemporaryDirectory() as folder:
        began, busy = time.perf_counter(), time.process_time()
        results = (one for (one,) in embedder.stream(items, batch_size=None) if one is not None)
        write(results, Path(folder), embedder.infos[0].width)
        return time.perf_counter() - began, time.process_time() - busy


def loaded(model: str) -> tuple[Extractor, ...]:
    """Load a model; called by each worker."""
    return (backbones.load(model),)


def measure(images: int, model: str, rounds: int) -> dict[str, Any]:
    """Run both engines in turn."""
    import ray

    load = partial(loaded, model)
    with tempfile.TemporaryDirectory() as folder:
        items = draw(Path(folder), images)
        with (
            named("local").embedder(load) as here,
            named("ray", ray_address="local").embedder(load, sample=items[0]) as there,
        ):
            seconds: dict[str, list[float]] = {"local": [], "ray": []}
            busy: list[float] = []
            for number in range(-1, rounds):  # the first round warms up and does not count
                for name, embedder in (("local", here), ("ray", there)):
                    took, own = one_round(embedder, items)
                    print(f"{name}: {images / took:.0f} images/s", file=sys.stderr)
                    if number >= 0:
                        seconds[name].append(took)
                        busy += [own] if name == "ray" else []
            workers = ray.cluster_resources().get("CPU", 0)
        ray.shutdown()
    rate = {name: images / statistics.median(took) for name, took in seconds.items()}
    driver = statistics.median(busy) / images
    cores = os.cpu_count() or 1
    return {
        "figure": round(rate["ray"], 1),
        "baseline": round(rate["local"], 1),
        "ratio": round(rate["ray"] / rate["local"], 3),
        "unit": "images/s, 500 × 375 JPEG, decode to shards",
        "images_per_s_per_core": round(rate["ray"] / max(workers, 1), 1),
        "driver_cpu_ms_per_image": round(1000 * driver, 3),
        "driver_limit_images_per_s": round(1 / driver),
        "hours_for_100_million_per_64_cores": round(
            IMAGES_OF_THE_PLAN / (rate["ray"] / max(workers, 1) * 64) / 3600, 1
        ),
        "model": model,
        "images": images,
        "rounds": rounds,
        "machine": f"{platform.processor() or platform.machine()}, {cores} cores",
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=768)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if find_spec("ray") is None:
        print("ray_engine.py needs Ray: pip install 'rosette-explorer[ray]'")
        return
    print(json.dumps(measure(asked.images, asked.model, asked.rounds), indent=1))


if __name__ == "__main__":
    main()
