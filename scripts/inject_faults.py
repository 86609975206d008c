"""Kill a run of the pipeline at random moments, and see what the next run makes of it.

    python scripts/inject_faults.py [--moments 50] [--seed 0] [--writes] [--out FILE]

Draws a small data set, runs it once undisturbed, then again and again, each time in a fresh
workspace whose decision store holds decisions, and with ``kill -9`` after a random share of the
time that the undisturbed run took; every third is killed a second time while it goes on. With
``--writes`` also at each write to the disk: before it, with the temporary file there, and after
the rename.

After each kill: the lock is free, what the workspace says can be read, the store has every decision
and agrees with its own log, the next run ends with the same bytes as the undisturbed one, and
leaves nothing behind. Prints JSON; the exit code is 1 where anything was lost.

Each run is a fork of one process that has run once, so that the moments fall into the run and not
into the loading and compiling of libraries.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from embeddings import pipeline  # noqa: E402
from embeddings.decisions import Item, open_store  # noqa: E402
from embeddings.errors import RosetteError  # noqa: E402
from embeddings.pipeline import shard_writer  # noqa: E402
from embeddings.records import Batch  # noqa: E402
from embeddings.storage import atomic as files  # noqa: E402
from embeddings.storage import lock_folder  # noqa: E402
from embeddings.workspace import Workspace  # noqa: E402

DECIDED = 5
SHARD = 16  # small, so that a small data set has several


class Colours:
    """An extractor that takes no time to load: the mean colour of each sixteenth of an image."""

    name = "colours"
    fingerprint = "c0105" * 8
    input_size = 32
    width = 48
    classes = ("dark", "bright")
    notes = ("A note of the model.",)

    def extract(self, images: np.ndarray) -> Batch:
        """Return (n, 48) float32."""
        x = images.astype(np.float32) / 255
        parts = x.reshape(len(x), 4, 8, 4, 8, 3).mean(axis=(2, 4)).reshape(len(x), -1)
        bright = x.mean(axis=(1, 2, 3))
        return Batch(parts, np.stack([1 - bright, bright], axis=1))


def draw(root: Path, labels: int = 4, each: int = 24) -> None:
    """Draw a data set in which every second label has two kinds; one file is cut short."""
    rng = np.random.default_rng(0)
    for n in range(labels):
        folder = root / f"label {n}"
        folder.mkdir(parents=True)
        kinds = rng.integers(0, 256, (2, 4, 4, 3))
        for i in range(each):
            kind = kinds[1 if n % 2 and i % 3 == 0 else 0]
            pixels = np.kron(kind, np.ones((8, 8, 1))) + rng.normal(0, 12, (32, 32, 3))
            Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / f"{i:03d}.png")
    cut = root / "label 0" / "cut.png"
    cut.write_bytes((root / "label 0" / "000.png").read_bytes()[:60])


def whole_run(images: Path, workspace: Path) -> None:
    """Run everything."""
    shard_writer.SHARD_SIZE = SHARD
    pipeline.run(images, workspace, model=Colours(), batch_size=8)


def forked(work: Callable[[], object]) -> int:
    """Begin ``work`` in a fork of this process; return its process id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except RosetteError as error:
        sys.stderr.write(f"{error}\n")
        os._exit(1)
    except BaseException:  # a fork must never return into what called it
        import traceback

        traceback.print_exc()
        os._exit(70)


