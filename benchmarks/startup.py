"""How long a command takes before it does anything: `--help`, and `report` on a small workspace.

    python benchmarks/startup.py [--workspace WS] [--rounds 15]

Each command is run as a process of its own, in turn with `python -c pass`, which nothing can beat;
byte code is kept, as an installer leaves it, and the first run of each, which writes it, does not
count. Given are medians of wall time and of processor time (user and system): on a machine that
others use the second says what is ours. Without ``--workspace`` one is made of ready-made
embeddings: 600 items, 12 labels. Prints JSON.
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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TARGETS = {"help": 0.4, "report": 1.5}  # s
ITEMS, LABELS, WIDTH = 600, 12, 32


def small_workspace(folder: Path) -> Path:
    """Make embeddings of labels, find what there is in them, and return the workspace."""
    rng = np.random.default_rng(0)
    label = np.arange(ITEMS) % LABELS
    centres = rng.normal(size=(LABELS, WIDTH))
    X = (centres[label] + 0.4 * rng.normal(size=(ITEMS, WIDTH))).astype(np.float32)
    names = np.array([f"label {k:02d}" for k in label])
    files = np.array([f"{name}/{n:04d}.jpg" for n, name in enumerate(names)])
    given = folder / "given.npz"
    np.savez(given, embeddings=X, files=files, labels=names)
    command = [sys.executable, "-m", "explorer", "run", str(given), "-w", str(folder / "ws")]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return folder / "ws"


def timed(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return wall and processor seconds of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used


def measure(workspace: Path, rounds: int, cache: Path) -> dict[str, dict[str, float]]:
    """Return the medians of each command."""
    rosette = [sys.executable, "-m", "explorer"]
    commands = {
        "python": [sys.executable, "-c", "pass"],
        "help": [*rosette, "--help"],
        "report": [*rosette, "report", str(workspace)],
    }
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(cache)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            took = timed(command, environment)
            if turn:
                times[name].append(took)
    return {
        name: {
            "wall_s": round(statistics.median(w for w, _ in took), 3),
            "wall_s_least": round(min(w for w, _ in took), 3),
            "processor_s": round(statistics.median(c for _, c in took), 3),
        }
        for name, took in times.items()
    }


def main() -> None:
    """Measure, and print."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--workspace", type=Path)
    p.add_argument("--rounds", type=int, default=15)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as made:
        workspace = a.workspace or small_workspace(Path(made))
        found = measure(workspace.resolve(), a.rounds, Path(made) / "bytecode")
    result: dict[str, Any] = {
        "benchmark": "startup",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "load": round(os.getloadavg()[0], 1),
        "baseline": found.pop("python"),
    }
    for name, figures in found.items():
        figures["target_wall_s"] = TARGETS[name]
        figures["wall_over_target"] = round(figures["wall_s"] / TARGETS[name], 2)
    print(json.dumps(result | {"commands": found}, indent=1))


if __name__ == "__main__":
    main()
