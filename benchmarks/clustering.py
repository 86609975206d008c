"""What the cluster stage costs, beside a loop of ``umap-learn`` and ``hdbscan`` over the labels.

    python benchmarks/clustering.py [--labels 50] [--items 1280] [--width 1280] [--repeats 3]
    python benchmarks/clustering.py --whole [--growth 8 50 200 1000] [--svg FILE]

The stage is all of it: maps, candidate clusters, splits with their neighbour search, label errors,
the map of the whole. The baseline is what people write, in each label by itself and with default
settings: ``umap.UMAP().fit_transform`` and ``hdbscan.HDBSCAN().fit_predict``, compiled beforehand.
Both see the same rows, and take turns: a part of the baseline's labels after every run of the
stage, each in a process of its own. Beside both stands the limit: what the matrix products alone
cost here (`products`). Embeddings are made up: labels of which every fifth hides a second kind, a
quarter of its items. Where ``../shared`` holds photos, there is also a set of their
real embeddings, repeated with noise.

``--whole`` measures the growth of the stage alone, from a few labels to ImageNet's 1,000, in
time and in peak memory of the main process and its workers, and ``--svg`` draws it. Prints JSON;
progress goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.parts.growth import growth  # noqa: E402

HIDING = 5  # every so-manieth label hides a second kind
RARER = 0.25  # share of the second kind
PHOTOS = ROOT.parent / "shared" / "data" / "photos_mobilenetv2.npz"
AXES = 256  # of the shared space, as many as ``arrays.shared_space`` keeps
NOISE = 0.3  # of the spread of an axis, added to real embeddings that are repeated


class Source:
    """Embeddings of one label at a time: made up, or of photos with noise."""

    def __init__(self, width: int, items: int, photos: Path | None) -> None:
        self.width, self.items = width, items
        rng = np.random.default_rng(0)
        self.axes = (rng.normal(size=(64, width)) / 8).astype(np.float32)
        self.kinds: list[NDArray[np.float32]] = []
        if photos is not None:
            with np.load(photos) as data:
                X, kinds = data["embeddings"].astype(np.float32), data["kinds"]
            self.kinds = [X[kinds == kind] for kind in np.unique(kinds)]
            self.width = X.shape[1]

    def label(self, number: int) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
        """Return the (items, width) embeddings of a label, and which are of its second kind."""
        rng = np.random.default_rng(1000 + number)
        second = (rng.random(self.items) < RARER) & (number % HIDING == 0)
        out = np.empty((self.items, self.width), dtype=np.float32)
        for side, members in enumerate((~second, second)):
            out[members] = self._kind(2 * number + side, int(members.sum()), rng)
        return out.astype(np.float16), second

    def _kind(self, number: int, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        if self.kinds:
            # other labels of one kind differ by a direction, as kinds that look alike do
            X = self.kinds[number % len(self.kinds)]
            spread = X.std(axis=0)
            turned = np.random.default_rng(number).normal(size=self.width) * spread
            noise = rng.normal(size=(n, self.width)) * spread * NOISE
            return np.maximum(X[rng.integers(0, len(X), n)] + turned + noise, 0)
        centre = np.random.default_rng(number).normal(size=64)
        low = (centre + rng.normal(size=(n, 64)) * 0.7).astype(np.float32)
        return np.maximum(low @ self.axes + 0.3 * rng.normal(size=(n, self.width)), 0)


def write(source: Source, labels: int, file: Path) -> None:
    """Write the labels one after the other."""
    with file.open("wb") as out:
        for number in range(labels):
            source.label(number)[0].tofile(out)


def stage(file: Path, labels: int, items: int, width: int) -> dict[str, Any]:
    """Run the stage as the pipeline does, and time its parts."""
    from embeddings.arrays import StoredRows
    from embeddings.engines import beside, mapper_for
    from embeddings.label_errors import find_label_errors
    from embeddings.pipeline import label_cache
    from embeddings.pipeline.stages.cluster import LabelRows, mapped_and_cut
    from embeddings.projection import whole_map
    from embeddings.records import no_progress
    from embeddings.splits import find_splits

    n = labels * items
    X = StoredRows(file, (n, width), np.float16)
    names = np.repeat([f"label {number:04d}" for number in range(labels)], items)
    keys = [f"{number:08x}" for number in range(n)]
    each = mapper_for(n)
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        seconds[name], clock = now - clock, now
        print(f"  {name}: {seconds[name]:.1f} s", file=sys.stderr, flush=True)

    works = [
        label_cache.LabelWork(
            str(names[at]), np.arange(at, at + items), tuple(keys[at : at + items])
        )
        for at in range(0, n, items)
    ]
    whole = beside(each, partial(whole_map, X, seed=0))
    with tempfile.TemporaryDirectory() as folder:
        outcomes = label_cache.run_parts(
            Path(folder),
            works,
            made_with=label_cache.MadeWith("benchmark", 0),
            task=lambda work: LabelRows(work.label, np.asarray(X[work.rows]), 0),
            work_out=mapped_and_cut,
            progress=no_progress,
            each=each,
        )
    lap("maps and candidates")
    whole()
    lap("whole map, what was left of it")
    report = find_splits(
        X, names, candidates={o.label: o.candidates for o in outcomes.values()}, each=each
    )
    lap("splits")
    find_label_errors(X, names, splits=report, groups=keys)
    lap("label errors")
    found = {f.label: f.is_split for f in report.labels}
    truth = {str(names[k * items]): k % HIDING == 0 for k in range(labels)}
    right = sum(found[label] == hides for label, hides in truth.items())
    stop_workers()
    return {
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "total": round(sum(seconds.values()), 2),
        "verdicts right": round(right / labels, 4),
        "cpu": round(cpu(), 2),
        "peak memory, GiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


def stop_workers() -> None:
    """End the processes that joblib keeps, so that their time is counted."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def cpu() -> float:
    """Return the seconds of processor that this process and those it ended have taken."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def recipe(file: Path, first: int, last: int, items: int, width: int) -> dict[str, Any]:
    """Time ``umap-learn`` and ``hdbscan`` with default settings, label by label."""
    import hdbscan
    import umap

    warnings.simplefilter("ignore")
    X = np.memmap(file, dtype=np.float16, mode="r").reshape(-1, items, width)
    taken, before = [], 0.0
    for number in (first, *range(first, last)):  # the first one compiles, and is not counted
        started = time.perf_counter()
        own = np.asarray(X[number], dtype=np.float32)
        hdbscan.HDBSCAN().fit_predict(umap.UMAP().fit_transform(own))
        taken.append(time.perf_counter() - started)
        before = before or cpu()
    return {"seconds": taken[1:], "cpu": cpu() - before}


def products(items: int, width: int, repeats: int = 5) -> float:
    """Time the products alone that one label needs, on all cores: the limit, s a label.

    All pairs of the label for its map and candidates, all pairs on the shared axes for its own cuts
    and for those of a cloud beside it, the scatter of the shared space and of the two classifiers,
    the rows on the shared axes. Neighbours across labels are not in it: they are a search by trees.
    """
    rng = np.random.default_rng(0)
    X = rng.normal(size=(items, width)).astype(np.float32)
    axes = rng.normal(size=(width, min(width, AXES))).astype(np.float32)
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        X @ X.T
        low = X @ axes
        for _ in range(2):
            low @ low.T
        for _ in range(3):
            X.T @ X
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def apart(**job: Any) -> dict[str, Any]:
    """Do a job in a process of its own, and add what it and its workers held in memory."""
    command = [sys.executable, __file__, "--job", json.dumps(job)]
    # byte code is kept, as an installer leaves it: else every process compiles what it imports
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.5)
        assert process.stdout is not None
        out = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"A job failed: {job}")
    result: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    if job["do"] == "stage":
        result["peak memory with workers, GiB"] = round(peak / 2**30, 2)
    return result


def resident(pid: int) -> int:
    """Return the bytes that a process and all below it hold; 0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return pages * resource.getpagesize() + sum(resident(int(child)) for child in below)


