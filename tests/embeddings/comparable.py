"""Small workspaces with known labels and embeddings, for what reads a run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.storage import ShardRow
from embeddings.workspace import Info, ModelInfo, Workspace


def sha(content: object) -> str:
    """Return the SHA-256 that stands for a content in these tests."""
    return hashlib.sha256(str(content).encode()).hexdigest()


def blobs(
    centres: Sequence[int], *, seed: int = 0, spread: float = 1.0, width: int = 12
) -> NDArray[np.float32]:
    """Return one embedding per entry of ``centres``, around the centre of that number."""
    rng = np.random.default_rng(99)
    places = rng.normal(size=(max(centres) + 1, width)) * 3
    noise = np.random.default_rng(seed).normal(size=(len(centres), width)) * spread
    return (places[list(centres)] + noise).astype(np.float32)


def run_items(
    files: Sequence[str], labels: Sequence[str], contents: Sequence[object], **extra: object
) -> pd.DataFrame:
    """Return the items frame of a run."""
    n = len(files)
    columns: dict[str, object] = {
        c.FILE: list(files),
        c.LABEL: list(labels),
        c.CLUSTER: np.zeros(n, dtype=np.int32),
        c.SUSPICION: np.zeros(n, dtype=np.float32),
        c.SUGGESTED_LABEL: [None] * n,
        c.DECISION: [""] * n,
        c.PREDICTED: [None] * n,
        c.SHA256: [sha(content) for content in contents],
        c.STATUS: [c.OK] * n,
        c.WIDTH: [64] * n,
        c.HEIGHT: [64] * n,
        c.GREY: [False] * n,
    }
    return pd.DataFrame(columns | extra)


def clusters_of(rows: Sequence[tuple[str, int, float]]) -> pd.DataFrame:
    """Return a clusters frame of (label, cluster, suspicion)."""
    return pd.DataFrame(rows, columns=[c.LABEL, c.CLUSTER, c.SUSPICION])


def workspace(
    folder: Path,
    items: pd.DataFrame,
    X: NDArray[np.float32],
    *,
    scores: Mapping[str, float] | None = None,
    clusters: pd.DataFrame | None = None,
    model: str = "m1",
    run_id: str = "run1",
) -> Workspace:
    """Write a workspace with one finished run; rows of ``X`` with NaN are left without any."""
    info = ModelInfo(model, sha(model), X.shape[1])
    ws = Workspace.create(folder, Info("src", "src", True, "src", model=info))
    rows = {
        key: ShardRow(key, row)
        for key, row in zip(items[c.SHA256], X, strict=True)
        if np.isfinite(row).all()
    }
    ws.store(info.fingerprint).write(0, list(rows.values()), X.shape[1])
    scored = dict.fromkeys(items[c.LABEL], 0.0) | dict(scores or {})
    classes = pd.DataFrame(
        [(label, score, score >= 0.5) for label, score in scored.items()],
        columns=[c.LABEL, c.SPLIT_SCORE, c.IS_SPLIT],
    )
    frames = {"items": items, "classes": classes, "clusters": clusters}
    frames["clusters"] = clusters_of([]) if clusters is None else clusters
    ws.write_run(run_id, frames)
    return ws
