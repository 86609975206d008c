"""How fast decisions are kept: eight writers at once, and a large store, on both databases.

    python benchmarks/decisions.py [--writers 8] [--decisions 1000] [--large 200000] [--out FILE]
    python benchmarks/decisions.py --postgres postgresql+psycopg://user:password@host/empty

Every writer is a process of its own with no pause between decisions, so the time of a decision
holds the wait for the seven others. Each decision is one transaction, on the disk when it is
counted, with the check for conflicts. Afterwards the log is compared with what the writers were
told (every position once), and with itself.

Prints JSON; seconds are wall-clock. PostgreSQL is a server started here with its default,
durable settings; a machine without its programs gets one line that says so.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.embeddings.store.postgres import (  # noqa: E402
    NoServerError,
    own_schema,
    running_server,
)

from embeddings.decisions import Item, open_store  # noqa: E402

CLUSTER = 5_000  # items in one action


def write(
    target: str, name: str, count: int, ready: Any, results: Any
) -> None:  # a process: its arguments are of multiprocessing
    """Decide ``count`` times, and report (position, seconds) of each."""
    store = open_store(target)
    store.position()
    items = [Item(f"{name}/{number}.jpg", "jaguar") for number in range(count)]
    told = []
    ready.wait()
    seen = 0
    for item in items:
        begun = time.perf_counter()
        receipt = store.decide([item], "relabel", to_label="car", reviewer=name, expected=seen)
        told.append((receipt.position, time.perf_counter() - begun))
        seen = receipt.position
    store.close()
    results.put(told)


def many_writers(target: str, writers: int, count: int) -> dict[str, Any]:
    """Let ``writers`` processes decide at once."""
    open_store(target).close()
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(writers + 1, timeout=120), context.Queue()
    processes = [
        context.Process(target=write, args=(target, f"writer {n}", count, ready, results))
        for n in range(writers)
    ]
    for process in processes:
        process.start()
    ready.wait()
    begun = time.perf_counter()
    told = [pair for _ in processes for pair in results.get(timeout=600)]
    seconds = time.perf_counter() - begun
    for process in processes:
        process.join()
    with open_store(target) as store:
        decided = len(store.current())
        lost = writers * count - decided
        problems = store.problems()
    p50, p95, p99 = np.percentile([s for _, s in told], [50, 95, 99]) * 1000
    return {
        "writers": writers,
        "decisions_each": count,
        "in_the_log": decided,
        "lost": lost,
        "positions_once_each": sorted(p for p, _ in told) == list(range(1, len(told) + 1)),
        "problems": list(problems),
        "seconds": round(seconds, 2),
        "decisions_per_s": round(len(told) / seconds),
        "p50_ms": round(float(p50), 2),
        "p95_ms": round(float(p95), 2),
        "p99_ms": round(float(p99), 2),
        "max_ms": round(max(s for _, s in told) * 1000, 2),
    }


def large_store(target: str, size: int) -> dict[str, Any]:
    """Time what a reviewer waits for, where ``size`` items are decided on already."""
    with open_store(target) as store:
        begun = time.perf_counter()
        for start in range(0, size, CLUSTER):
            store.decide(cluster(start), "relabel", to_label="car", reviewer="Mara")
        filled = time.perf_counter() - begun
        seen = store.position()
        one = [Item("one.jpg", "jaguar")]
        return {
            "items": size,
            "items_in_one_action": CLUSTER,
            "filled_s": round(filled, 2),
            "seconds": {
                "decide on one item": timed(
                    lambda: store.decide(one, "keep", reviewer="Ole", expected=seen)
                ),
                "decide on a cluster": timed(
                    lambda: store.decide(cluster(0), "remove", reviewer="Mara", expected=seen)
                ),
                "undo it": timed(lambda: store.undo("Mara")),
                "redo it": timed(lambda: store.redo("Mara")),
                "what changed since": timed(lambda: store.since(seen)),
                "all current decisions": timed(store.current),
                "progress": timed(store.progress),
                "history of 100": timed(store.history),
                "is anything new": timed(store.position),
                "open the store": timed(lambda: reopened(target)),
            },
            "problems": list(store.problems()),
        }


def cluster(start: int) -> list[Item]:
    """Return the items of one action."""
    return [Item(f"jaguar/{n}.jpg", "jaguar") for n in range(start, start + CLUSTER)]


def reopened(target: str) -> None:
    """Open a store and close it."""
    open_store(target).close()


def timed(do: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begun = time.perf_counter()
    do()
    return round(time.perf_counter() - begun, 4)


def measured(new_target: Callable[[str], str], args: argparse.Namespace) -> dict[str, Any]:
    """Measure one database."""
    return {
        "at_once": many_writers(new_target("at_once"), args.writers, args.decisions),
        "large": large_store(new_target("large"), args.large),
    }


def on_sqlite(args: argparse.Namespace) -> dict[str, Any]:
    """Measure SQLite, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="rosette-") as folder:

        def new_target(name: str) -> str:
            (Path(folder) / name).mkdir()
            return str(Path(folder) / name)

        return measured(new_target, args)


def on_postgres(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the PostgreSQL given, or one started here, each measurement in its own schema."""
    if args.postgres:
        run = f"rosette_{int(time.time())}"
        return measured(lambda name: own_schema(args.postgres, f"{run}_{name}"), args)
    with running_server() as server:
        return measured(lambda name: own_schema(server, name), args)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--decisions", type=int, default=1000, help="of each writer")
    parser.add_argument("--large", type=int, default=200_000, help="items in the large store")
    parser.add_argument("--postgres", help="URL of a database to measure instead of our own server")
    parser.add_argument("--out", type=Path, help="write the JSON there as well")
    args = parser.parse_args()
    result: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}",
        "sqlite": on_sqlite(args),
    }
    missing = ""
    try:
        result["postgresql"] = on_postgres(args)
    except NoServerError as reason:
        missing = f"PostgreSQL is not measured: {reason}."
        result["postgresql"] = None
    text = json.dumps(result, indent=1, ensure_ascii=False)
    print(text)
    if args.out:
        args.out.write_text(text + "\n", encoding="utf-8")
    if missing:
        print(missing, file=sys.stderr)


if __name__ == "__main__":
    main()