def ended(child: int) -> int:
    """Wait for a process; return its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_after(child: int, seconds: float) -> bool:
    """Kill a process after so long; False where it had ended by itself."""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)  # one that has ended waits to be asked for, so this is safe
    return ended(child) == -signal.SIGKILL


def tree(workspace: Path) -> dict[str, bytes]:
    """Return what the pipeline wrote, by path; the decisions and the log are not its own."""
    return {
        str(p.relative_to(workspace)): p.read_bytes()
        for p in sorted(workspace.rglob("*"))
        if p.is_file()
        and p.name != files.LOCK_FILE
        and not p.name.startswith("decisions.sqlite")
        and "logs" not in p.parts
    }


def decide(workspace: Path) -> None:
    """Keep some decisions in a workspace, made where it is missing."""
    workspace.mkdir(parents=True, exist_ok=True)
    with open_store(workspace) as store:
        for n in range(DECIDED):
            store.decide([Item(f"label 0/{n:03d}.png", "label 0")], "keep", reviewer="Mara")


def wrong_now(workspace: Path) -> list[str]:
    """Return what is wrong with a workspace whose run was killed: nothing should be."""
    said = []
    try:
        with lock_folder(workspace):
            pass
    except RosetteError:
        said.append("a dead process holds the lock")
    try:
        if Workspace.exists(workspace):
            ws = Workspace.open(workspace)
            if (workspace / "manifest.parquet").is_file():
                ws.manifest()
            if ws.info.run_id is not None:
                ws.items(), ws.classes(), ws.clusters()
                ws.embeddings(ws.items())
    except Exception as error:  # whatever it is, it is what we look for
        said.append(f"the workspace can't be read: {type(error).__name__}: {error}")
    with open_store(workspace) as store:
        if (there := len(store.current())) != DECIDED:
            said.append(f"{DECIDED - there} decisions are lost")
        said += store.problems()
    return said


def wrong_after(workspace: Path, images: Path, wanted: dict[str, bytes]) -> list[str]:
    """Run again, and return in what the workspace differs from an undisturbed one."""
    if (code := ended(forked(lambda: whole_run(images, workspace)))) != 0:
        return [f"the next run ended with {code}"]
    found = tree(workspace)
    said = [f"{name} is missing" for name in wanted.keys() - found.keys()]
    said += [f"{name} is left over" for name in found.keys() - wanted.keys()]
    said += [f"{name} differs" for name in wanted.keys() & found if wanted[name] != found[name]]
    return said + wrong_now(workspace)


@contextmanager
def killing_at(step: int) -> Iterator[None]:
    """Kill this process at its ``step``-th step of writing; three steps are one file."""
    original, left = files.atomic_path, [step]

    def counted() -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def atomic_path(target: Path) -> Iterator[Path]:
        counted()
        with original(target) as temporary:
            yield temporary
            counted()
        counted()

    files.atomic_path = atomic_path
    try:
        yield
    finally:
        files.atomic_path = original


def run_killed_at(images: Path, workspace: Path, step: int) -> None:
    """Run everything, but for being killed at a step of writing."""
    with killing_at(step):
        whole_run(images, workspace)


def stage_of(workspace: Path) -> str:
    """Say how far a killed run had come, from what lies in its folder."""
    if (workspace / "runs").is_dir():
        return "rank, writing the run"
    if (workspace / "labels").is_dir():
        return "cluster or rank"
    if (workspace / "embeddings").is_dir():
        return "embed or cluster"
    return "scan or embed" if Workspace.exists(workspace) else "scan"


def at_moments(
    folder: Path, images: Path, wanted: dict[str, bytes], seconds: float, moments: int, seed: int
) -> dict[str, Any]:
    """Kill at random moments; return the figures."""
    rng = random.Random(seed)
    killed, stages, wrong = 0, Counter[str](), []
    for n in range(moments):
        workspace = folder / f"moment-{n}"
        decide(workspace)
        for _ in range(2 if n % 3 == 0 else 1):
            moment = rng.uniform(0, seconds)
            child = forked(lambda at=workspace: whole_run(images, at))
            killed += killed_after(child, moment)
            stages[stage_of(workspace)] += 1
            wrong += [f"moment {n} ({moment:.2f} s): {w}" for w in wrong_now(workspace)]
        wrong += [f"moment {n}: after: {w}" for w in wrong_after(workspace, images, wanted)]
    return {"moments": moments, "killed": killed, "how_far": dict(stages), "wrong": wrong}


def at_writes(
    folder: Path, images: Path, wanted: dict[str, bytes], every: int = 1
) -> dict[str, Any]:
    """Kill at each ``every``-th step of writing until a run has no more; return the figures."""
    killed, step, wrong = 0, 0, []
    while True:
        workspace = folder / f"write-{step}"
        decide(workspace)
        child = forked(lambda at=workspace, n=step: run_killed_at(images, at, n))
        if ended(child) != -signal.SIGKILL:
            return {"killed": killed, "wrong": wrong}
        killed += 1
        wrong += [f"step {step}: {w}" for w in wrong_now(workspace)]
        wrong += [f"step {step}: after: {w}" for w in wrong_after(workspace, images, wanted)]
        step += every


def main() -> None:
    """Kill, look, print."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--moments", type=int, default=50)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--writes", action="store_true", help="also at each write to the disk")
    p.add_argument("--every", type=int, default=1, help="of the steps of writing, each n-th only")
    p.add_argument("--out", type=Path)
    a = p.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"], os.environ["GRPC_VERBOSITY"] = "3", "ERROR"
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["NUMBA_THREADING_LAYER"] = "workqueue"  # the other layers do not outlive a fork
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        images = folder / "photos"
        draw(images)
        whole_run(images, folder / "loading")
        times = []
        for n in range(3):
            began = time.monotonic()
            assert ended(forked(lambda n=n: whole_run(images, folder / f"whole-{n}"))) == 0
            times.append(time.monotonic() - began)
        wanted = tree(folder / "whole-0")
        assert wanted == tree(folder / "whole-1"), "two undisturbed runs differ"
        seconds = statistics.median(times)
        result: dict[str, Any] = {
            "program": "inject_faults",
            "undisturbed_s": round(seconds, 2),
            "random": at_moments(folder, images, wanted, seconds, a.moments, a.seed),
        }
        if a.writes:
            result["writes"] = at_writes(folder, images, wanted, a.every)
    text = json.dumps(result, indent=1)
    if a.out:
        a.out.write_text(text + "\n", encoding="utf-8")
    print(text)
    wrong = result["random"]["wrong"] + result.get("writes", {}).get("wrong", [])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
