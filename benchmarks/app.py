"""The app in a real browser over 100,000 images and 200 labels: how long until a page can be used.

    python benchmarks/app.py [--items 100000] [--labels 200] [--workspace DIR]

Makes a workspace of that size (synthetic maps and embeddings, drawn thumbnails), serves it, and
measures in Chromium, medians of several. Prints JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

WIDTH = 128  # of an embedding
# From the selection to the frame in which its gallery is there.
SELECT_5000 = """async () => {
  const began = performance.now();
  rosette.atlasSelection.replace(Array.from({length: 5000}, (_, i) => i * 7));
  while (document.querySelectorAll('#picked-gallery .t').length < 8)
    await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
TARGETS = {
    "splits_ms": 2000, "label_ms": 700, "select_5000_ms": 300, "payload_mb": 2.5,
}  # fmt: skip


N_PHOTOS = 400


def make_workspace(
    path: Path,
    n_items: int,
    n_labels: int,
    *,
    vectors: Callable[[int, int], Any] | None = None,
    width: int = WIDTH,
    shard: int = 8192,
    photos: Path | None = None,
) -> None:
    """Write a workspace as the pipeline does, with every tenth label split.

    Some ``N_PHOTOS`` of the items, spread evenly, have their files in the folder ``photos``.

    ``vectors(start, stop)`` gives (stop - start, width) float32 embeddings of some items, noise
    where it is left out; ``shard`` is how many contents lie in one file.
    """
    import pandas as pd
    from PIL import Image

    from embeddings import columns as c
    from embeddings.storage import ShardRow, write_thumbnails
    from embeddings.workspace import Info, ModelInfo, Workspace

    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(200):
        out = io.BytesIO()
        noise = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((160, 160), Image.Resampling.BICUBIC).save(out, "JPEG")
        pictures.append(out.getvalue())
    per = n_items // n_labels
    names = [f"label_{n:03d}" for n in range(n_labels)]
    label = np.repeat(names, per)
    n = len(label)
    odd = np.tile(np.arange(per) % 5 == 0, n_labels) & np.repeat(np.arange(n_labels) % 10 == 0, per)
    cluster = odd.astype(np.int32)
    centres = rng.normal(scale=20, size=(n_labels, 2))
    xy = rng.normal(size=(n, 2)).astype(np.float32) + 8 * cluster[:, None]
    whole = (np.repeat(centres, per, axis=0) + rng.normal(size=(n, 2))).astype(np.float32)
    contents = [str(i).encode() for i in range(n)]
    if photos is not None:  # what stands behind the end of a JPEG is not looked at
        real = range(0, n, max(1, n // N_PHOTOS))
        contents = [
            pictures[i % len(pictures)] + contents[i] if i in real else contents[i]
            for i in range(n)
        ]
        for i in real:
            file = photos / label[i] / f"{i:06d}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(contents[i])
    shas = [hashlib.sha256(content).hexdigest() for content in contents]
    items = pd.DataFrame(
        {
            c.FILE: [f"{a}/{i:06d}.jpg" for i, a in enumerate(label)],
            c.LABEL: label, c.CLUSTER: cluster, c.CLUSTER_PROBABILITY: np.float32(1),
            c.SUSPICION: np.where(odd, 0.9, 0.05).astype(np.float32),
            c.SUGGESTED_LABEL: np.where(odd, names[1], None), c.DECISION: "",
            c.X: xy[:, 0], c.Y: xy[:, 1], c.MAP_X: whole[:, 0], c.MAP_Y: whole[:, 1],
            c.TYPICALITY: rng.random(n, dtype=np.float32), c.PREDICTED: None,
            c.PREDICTED_PROBABILITY: np.float32(np.nan), c.SHA256: shas, c.STATUS: c.OK,
            c.REASON: "", c.BYTES: 5000, c.FORMAT: "JPEG", c.WIDTH: np.int32(160),
            c.HEIGHT: np.int32(160), c.GREY: False,
        }
    )  # fmt: skip
    split = np.arange(n_labels) % 10 == 0
    classes = pd.DataFrame(
        {
            c.LABEL: names, c.SIZE: per, c.N_CLUSTERS: 1 + split, c.IS_SPLIT: split,
            c.SPLIT_SCORE: np.where(split, 0.95, 0.05),
            c.VERDICT: np.where(split, "two kinds", "one kind"), c.SPLIT_REASON: "",
            c.EVIDENCE: "All of B sit closest to label_001.",
        }
    ).sort_values(c.SPLIT_SCORE, ascending=False, kind="stable")  # fmt: skip
    rows = []
    for name, is_split in zip(classes[c.LABEL], classes[c.IS_SPLIT], strict=True):
        n_odd = per // 5 if is_split else 0
        rows.append((name, 0, per - n_odd, 0.05, None, 0.0, None, 0.0, 1.0, 0.9, 1.0))
        if n_odd:
            rows.append((name, 1, n_odd, 0.95, names[1], 0.9, names[1], 0.9, 1.0, 0.9, 1.0))
    clusters = pd.DataFrame(
        rows,
        columns=[
            c.LABEL, c.CLUSTER, c.SIZE, c.SUSPICION, c.SUGGESTED_LABEL, c.SUGGESTED_PROBABILITY,
            c.NEAREST_LABEL, c.NEAREST_SIMILARITY, c.OUTSIDE_SHARE, c.GAP, c.STABILITY,
        ],
    )  # fmt: skip
    info = Info(
        source="synthetic", root=str(photos or path), labelled=True, name="synthetic",
        model=ModelInfo("synthetic", "0" * 64, width),
    )  # fmt: skip
    ws = Workspace.create(path, info)
    store = ws.store("0" * 64)
    for number, start in enumerate(range(0, n, shard)):
        part = shas[start : start + shard]
        write_thumbnails(
            path / "thumbnails" / f"{number:06d}.arrow",
            part,
            [pictures[(start + i) % len(pictures)] for i in range(len(part))],
        )
        some = (
            vectors(start, start + len(part))
            if vectors
            else rng.normal(size=(len(part), width)).astype(np.float32)
        )
        store.write(number, [ShardRow(k, v) for k, v in zip(part, some, strict=True)], width)
    ws.write_run("benchmark", {"items": items, "classes": classes, "clusters": clusters})


def measure(url: str, rounds: int) -> dict[str, Any]:
    """Drive Chromium over the pages; times in ms from the act to what it should show."""
    from playwright.sync_api import Page, sync_playwright

    from tests.e2e.conftest import ARGUMENTS, chromium

    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS + sandbox)

        def timed(start: str, act: Callable[[Page], Any], ready: str) -> list[float]:
            times = []
            for _ in range(rounds):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                if start:
                    page.goto(url + start)
                    page.wait_for_selector("#main h1", state="attached")
                    page.wait_for_load_state("networkidle")
                began = page.evaluate("performance.timeOrigin + performance.now()") if start else 0
                act(page)
                page.wait_for_function(ready, polling="raf")
                ended = page.evaluate("performance.timeOrigin + performance.now()")
                zero = began or page.evaluate("performance.timeOrigin")
                times.append(ended - zero)
                page.close()
            return times

        seen = "[...document.querySelectorAll('.card img')].slice(0, 6).every(i => i.complete)"
        splits = timed(
            "", lambda p: p.goto(url + "/"), f"document.querySelector('.card') && {seen}"
        )
        tiles = (
            "document.querySelectorAll('#label-page .vgrid .t').length > 8 && "
            "[...document.querySelectorAll('.vgrid .t img')].slice(0, 8).every(i => i.complete)"
        )
        label = timed("/", lambda p: p.evaluate("rosette.go('/class/label_010')"), tiles)
        chosen = []
        for _ in range(rounds):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(url + "/map")
            page.wait_for_selector("[data-ready]")
            page.wait_for_load_state("networkidle")
            chosen.append(page.evaluate(SELECT_5000))
            page.close()
        page = browser.new_page()
        size = {"bytes": 0}

        def heard(response: Any) -> None:
            if "_dash-component-suites" not in response.url and "/assets/" not in response.url:
                size["bytes"] += len(response.body())

        page.on("response", heard)
        page.goto(url + "/map")
        page.wait_for_selector("[data-ready]")
        page.wait_for_load_state("networkidle")
        browser.close()
    median = statistics.median
    return {
        "splits_ms": round(median(splits)),
        "label_ms": round(median(label)),
        "select_5000_ms": round(median(chosen)),
        "payload_mb": round(size["bytes"] / 1e6, 2),
    }


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--items", type=int, default=100_000)
    p.add_argument("--labels", type=int, default=200)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--workspace", type=Path, help="kept, and used again if it is there")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        workspace = a.workspace or Path(temporary) / "ws"
        if not (workspace / "workspace.json").is_file():
            make_workspace(workspace, a.items, a.labels)
        command = [sys.executable, "-m", "explorer", "open", str(workspace)]
        command += ["--no-browser", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
            assert server.stdout is not None
            url = server.stdout.readline().split()[3].rstrip("/")
            measure(url, 1)  # a warm server
            figures = measure(url, a.rounds)
            server.terminate()
    result = {
        "benchmark": "app",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "items": a.items,
        "labels": a.labels,
        "figures": figures,
        "targets": TARGETS,
        "met": {name: figures[name] <= target for name, target in TARGETS.items()},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
