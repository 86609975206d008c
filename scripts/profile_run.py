"""Where the time of a run goes: stage by stage, then function by function.

    python scripts/profile_run.py [SOURCE] [--model M] [--top 15] [--stats DIR]

SOURCE is what `rosette run` takes; without it the demo's pictures are drawn first. The run goes
into a temporary workspace. Each stage is profiled by cProfile in the thread that runs it; beside
its wall time stands the processor time of all threads, so that a stage whose cores idle is seen.
Work on other threads (decoding, the model) is in that time and not in the functions: for these see
benchmarks/embed.py. ``--stats`` keeps one file per stage for snakeviz or pstats.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def profiled(name: str, stage: Callable[[], object], top: int, stats: Path | None) -> float:
    """Run a stage, print what it cost, and return its wall seconds."""
    profile = cProfile.Profile()
    wall, busy = time.perf_counter(), time.process_time()
    profile.runcall(stage)
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    cores = busy / wall if wall else 0.0
    print(f"\n== {name}: {wall:.1f} s, {busy:.1f} s of processor, {cores:.1f} cores at work")
    text = io.StringIO()
    table = pstats.Stats(profile, stream=text).strip_dirs()
    for order in ("cumulative", "tottime"):
        table.sort_stats(order).print_stats(top)
    lines = [line for line in text.getvalue().splitlines() if line.strip()]
    print("\n".join(lines))
    if stats is not None:
        stats.mkdir(parents=True, exist_ok=True)
        profile.dump_stats(stats / f"{name}.prof")
    return wall


def main() -> None:
    """Profile scan, embed, cluster and report."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("source", nargs="?", type=Path)
    p.add_argument("--model", default="embedded")
    p.add_argument("--top", type=int, default=15)
    p.add_argument("--stats", type=Path)
    a = p.parse_args()

    from embeddings import pipeline
    from embeddings.demo import make_demo
    from embeddings.workspace import Workspace
    from explorer.reports import text_report

    with tempfile.TemporaryDirectory() as made:
        ws = Path(made) / "workspace"
        source = a.source or make_demo(Path(made) / "demo").images
        stages: dict[str, Callable[[], object]] = {
            "scan": lambda: pipeline.scan(source, ws),
            "embed": lambda: pipeline.embed(ws, model=a.model),
            "cluster": lambda: pipeline.cluster(ws),
            "report": lambda: text_report(Workspace.open(ws)),
        }
        took = {name: profiled(name, stage, a.top, a.stats) for name, stage in stages.items()}
        n = len(Workspace.open(ws).items())
    whole = sum(took.values())
    print(f"\n== {n} items in {whole:.1f} s")
    for name, seconds in took.items():
        print(f"{name:>8}  {seconds:6.1f} s  {seconds / whole:4.0%}")


if __name__ == "__main__":
    main()
