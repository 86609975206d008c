"""How near `rosette embed` comes to what the cores can give, and beside it what a user would write.

    python benchmarks/embed.py [--models MobileNetV3Large ResNet50] [--small 1024] [--large 96]
                               [--rounds 5] [--no-baseline]

JPEG files of 500×375 and 4000×3000 are made, scanned, and embedded by ``pipeline.embed``, shards
and thumbnails written, the files in the cache of the disk, the model loaded (random weights, which
cost what trained ones do). Between these rounds, in the same process, each part is run alone on
all cores: decoding as the stage does it (thumbnail included), and the forward pass on ready
pixels. The processor time of both, over the cores, is the limit that no order of work can beat:

    limit = cores / (decode + forward)      images/s, decode and forward in processor s an image

Also given is the stricter limit of one core at work while the others rest, when caches and memory
are a core's own. What a user would write is ``image_dataset_from_directory`` with
``model.predict``, TensorFlow's threads as they come, in a process of its own, in turn with ours.

Medians over rounds. ``others`` is the share of the machine that other processes took during a
run. Rounds in which it passes ``--quiet`` are left out where enough remain, and up to three times
``--rounds`` are done to have enough. Where a machine is never quiet, look at ``work_share``: of
the processor time that the run took, how much the limit counts; and at ``taken``: of the cores,
how much was taken during the run by it and by others. ``…_by_processor`` compares processor
time an image (``processor_ms``), which others disturb less than the clock.

Last, what lower precision costs: cosine between embeddings in full precision and bfloat16, of the
embedded model on drawn pictures. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.parts.busy import Watch  # noqa: E402
from benchmarks.parts.jpegs import write_jpegs  # noqa: E402
from embeddings.machine import usable_cores  # noqa: E402

SIZES = {"small": (500, 375), "large": (4000, 3000)}
TARGETS = {"MobileNetV3Large": 0.90, "ResNet50": 0.95}
SCALINGS = {"MobileNetV3Large": "raw", "ResNet50": "caffe"}
WIDTHS = {"MobileNetV3Large": 1280, "ResNet50": 2048}
INPUT = 224
FEWEST_QUIET = 3  # rounds
MOST_TIMES = 3  # as many rounds as asked for


def build(name: str, precision: str) -> Any:
    """Return the extractor of a Keras application with random weights."""
    from embeddings.backbones import Backbone
    from embeddings.backbones.formats import keras_applications

    row = Backbone(name.lower(), name, INPUT, WIDTHS[name], 0, 0, SCALINGS[name], "", "")
    return keras_applications.build(row, weights=None, precision=precision)


def all_at_once(work: Callable[[Any], object], things: Sequence[Any], threads: int) -> Watch:
    """Do it on so many threads, and return the watch."""
    watch = Watch()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, things):
            pass
    return watch


def ours(folder: Path, name: str, precision: str) -> Callable[[], dict[str, Any]]:
    """Load, scan and warm up; the function that comes back is a round over every size."""
    from embeddings import backbones, pipeline
    from embeddings.images import prepare
    from embeddings.workspace import Workspace

    backbones.one_core_a_batch()
    extractor = build(name, precision)
    pace = extractor.pace
    batch = np.stack([
        prepare(file, INPUT).pixels
        for file in sorted((folder / "small").rglob("*.jpg"))[:1] * pace.batch_size
    ])  # fmt: skip
    kinds = [kind for kind in SIZES if (folder / kind).is_dir()]
    places = {kind: Path(tempfile.mkdtemp(dir=folder)) / "ws" for kind in kinds}
    for kind in kinds:
        pipeline.scan(folder / kind, places[kind])

    def embedded(kind: str) -> tuple[float, float, float]:
        for part in ("embeddings", "thumbnails"):
            shutil.rmtree(places[kind] / part, ignore_errors=True)
        watch = Watch()
        pipeline.embed(places[kind], model=extractor)
        return watch.stopped()

    def one_size(kind: str) -> dict[str, float]:
        files = sorted((folder / kind).rglob("*.jpg"))
        n, cores = len(files), usable_cores()
        batches = max(2 * pace.lanes, min(n, 128) // pace.batch_size)

        def decode(file: Path) -> None:
            prepare(file, INPUT)

        def forward(_: int) -> None:
            extractor.extract(batch)

        seconds, own, others = embedded(kind)
        taken = own / seconds / cores + others
        decoding = all_at_once(decode, files, cores)
        decode_s = decoding.own() / n
        going = all_at_once(forward, range(batches), pace.lanes)
        forward_s = going.own() / (batches * pace.batch_size)
        alone = all_at_once(decode, files[: n // 2], 1).own() / (n // 2)
        going = all_at_once(forward, range(batches // 2), 1)
        alone += going.own() / (batches // 2 * pace.batch_size)
        assert len(Workspace.open(places[kind]).store(extractor.fingerprint).done()) == n
        return {
            "images_per_s": n / seconds,
            "processor_ms": 1e3 * own / n,
            "decode_ms": 1e3 * decode_s,
            "forward_ms": 1e3 * forward_s,
            "limit_per_s": cores / (decode_s + forward_s),
            "strict_limit_per_s": cores / alone,
            "share": n / seconds * (decode_s + forward_s) / cores,
            "strict_share": n / seconds * alone / cores,
            "work_share": n * (decode_s + forward_s) / own,
            "taken": taken,
            "others": others,
        }

    for kind in kinds:
        embedded(kind)
    return lambda: {kind: one_size(kind) for kind in kinds}


def theirs(folder: Path, name: str) -> Callable[[], dict[str, Any]]:
    """Do what a user would write; TensorFlow's settings as they come."""
    import keras

    model = getattr(keras.applications, name)(weights=None, include_top=False, pooling="avg")
    inputs = keras.Input((INPUT, INPUT, 3))
    prepared = keras.applications.resnet50.preprocess_input if name == "ResNet50" else None
    whole = keras.Model(inputs, model(prepared(inputs) if prepared else inputs))

    def one_size(kind: str) -> dict[str, float]:
        files = keras.utils.image_dataset_from_directory(
            folder / kind, labels=None, image_size=(INPUT, INPUT), batch_size=32, shuffle=False,
            verbose=False,
        )  # fmt: skip
        watch = Watch()
        n = len(whole.predict(files, verbose=0))
        seconds, own, others = watch.stopped()
        return {"images_per_s": n / seconds, "processor_ms": 1e3 * own / n, "others": others}

    whole.predict(np.zeros((32, INPUT, INPUT, 3), np.float32), verbose=0)
    return lambda: {kind: one_size(kind) for kind in SIZES if (folder / kind).is_dir()}


