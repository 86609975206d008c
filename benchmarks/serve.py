"""The server over an ImageNet-sized workspace: 1.28 M items, 1,000 labels, 1,280 dimensions.

    python benchmarks/serve.py [--items 1280000] [--labels 1000] [--width 1280] [--readers 20]
                               [--rounds 20] [--think 1.0] [--workspace DIR]

Makes the workspace (drawn thumbnails; synthetic embeddings of several modes a label and of few
true dimensions), serves it with `rosette open`, and lets readers ask over plain HTTP, each on a
connection of its own: open a label, fetch the thumbnails in view, look; open an image with what is
nearest to it, look. Looking takes ``--think`` seconds on average; with ``--think 0`` the queue is
always full. A time is from the request to the last byte of the answer, so it holds the wait for a
thread too. Prints JSON.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import http.client
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from app import make_workspace  # noqa: E402

GALLERY = 200
ANSWERS = 50
IN_VIEW = 40  # thumbnails that a screen shows
BLOCK = 65_536
PAGES = ("/splits", "/map", "/overview", "/confusion", "/review", "/images")
QUERIES = 200  # whose recall is measured against all items
TARGETS = {
    "first_page_s": 3.0,
    "rss_gib": 1.5,
    "label_p95_ms": 150.0,
    "neighbours_p95_ms": 100.0,
    "recall_at_10": 0.95,
    "gallery_200_ms": 150.0,
}
MORE_IS_BETTER = {"recall_at_10"}


def planted(n_items: int, n_labels: int, width: int) -> Callable[[int, int], NDArray[np.float32]]:
    """Return what makes the embeddings of some items.

    Each label has four modes in a space of 64 true dimensions whose spread falls off as in the
    features of a network; items lie around them; a random map takes that to ``width``, is cut off
    below zero, and noise of a tenth is added.
    """
    rng = np.random.default_rng(1)
    spread = (1 / np.sqrt(1 + np.arange(64))).astype(np.float32)
    centres = rng.normal(size=(n_labels, 64)).astype(np.float32) * spread
    modes = centres[:, None] + 0.5 * rng.normal(size=(n_labels, 4, 64)).astype(np.float32) * spread
    mixing = rng.normal(size=(64, width)).astype(np.float32)
    per = n_items // n_labels

    def vectors(start: int, stop: int) -> NDArray[np.float32]:
        own = np.random.default_rng((2, start))
        label = np.arange(start, stop) // per
        latent = modes[label, own.integers(0, 4, stop - start)]
        latent = latent + 0.5 * own.standard_normal(latent.shape, dtype=np.float32) * spread
        out = np.maximum(latent @ mixing, 0)
        noise = own.standard_normal(out.shape, dtype=np.float32)
        return np.asarray(out + 0.1 * out.std() * noise, dtype=np.float32)

    return vectors


class Reader:
    """One browser's connection."""

    def __init__(self, address: str, run: str, seed: int) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=120)
        self._run = run
        self.rng = np.random.default_rng(seed)
        self.times: dict[str, list[float]] = {"label": [], "image": [], "neighbours": []}

    def ask(self, path: str, body: object = None) -> tuple[float, bytes]:
        """Return how long an answer took, in ms, and the answer."""
        headers = {"Content-Type": "application/json"} if body else {}
        began = time.perf_counter()
        self._connection.request(
            "POST" if body else "GET", path, json.dumps(body) if body else None, headers
        )
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return 1000 * (time.perf_counter() - began), content

    def page(self, pathname: str) -> tuple[float, bytes]:
        """Open a page as the browser's script does."""
        outputs = [("main", "children"), ("title", "data"), ("shown", "data")]
        named = [{"id": i, "property": p} for i, p in outputs]
        return self.ask(
            "/_dash-update-component",
            {
                "output": "..main.children...title.data...shown.data..",
                "outputs": named,
                "inputs": [
                    {"id": "url", "property": "data", "value": {"pathname": pathname, "search": ""}}
                ],
                "changedPropIds": ["url.data"],
                "state": [{"id": "shown", "property": "data", "value": ""}],
            },
        )

    def images(self, rows: list[int]) -> float:
        """Fetch thumbnails one after the other; return the time of all."""
        return sum(self.ask(f"/img/{self._run}/{row}")[0] for row in rows)

    def go_round(self, labels: list[str], think: float) -> None:
        """Open a label, look at it, open one of its images, look at that."""
        took, content = self.page(f"/class/{labels[self.rng.integers(len(labels))]}")
        self.times["label"].append(took)
        rows = rows_of(content)
        self.times["image"].append(self.images(rows[:IN_VIEW]) / IN_VIEW)
        time.sleep(self.rng.exponential(think))
        took, _ = self.ask(f"/api/{self._run}/item/{rows[self.rng.integers(len(rows))]}")
        self.times["neighbours"].append(took)
        time.sleep(self.rng.exponential(think))