def compared(args: argparse.Namespace, photos: Path | None, folder: Path) -> dict[str, Any]:
    """Measure the stage and the baseline, taking turns."""
    source = Source(args.width, args.items, photos)
    file = folder / "rows.bin"
    write(source, args.labels, file)
    size = {"file": str(file), "items": args.items, "width": source.width}
    cuts = np.linspace(0, args.labels, args.repeats + 1).astype(int).tolist()
    stages, taken, processor = [], [], 0.0
    for first, last in pairwise(cuts):
        stages.append(apart(do="stage", labels=args.labels, **size))
        theirs = apart(do="recipe", first=first, last=last, **size)
        taken += theirs["seconds"]
        processor += theirs["cpu"]
    file.unlink()
    figure = statistics.median(s["total"] for s in stages) / args.labels
    baseline = statistics.median(taken)
    limit = products(args.items, source.width)
    return {
        "figure": round(figure, 3),
        "limit": round(limit, 4),
        "share of the limit": round(limit / figure, 2),
        "baseline": round(baseline, 3),
        "ratio": round(baseline / figure, 2),
        "unit": "s a label",
        "cpu": round(statistics.median(s["cpu"] for s in stages) / args.labels, 3),
        "baseline cpu": round(processor / len(taken), 3),
        "stage": stages,
    }