def worker(role: str, folder: Path, name: str) -> None:
    """Do a round whenever a line comes in, and answer with its figures."""
    step = theirs(folder, name) if role == "theirs" else ours(folder, name, role)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(step()), flush=True)


class Child:
    """A worker in a process of its own."""

    def __init__(self, role: str, folder: Path, name: str) -> None:
        command = [sys.executable, __file__, "--worker", role, str(folder), name]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == "ready"

    def round(self) -> dict[str, Any]:
        """Ask for one round."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return dict(json.loads(self._answer()))

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a worker died; its last words are above")
        return line.strip()


def medians(rounds: Sequence[dict[str, float]], quiet: float) -> dict[str, Any]:
    """Return the median of each figure over the rounds in which the machine was ours."""
    calm = [r for r in rounds if r["others"] <= quiet]
    used = calm if len(calm) >= FEWEST_QUIET else list(rounds)
    middle = {k: round(statistics.median(r[k] for r in used), 4) for k in used[0] if k != "others"}
    return middle | {
        "rounds_used": f"{len(used)} of {len(rounds)}",
        "others": round(max(r["others"] for r in used), 3),
    }


def one_model(folder: Path, name: str, a: argparse.Namespace) -> dict[str, Any]:
    """Measure one network: ours and theirs in turn, then ours in bfloat16."""
    from embeddings.backbones import processor_flags

    roles = ["fp32"] if a.no_baseline else ["fp32", "theirs"]
    rounds = interleaved(folder, name, roles, a.rounds, a.quiet)
    if {"avx512_bf16", "amx_bf16"} & processor_flags():
        rounds |= interleaved(folder, name, ["bf16"], min(a.rounds, FEWEST_QUIET), a.quiet)
    kinds = list(rounds["fp32"][0])
    found: dict[str, Any] = {"model": name, "target_share": TARGETS[name]}
    for kind in kinds:
        own = medians([r[kind] for r in rounds["fp32"]], a.quiet)
        found[kind] = {"px": "×".join(map(str, SIZES[kind])), "ours": own}
        found[kind]["target_met"] = own["share"] >= TARGETS[name]
        for role in ("theirs", "bf16"):
            if role in rounds:
                other = medians([r[kind] for r in rounds[role]], a.quiet)
                found[kind][role] = other
                first, second = (own, other) if role == "theirs" else (other, own)
                name_of = "times_theirs" if role == "theirs" else "times_fp32"
                found[kind][role] |= {
                    name_of: round(first["images_per_s"] / second["images_per_s"], 2),
                    f"{name_of}_by_processor": round(
                        second["processor_ms"] / first["processor_ms"], 2
                    ),
                }
    return found


def interleaved(
    folder: Path, name: str, roles: Sequence[str], rounds: int, quiet: float
) -> dict[str, list[dict[str, Any]]]:
    """Return the rounds of each role, done in turn, until ``rounds`` of them were quiet."""
    children = {role: Child(role, folder, name) for role in roles}
    found: dict[str, list[dict[str, Any]]] = {role: [] for role in roles}
    left = rounds
    for number in range(1, MOST_TIMES * rounds + 1):
        for role, child in children.items():
            found[role].append(child.round())
        others = max(part["others"] for parts in found.values() for part in parts[-1].values())
        said = f"embed: {name}, {', '.join(roles)}, round {number}, others took {others:.0%}"
        print(said, file=sys.stderr, flush=True)
        left -= others <= quiet
        if not left:
            break
    for child in children.values():
        child.close()
    return found


def cost_of_bf16(n: int) -> dict[str, Any] | str:
    """Compare the embedded model's embeddings of drawn pictures in both precisions."""
    from random import Random

    from embeddings import backbones
    from embeddings.backbones import refuse_unsupported
    from embeddings.demo.picture import draw_picture
    from embeddings.demo.plan import plan
    from embeddings.errors import ModelError

    try:
        refuse_unsupported("bf16")
    except ModelError as error:
        return str(error)
    full, half = (backbones.load("embedded", precision=p) for p in ("fp32", "bf16"))
    pictures = plan(0)
    chosen = pictures[:: max(1, len(pictures) // n)]
    size = (full.input_size, full.input_size)
    pixels = np.stack([
        np.asarray(draw_picture(p.kind, Random(p.file)).convert("RGB").resize(size))
        for p in chosen
    ])  # fmt: skip
    a, b = (e.extract(pixels).embeddings.astype(np.float64) for e in (full, half))
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    cosine = (a * b).sum(axis=1)

    def nearest(x: Any) -> Any:
        alike = x @ x.T
        np.fill_diagonal(alike, -1)
        return np.argsort(-alike, axis=1)[:, :10]

    kept = [len(set(p) & set(q)) / 10 for p, q in zip(nearest(a), nearest(b), strict=True)]
    return {
        "model": "embedded",
        "pictures": len(chosen),
        "cosine_median": round(float(np.median(cosine)), 6),
        "cosine_least": round(float(cosine.min()), 6),
        "ten_nearest_kept": round(float(np.mean(kept)), 4),
    }


def main() -> None:
    """Measure, and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--models", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    p.add_argument("--small", type=int, default=1024, help="files of 500×375; 0: none")
    p.add_argument("--large", type=int, default=96, help="files of 4000×3000; 0: none")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--quiet", type=float, default=0.03, help="share that others may take")
    p.add_argument("--no-baseline", action="store_true")
    p.add_argument("--worker", nargs=3, metavar=("ROLE", "FOLDER", "MODEL"), help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.worker:
        role, folder, name = a.worker
        worker(role, Path(folder), name)
        return
    with tempfile.TemporaryDirectory() as made:
        for kind, n in (("small", a.small), ("large", a.large)):
            if n:
                write_jpegs(Path(made) / kind, n, *SIZES[kind])
        models = [one_model(Path(made), name, a) for name in a.models]
    result = {
        "benchmark": "embed",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "files": {"small": a.small, "large": a.large},
        "models": models,
        "bf16_cost": cost_of_bf16(200),
    }
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