def rows_of(page: bytes) -> list[int]:
    """Return the rows that the galleries of a label's page hold."""
    found = re.search(rb'"data-items": ?("(?:[^"\\]|\\.)*")', page)
    if found is None:
        raise RuntimeError("the page holds no items")
    return [row for cluster in json.loads(json.loads(found[1])) for row in cluster["rows"]]


def resident(pid: int, what: str) -> float:
    """Return the memory of a process, in GiB: ``VmRSS`` now or ``VmHWM`` at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    return int(found[1]) / 2**20 if found else float("nan")


def computed(pid: int) -> float:
    """Return the CPU seconds that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def recall(workspace: Path) -> dict[str, float]:
    """Compare the index with looking at all, for some items drawn at random."""
    from embeddings.arrays import unit_rows
    from explorer.data import Dataset

    dataset = Dataset(workspace)
    rng = np.random.default_rng(3)
    rows = np.sort(rng.choice(len(dataset), QUERIES, replace=False))
    owns = [dataset.rows_of(dataset.label_of(row)) for row in rows]
    near = [dataset.nearest.near(int(row), own, 10) for row, own in zip(rows, owns, strict=True)]
    frame = dataset.items
    queries = unit_rows(dataset.workspace.embeddings(frame.iloc[rows]))
    alike = np.empty((len(dataset), QUERIES), np.float32)
    for start in range(0, len(dataset), BLOCK):
        block = dataset.workspace.embeddings(frame.iloc[start : start + BLOCK])
        alike[start : start + BLOCK] = unit_rows(block) @ queries.T
    hits = {"anywhere": 0, "outside": 0}
    for place, (row, own) in enumerate(zip(rows, owns, strict=True)):
        scores = alike[:, place]
        scores[row] = -np.inf
        hits["anywhere"] += len({*near[place].anywhere} & {*_top(scores)})
        scores[own] = -np.inf
        hits["outside"] += len({*near[place].outside} & {*_top(scores)})
    return {kind: count / (10 * QUERIES) for kind, count in hits.items()}


def _top(scores: NDArray[np.float32]) -> list[int]:
    return [int(row) for row in np.argpartition(-scores, 10)[:10]]