def grown(args: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Measure the stage with ever more labels."""
    rows = []
    for labels in args.growth:
        source, file = Source(args.width, args.items, None), folder / "rows.bin"
        write(source, labels, file)
        print(f"{labels * args.items:,} items", file=sys.stderr, flush=True)
        result = apart(
            do="stage", labels=labels, file=str(file), items=args.items, width=args.width
        )
        rows.append({"items": labels * args.items, "labels": labels, **result})
        file.unlink()
    return rows


def drawing(rows: list[dict[str, Any]]) -> str:
    """Draw time and memory by items."""
    figures = {"seconds": "total", "peak memory, GiB": "peak memory with workers, GiB"}
    curves = {
        name: [(float(row["items"]), float(row[key])) for row in rows]
        for name, key in figures.items()
    }
    return growth(curves, "items, 1,280 a label")


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--labels", type=int, default=50)
    p.add_argument("--items", type=int, default=1280)
    p.add_argument("--width", type=int, default=1280)
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--whole", action="store_true", help="measure growth up to 1,000 labels")
    p.add_argument("--growth", type=int, nargs="+", default=[8, 50, 200, 1000])
    p.add_argument("--svg", type=Path, help="where the growth is drawn")
    p.add_argument("--folder", type=Path, help="where the embeddings are written meanwhile")
    p.add_argument("--job", help=argparse.SUPPRESS)
    args = p.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if args.job:
        job = json.loads(args.job)
        do, file = job.pop("do"), Path(job.pop("file"))
        print(json.dumps((stage if do == "stage" else recipe)(file, **job)))
        return
    result: dict[str, Any] = {
        "benchmark": "clustering",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "items a label": args.items,
    }
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        if args.whole:
            result["growth"] = grown(args, Path(folder))
            if args.svg is not None:
                args.svg.write_text(drawing(result["growth"]), encoding="utf-8")
        else:
            result["labels"] = args.labels
            result["made up"] = compared(args, None, Path(folder))
            if PHOTOS.is_file():
                result["photos with noise"] = compared(args, PHOTOS, Path(folder))
            else:
                result["photos with noise"] = f"skipped: there is no {PHOTOS.name} in ../shared"
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
