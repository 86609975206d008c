"""Small real pictures in folders, and a workspace over them, without a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from embeddings import columns as c
from embeddings.pipeline import scan
from embeddings.storage import ShardRow, write_thumbnails
from embeddings.workspace import ModelInfo, Workspace

FINGERPRINT = "f" * 64
WIDTH = 2


def make_photo(file: Path, number: int) -> Path:
    """Write a small picture that has only this number's colour."""
    file.parent.mkdir(parents=True, exist_ok=True)
    colour = (number * 37 % 256, number * 91 % 256, number // 256 % 256)
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return file


def make_photos(root: Path, **labels: int) -> Path:
    """Write so many pictures of each label, all different."""
    number = 0
    for label, count in labels.items():
        for n in range(count):
            make_photo(root / label / f"{n}.png", number)
            number += 1
    return root


def photo_workspace(root: Path, path: Path) -> Workspace:
    """Scan the pictures, and write a run over them as a pipeline would, with made-up findings."""
    ws = scan(root, path)
    model = ModelInfo("made up", FINGERPRINT, WIDTH)
    ws.update(model=model)
    return write_run(ws)


def write_run(ws: Workspace) -> Workspace:
    """Make what the last scan saw the current run."""
    items = ws.manifest()
    n = len(items)
    items = items.assign(
        **{
            c.CLUSTER: 0,
            c.CLUSTER_PROBABILITY: 1.0,
            c.SUSPICION: 0.0,
            c.SUGGESTED_LABEL: pd.Series([None] * n, dtype=object),
            c.DECISION: "",
            c.X: np.arange(n, dtype=np.float32),
            c.Y: np.zeros(n, np.float32),
            c.MAP_X: np.arange(n, dtype=np.float32),
            c.MAP_Y: np.zeros(n, np.float32),
            c.TYPICALITY: 1.0,
        }
    )
    sizes = items[c.LABEL].value_counts()
    classes = pd.DataFrame(
        {
            c.LABEL: sizes.index.astype(str),
            c.SIZE: sizes.to_numpy(),
            c.N_CLUSTERS: 1,
            c.SPLIT_SCORE: 0.0,
            c.IS_SPLIT: False,
            c.VERDICT: "one kind",
            c.SPLIT_REASON: "",
            c.EVIDENCE: "",
        }
    )
    clusters = pd.DataFrame(
        {
            c.LABEL: sizes.index.astype(str),
            c.CLUSTER: 0,
            c.SIZE: sizes.to_numpy(),
            c.SUSPICION: 0.0,
            c.SUGGESTED_LABEL: pd.Series([None] * len(sizes), dtype=object),
            c.SUGGESTED_PROBABILITY: 0.0,
            c.NEAREST_LABEL: pd.Series([None] * len(sizes), dtype=object),
            c.NEAREST_SIMILARITY: 0.0,
            c.OUTSIDE_SHARE: 0.0,
            c.GAP: 0.0,
            c.STABILITY: 1.0,
        }
    )
    _embed(ws, items)
    number = int((ws.info.run_id or "run0").removeprefix("run")) + 1
    ws.write_run(f"run{number}", {"items": items, "classes": classes, "clusters": clusters})
    return ws


def _embed(ws: Workspace, items: pd.DataFrame) -> None:
    store = ws.store(FINGERPRINT)
    fresh = items[~items[c.SHA256].isin(store.done()) & (items[c.SHA256].fillna("") != "")]
    fresh = fresh.drop_duplicates(c.SHA256)
    if not len(fresh):
        return
    shas = [str(sha) for sha in fresh[c.SHA256]]
    rows = [ShardRow(sha, np.array([int(sha[:4], 16) / 65536, 1], np.float32)) for sha in shas]
    number = store.next_number()
    store.write(number, rows, WIDTH)
    pictures = [(Path(ws.info.root) / str(file)).read_bytes() for file in fresh[c.FILE]]
    write_thumbnails(ws.path / "thumbnails" / f"{number:06d}.arrow", shas, pictures)