def serve(workspace: Path, readers: int, rounds: int, think: float) -> dict[str, Any]:
    """Start the server, measure, stop it."""
    command = [sys.executable, "-m", "explorer", "open", str(workspace)]
    command += ["--no-browser", "--port", "0"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[3].split("/")[2]
            run = json.loads((workspace / "workspace.json").read_text())["run_id"]
            one = Reader(address, run, 0)
            one.ask("/")
            shown = one.page("/splits")[1]
            first = time.perf_counter() - began
            seen = [int(row) for row in re.findall(rb"/img/[^/]+/(\d+)", shown)[:6]]
            one.images(seen)
            with_images = time.perf_counter() - began
            first_cpu = computed(server.pid)
            labels = [f"label_{n:03d}" for n in range(len(_classes(workspace)))]
            one.ask(f"/api/{run}/item/0")  # the index is mapped
            for name in labels[:5]:
                one.page(f"/class/{name}")
            alone = [Reader(address, run, 1)]
            _let_read(alone, labels, rounds, 0.0)
            rows = rows_of(one.page(f"/class/{labels[1]}")[1])[:GALLERY]
            galleries = [one.images(rows) for _ in range(5)]
            work = _work(one, server.pid, run, labels, rows)
            crowd = [Reader(address, run, 10 + n) for n in range(readers)]
            _let_read(crowd, labels, rounds, think)
            pages = {path: round(one.page(path)[0]) for path in PAGES for _ in range(2)}
            memory = {w: resident(server.pid, w) for w in ("VmRSS", "VmHWM")}
        finally:
            server.terminate()
    return {
        "first_page_s": round(first, 2),
        "first_page_with_images_s": round(with_images, 2),
        "rss_gib": round(memory["VmHWM"], 2),
        "rss_at_end_gib": round(memory["VmRSS"], 2),
        "gallery_200_ms": round(float(np.median(galleries)), 1),
        "first_page_cpu_s": round(first_cpu, 2),
        **work,
        **_figures(crowd, ""),
        **_figures(alone, "_alone"),
        "pages_ms": pages,
    }


def _work(one: Reader, pid: int, run: str, labels: list[str], rows: list[int]) -> dict[str, float]:
    """Return the CPU time that the server takes for an answer, which no other program lengthens."""
    per = len(rows)
    chosen = one.rng.integers(len(labels), size=ANSWERS)
    acts: dict[str, Callable[[int], object]] = {
        "label": lambda n: one.page(f"/class/{labels[chosen[n]]}"),
        "neighbours": lambda n: one.ask(f"/api/{run}/item/{chosen[n] * per + n}"),
        "gallery_200": lambda n: one.images(rows),
    }
    out = {}
    for name, act in acts.items():
        began = computed(pid)
        times = ANSWERS if name != "gallery_200" else 10
        for n in range(times):
            act(n)
        out[f"{name}_cpu_ms"] = round(1000 * (computed(pid) - began) / times, 1)
    return out


def _classes(workspace: Path) -> Any:
    from embeddings.workspace import Workspace

    return Workspace.open(workspace).classes()


def _let_read(readers: list[Reader], labels: list[str], rounds: int, think: float) -> None:
    def read(reader: Reader) -> None:
        time.sleep(reader.rng.uniform(0, 2 * think))  # they do not all begin at once
        for _ in range(rounds):
            reader.go_round(labels, think)

    with concurrent.futures.ThreadPoolExecutor(len(readers)) as pool:
        list(pool.map(read, readers))


def _figures(readers: list[Reader], name: str) -> dict[str, float]:
    out = {}
    for act in ("label", "image", "neighbours"):
        times = [ms for reader in readers for ms in reader.times[act]]
        for word, share in (("p50", 0.5), ("p95", 0.95)):
            out[f"{act}{name}_{word}_ms"] = round(float(np.quantile(times, share)), 1)
    return out


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--items", type=int, default=1_280_000)
    p.add_argument("--labels", type=int, default=1000)
    p.add_argument("--width", type=int, default=1280)
    p.add_argument("--readers", type=int, default=20)
    p.add_argument("--rounds", type=int, default=20, help="of each reader")
    p.add_argument("--think", type=float, default=1.0, help="seconds between two acts, on average")
    p.add_argument("--workspace", type=Path, help="kept, and used again if it is there")
    p.add_argument("--no-recall", action="store_true")
    a = p.parse_args()
    figures: dict[str, Any] = {}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        workspace = a.workspace or Path(temporary) / "ws"
        if not (workspace / "workspace.json").is_file():
            vectors = planted(a.items, a.labels, a.width)
            make_workspace(workspace, a.items, a.labels, vectors=vectors, width=a.width, shard=512)
        figures["index_s"] = make_index(workspace)
        figures |= serve(workspace, a.readers, a.rounds, a.think)
        if not a.no_recall:
            found = recall(workspace)
            figures |= {"recall_at_10": found["anywhere"]}
            figures |= {"recall_at_10_other_labels": found["outside"]}
    result = {
        "benchmark": "serve",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "load_before": round(load, 1),
        **{k: getattr(a, k) for k in ("items", "labels", "width", "readers", "rounds", "think")},
        "figures": figures,
        "targets": TARGETS,
        "met": {
            name: figures[name] >= target if name in MORE_IS_BETTER else figures[name] <= target
            for name, target in TARGETS.items()
            if name in figures
        },
    }
    print(json.dumps(result, indent=1))


def make_index(workspace: Path) -> float | None:
    """Make the index as a run does; return the CPU seconds it took, None where it was there."""
    from explorer.data import Dataset

    dataset = Dataset(workspace)
    if (dataset.workspace.run_folder / "nearest" / "items.arrow").is_file():
        return None
    began = time.process_time()
    _ = dataset.nearest
    return round(time.process_time() - began, 1)


if __name__ == "__main__":
    main()
